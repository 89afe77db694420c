// Deliveries as one statement. Many may be for one run: they get their numbers in the order of the call.
//
//   d   the deliveries, by the ids of their runs      l   with their runs' rows and wake rows, locked in that order
//   h   with whether their event ids are new          e   those are put: see seen.ts
//   n   with their numbers, and who takes the lease: the first of each run whose sender asks for it
//   s   what becomes of each run
//
// Each step has the columns of the one before: where there are 200 deliveries, one that were joined with another would compare 40,000 pairs.

import type { Delivered, Delivery } from "../../store.ts";
import type { Row } from "../rows.ts";
import type { LeaseNow } from "./clock.ts";
import type { Query } from "./connection.ts";
import type { Names } from "./names.ts";
import { type Again, type Digest, digestOf, lookup, putDigestsIfNew } from "./seen.ts";
import { byId, type Columns, Parameters } from "./source.ts";

/** Of one call. */
export interface Letter {
  readonly id: string;
  readonly delivery: Delivery;
  /** Of its event id. */
  readonly digest: Digest | undefined;
}

export function letterOf(delivery: Delivery): Letter {
  return { id: delivery.to, delivery, digest: delivery.eventId === undefined ? undefined : digestOf(delivery.eventId) };
}

interface DeliverQuery {
  readonly query: Query;
  /** In the order of the letters. */
  read(rows: readonly Row[]): (Delivered | Again)[];
}

const columns: Columns<Letter> = {
  id: ["text", ({ id }) => id],
  kind: ["text", ({ delivery }) => delivery.kind],
  event_id: ["text", ({ delivery }) => delivery.eventId],
  body: ["text", ({ delivery }) => delivery.body],
  now: ["bigint", ({ delivery }) => delivery.now],
  lease_owner: ["text", ({ delivery }) => delivery.lease?.owner],
  lease_time: ["bigint", ({ delivery }) => delivery.lease?.duration],
  anew: ["boolean", ({ delivery }) => delivery.lease?.anew ?? false],
};

const columnsOfEvents: Columns<Letter> = {
  ...columns,
  digest: ["uuid", ({ digest }) => digest?.uuid],
  bits: ["integer", ({ digest }) => digest?.bits],
  buckets: ["text", ({ digest }) => digest?.buckets],
  outbox: ["bigint", ({ delivery }) => delivery.outbox],
};

/** For those that a statement has sent back: behind it nobody comes before them. */
export function lockRuns({ of }: Names, letters: readonly Letter[]): Query {
  const ids = [...new Set(letters.map(({ id }) => id))].sort();
  return { text: `select from unnest($1::text[]) i cross join lateral (select from ${of("run")} where id = i for no key update) r`, values: [ids] };
}

export function deliverQuery(names: Names, leaseNow: LeaseNow, given: readonly Letter[], isStable: boolean): DeliverQuery {
  const { of } = names;
  const letters = [...given].sort(byId);
  const parameters = new Parameters();
  const events = letters.some(({ digest }) => digest !== undefined);
  const posted = letters.flatMap(({ delivery: { outbox } }) => outbox ?? []);
  const text = `with d as materialized (${parameters.source(letters, events ? columnsOfEvents : columns)}),
    ${locked(names, events)}
    ${events ? newEvents(names, letters.length === 1) : ""}
    m as materialized (select *, ${events ? "same and (digest is null or (is_new and (place, bucket) in (select run, bucket from e)))" : "true"} as goes from ${events ? "h" : "l"}),
    n as materialized (select *, delivered + count(*) filter (where goes) over (partition by place order by ord) as seq,
      ord = min(ord) filter (where goes and lease_owner is not null) over (partition by place) and (owner is null or at <= ${leaseNow("now")}) as leases from m),
    i as (insert into ${of("inbox")} (run, seq, kind, event_id, body, at) select place, seq, kind, event_id, body, now from n where goes),
    s as materialized (select place, count(*) as more, min(now) as now, min(at) as at, min(owner) as owner, min(attempt) as attempt, min(lease_owner) filter (where leases) as new_owner,
        min(${leaseNow("now")} + lease_time) filter (where leases) as until,
        min(case when anew then 0 else attempt + (owner is not null and owner <> lease_owner)::int end) filter (where leases) as new_attempt
      from n where goes group by place),
    u as (update ${of("run")} r set delivered = r.delivered + s.more from s where r.place = s.place),
    k as (update ${of("wake")} w set at = c.at, owner = c.owner, attempt = c.attempt
      from (select place, coalesce(until, least(at, now)) as at, new_owner as owner, coalesce(new_attempt, attempt) as attempt from s where until is not null or owner is null) c
      where w.run = c.place and (w.at, w.owner, w.attempt) is distinct from (c.at, c.owner, c.attempt))
    ${posted.length > 0 ? `, o as (delete from ${of("outbox")} where id = any(${events ? `array(select outbox from d where ord not in (select ord from n where not ${judged}))` : parameters.add(posted, "bigint[]")}))` : ""}
    select ord, ${events ? judged : "true"} as judged, case when goes then seq end as seq, goes and leases is true as leased from n`;
  return {
    query: parameters.query(text, isStable || letters.length === 1),
    read(rows) {
      const results = new Map(rows.map((row) => [letters[Number(row["ord"])], delivered(row)]));
      return given.map((letter) => results.get(letter) ?? { result: "missing" });
    },
  };
}

/** Of a row of `n`: else nothing was done with it. */
const judged = "(same and (goes or not is_new))";

/** `l`. With event ids also whether they are as they were when the statement began, so that what is read of the ids is of now: `same`. */
function locked({ of }: Names, events: boolean): string {
  const run = (columns: string, lock: string): string => `(select ${columns} from ${of("run")} where id = d.id ${lock})`;
  const before = events ? `left join lateral ${run("version as was_version, delivered as was_delivered", "offset 0")} t on true` : "";
  const same = "version = was_version and (delivered = was_delivered or count(*) over (partition by id) = 1)";
  return `l as materialized (select *${events ? `, ${same} as same, row_number() over (partition by id, event_id order by ord) as nth` : ""}
      from (select d.*, r.*${events ? ", t.*" : ""}, w.* from d ${before} cross join lateral ${run("place, version, delivered", "for no key update")} r
        cross join lateral (select at, owner, attempt from ${of("wake")} where run = r.place for no key update) w) l),`;
}

/** `h` and `e`. Of one id that comes several times the first is looked up. */
function newEvents(names: Names, isOne: boolean): string {
  const asked = "l.same and l.nth = 1 and l.digest is not null";
  const rows = isOne ? "select place, bucket, array[digest], array[now] from h where is_new" : "select place, bucket, array_agg(digest order by ord), array_agg(now order by ord) from h where is_new group by place, bucket";
  return `h as materialized (select l.*, ${asked} and not k.had as is_new, k.bucket from l cross join lateral (${lookup(names, "l.place", "l", asked)}) k),
    e as (${putDigestsIfNew(names, rows)}),`;
}

function delivered(row: Row): Delivered | Again {
  const { judged, seq, leased } = row as { judged: boolean; seq: number | null; leased: boolean };
  if (!judged) return "again";
  return seq === null ? { result: "duplicate" } : { result: "delivered", seq, leased };
}
