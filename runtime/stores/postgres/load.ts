// Runs as one statement, and so each as one version: its row, its messages and its parts, as rows of different kinds.

import type { StoredRun } from "../../store.ts";
import { type Row, runColumnNames, storedRun } from "../rows.ts";
import type { LeaseNow } from "./clock.ts";
import type { Query } from "./connection.ts";
import { columnsOf } from "./find.ts";
import type { Names } from "./names.ts";
import { type Columns, Parameters } from "./source.ts";

export interface Asked {
  readonly id: string;
  readonly eventId: string | undefined;
  /** The texts that are needed. */
  readonly only: readonly string[] | undefined;
}

export interface LoadQuery {
  readonly query: Query;
  /** In the order of what is asked. */
  read(rows: readonly Row[]): (StoredRun | undefined)[];
}

/** Those that are alike are loaded together. */
export function kindOf({ eventId, only }: Asked): string {
  return `${eventId === undefined ? "" : "event "}${only?.join("/")}`;
}

const columns: Columns<Asked> = { id: ["text", ({ id }) => id], event_id: ["text", ({ eventId }) => eventId] };

export function loadQuery({ of }: Names, leaseNow: LeaseNow, asked: readonly Asked[], now: number, isStable: boolean): LoadQuery {
  const [{ eventId, only } = { eventId: undefined, only: undefined }] = asked;
  const parameters = new Parameters();
  const seen = eventId === undefined ? "false" : `exists (select 1 from ${of("seen")} s where s.run = r.place and s.event_id = c.event_id)`;
  const frame = only?.includes("frame") === false ? "''::bytea" : "r.frame";
  const named = only === undefined ? "" : ` and split_part(coalesce(p.key, substr(p.name, 2)), '/', 1) = any(${parameters.add(only, "text[]")})`;
  const nothing = runColumnNames.map(() => "null").join(", ");
  const text = `with c as materialized (${parameters.source(asked, columns)}),
    r as materialized (select c.ord, x.* from c cross join lateral (select ${columnsOf(leaseNow, parameters.add(now, "bigint"))}, ${frame} as frame, r.parted, ${seen} as seen
      from ${of("run")} r left join ${of("wake")} w on w.run = r.place where r.id = c.id) x)
    select 'run' as what, ord, ${runColumnNames.join(", ")}, lease_now, convert_from(frame, 'UTF8') as frame, seen, null::bigint as seq, null::text as kind, null::text as event_id, null::text as body, null::bigint as at from r
    union all select 'message', ord, ${nothing}, null, null, null, i.seq, i.kind, i.event_id, i.body, i.at from r join ${of("inbox")} i on i.run = r.place where r.delivered > 0
    union all select 'part', ord, ${nothing}, null, null, null, null, coalesce(p.key, substr(p.name, 2)), null, convert_from(p.body, 'UTF8'), null from r join ${of("part")} p on p.run = r.place where r.parted${named}`;
  return {
    query: parameters.query(text, isStable || asked.length === 1),
    read(rows) {
      const byRun = asked.map((): Row[] => []);
      for (const row of rows) byRun[Number(row["ord"])]?.push(row);
      return byRun.map((own) => loaded(own, now));
    },
  };
}

function loaded(rows: readonly Row[], now: number): StoredRun | undefined {
  const run = rows.find((row) => row["what"] === "run");
  if (run === undefined) return undefined;
  const of = (what: string): Row[] => (rows.length === 1 ? [] : rows.filter((row) => row["what"] === what));
  const inbox = of("message").sort((a, b) => Number(a["seq"]) - Number(b["seq"]));
  return storedRun(inCallersTime(run, now), inbox, of("part").map(({ kind, body }) => ({ key: kind, body })), run["seen"] === true);
}

/** The end of a lease is in the database's time, and is asked for in the caller's. */
export function inCallersTime(row: Row, now: number): Row {
  const { wake_at: at, wake_owner: owner, lease_now: then } = row as { wake_at: number | null; wake_owner: string | null; lease_now: number };
  return at === null || owner === null ? row : { ...row, wake_at: at - then + now };
}
