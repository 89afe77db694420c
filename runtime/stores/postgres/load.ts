// Runs, each as one version: its row and its messages are one statement; a run whose texts are in parts is read once more, its row and its
// parts by one statement too. Most runs have none, and a statement that looks for them costs twice what one that does not costs.

import type { StoredRun } from "../../store.ts";
import { type Row, runColumnNames, storedRun } from "../rows.ts";
import type { LeaseNow } from "./clock.ts";
import type { Query } from "./connection.ts";
import { columnsOf } from "./find.ts";
import type { Names } from "./names.ts";
import { type Digest, hasDigest } from "./seen.ts";
import { type Columns, Parameters } from "./source.ts";

export interface Asked {
  readonly id: string;
  /** Of the event id that is asked about. */
  readonly digest: Digest | undefined;
  /** The texts that are needed. */
  readonly only: readonly string[] | undefined;
}

/** Those that are alike are loaded together. */
export function kindOf({ digest, only }: Asked): string {
  return `${digest === undefined ? "" : "event "}${only?.join("/")}`;
}

const columns: Columns<Asked> = { id: ["text", ({ id }) => id] };
const columnsOfEvents: Columns<Asked> = {
  ...columns,
  digest: ["uuid", ({ digest }) => digest?.uuid],
  buckets: ["text", ({ digest }) => digest?.buckets],
};

/** Their rows, with what was asked of each: `ord`. */
export function rowsQuery(names: Names, leaseNow: LeaseNow, asked: readonly Asked[], now: number, isStable: boolean): Query {
  const parameters = new Parameters();
  return parameters.query(rowsText(names, leaseNow, asked, now, parameters), isStable || asked.length === 1);
}

/** The same rows, and for each part one more. */
export function partsQuery(names: Names, leaseNow: LeaseNow, asked: readonly Asked[], now: number, isStable: boolean): Query {
  const parameters = new Parameters();
  const only = asked[0]?.only;
  const named = only === undefined ? "" : ` and split_part(coalesce(p.key, substr(p.name, 2)), '/', 1) = any(${parameters.add(only, "text[]")})`;
  const own = ["lease_now", "frame", "save_token", "parted", "seen", "letters"];
  const nothing = [...runColumnNames, ...own].map(() => "null").join(", ");
  const text = `with r as materialized (${rowsText(names, leaseNow, asked, now, parameters)})
    select 'run' as what, ord, ${[...runColumnNames, ...own].join(", ")}, null::text as key, null::text as body from r
    union all select 'part', ord, ${nothing}, coalesce(p.key, substr(p.name, 2)), convert_from(p.body, 'UTF8') from r join ${names.of("part")} p on p.run = r.place where r.parted${named}`;
  return parameters.query(text, isStable || asked.length === 1);
}

function rowsText({ of }: Names, leaseNow: LeaseNow, asked: readonly Asked[], now: number, parameters: Parameters): string {
  const [{ digest, only } = { digest: undefined, only: undefined }] = asked;
  const seen = digest === undefined ? "false" : hasDigest({ of }, "r.place", "c");
  const frame = only?.includes("frame") === false ? "''" : "convert_from(r.frame, 'UTF8')";
  const letter = ["seq", "kind", "event_id", "body", "at"].map((name) => `'${name}', i.${name}`).join(", ");
  return `select c.ord, ${columnsOf(leaseNow, parameters.add(now, "bigint"))}, ${frame} as frame, r.save_token, r.parted, ${seen} as seen,
      case when r.delivered > 0 then (select json_agg(json_build_object(${letter}) order by i.seq) from ${of("inbox")} i where i.run = r.place)::text end as letters
    from (${parameters.source(asked, digest === undefined ? columns : columnsOfEvents)}) c
    cross join lateral (select * from ${of("run")} where id = c.id offset 0) r left join lateral (select at, owner, attempt from ${of("wake")} where run = r.place offset 0) w on true`;
}

/** In the order of what is asked. */
export function rowsOf(asked: readonly Asked[], rows: readonly Row[]): (Row | undefined)[] {
  const found = new Map(rows.filter(({ what = "run" }) => what === "run").map((row) => [Number(row["ord"]), row]));
  return asked.map((_, at) => found.get(at));
}

export function hasParts(row: Row, { only }: Asked): boolean {
  return row["parted"] === true && only?.length !== 0;
}

export function loaded(row: Row, parts: StoredRun["parts"], now: number): StoredRun {
  const letters = row["letters"] as string | null;
  return storedRun(inCallersTime(row, now), letters === null ? [] : JSON.parse(letters) as Row[], parts, row["seen"] === true);
}

/** The end of a lease is in the database's time, and is asked for in the caller's. */
export function inCallersTime(row: Row, now: number): Row {
  const { wake_at: at, wake_owner: owner, lease_now: then } = row as { wake_at: number | null; wake_owner: string | null; lease_now: number };
  return at === null || owner === null ? row : { ...row, wake_at: at - then + now };
}
