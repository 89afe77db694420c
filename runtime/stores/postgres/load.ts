// A run as one statement, and so as one version: its row, its messages and its parts, as rows of different kinds.

import type { StoredRun } from "../../store.ts";
import { type Row, runColumnNames, storedRun } from "../rows.ts";
import type { LeaseNow } from "./clock.ts";
import type { Query } from "./connection.ts";
import { columnsOf } from "./find.ts";
import type { Names } from "./names.ts";
import { Parameters } from "./source.ts";

interface Asked {
  readonly id: string;
  readonly eventId: string | undefined;
  /** The texts that are needed. */
  readonly only: readonly string[] | undefined;
}

export function loadQuery({ of }: Names, leaseNow: LeaseNow, { id, eventId, only }: Asked, now: number): Query {
  const parameters = new Parameters();
  const [idSql, nowSql] = [parameters.add(id, "text"), parameters.add(now, "bigint")];
  const seen = eventId === undefined ? "false" : `exists (select 1 from ${of("seen")} where run = r.place and event_id = ${parameters.add(eventId, "text")})`;
  const frame = only?.includes("frame") === false ? "''::bytea" : "r.frame";
  const named = only === undefined ? "" : ` and split_part(coalesce(p.key, substr(p.name, 2)), '/', 1) = any(${parameters.add(only, "text[]")})`;
  const nothing = runColumnNames.map(() => "null").join(", ");
  const text = `with r as materialized (select ${columnsOf(leaseNow, nowSql)}, ${frame} as frame, r.parted, ${seen} as seen
      from ${of("run")} r left join ${of("wake")} w on w.run = r.place where r.id = ${idSql})
    select 'run' as what, ${runColumnNames.join(", ")}, lease_now, convert_from(frame, 'UTF8') as frame, seen, null::bigint as seq, null::text as kind, null::text as event_id, null::text as body, null::bigint as at from r
    union all select 'message', ${nothing}, null, null, null, i.seq, i.kind, i.event_id, i.body, i.at from r join ${of("inbox")} i on i.run = r.place where r.delivered > 0
    union all select 'part', ${nothing}, null, null, null, null, coalesce(p.key, substr(p.name, 2)), null, convert_from(p.body, 'UTF8'), null from r join ${of("part")} p on p.run = r.place where r.parted${named}`;
  return parameters.query(text, true);
}

export function loaded(rows: readonly Row[], now: number): StoredRun | undefined {
  const of = (what: string): Row[] => rows.filter((row) => row["what"] === what);
  const [run] = of("run");
  if (run === undefined) return undefined;
  const inbox = of("message").sort((a, b) => Number(a["seq"]) - Number(b["seq"]));
  return storedRun(inCallersTime(run, now), inbox, of("part").map(({ kind, body }) => ({ key: kind, body })), run["seen"] === true);
}

/** The end of a lease is in the database's time, and is asked for in the caller's. */
export function inCallersTime(row: Row, now: number): Row {
  const { wake_at: at, wake_owner: owner, lease_now: then } = row as { wake_at: number | null; wake_owner: string | null; lease_now: number };
  return at === null || owner === null ? row : { ...row, wake_at: at - then + now };
}
