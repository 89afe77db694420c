// Deliveries as one statement. Many may be for one run: they get their numbers in the order of the call.
//
//   d   the deliveries           r, w   their runs' rows and wake rows, locked in the order of the ids
//   h   event ids that are new   e      they are put: see seen.ts
//   n   the messages, numbered   g      of each run the first message whose sender asks for the lease

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
  const isOne = letters.length === 1;
  const runs = isOne ? "select id, ord, 1 as several from d" : "select id, min(ord) as ord, count(*) as several from d group by id order by 2";
  const posted = letters.flatMap(({ delivery: { outbox } }) => outbox ?? []);
  const text = `with d as materialized (${parameters.source(letters, events ? columnsOfEvents : columns)}),
    t as materialized (${events ? `select t.*, r.version, r.delivered from (${runs}) t left join ${of("run")} r on r.id = t.id${isOne ? "" : " order by t.ord"}` : runs}),
    r as materialized (select r.*, ${events ? "r.version = t.version and (t.several = 1 or r.delivered = t.delivered)" : "true"} as same
      from t cross join lateral (select place, id, version, delivered from ${of("run")} where id = t.id for no key update) r),
    w as materialized (select w.* from r cross join lateral (select run, at, owner, attempt from ${of("wake")} where run = r.place for no key update) w),
    b as materialized (select d.*, r.place, r.delivered, r.same, row_number() over (partition by d.id, d.event_id order by d.ord) as nth from d join r on r.id = d.id),
    ${events ? putNew(names, isOne) : ""}
    n as materialized (select b.*, delivered + row_number() over (partition by place order by ord) as seq
      from b where same ${events ? "and (digest is null or ord in (select h.ord from h join e on e.run = h.place and e.bucket = h.bucket))" : ""}),
    i as (insert into ${of("inbox")} (run, seq, kind, event_id, body, at) select place, seq, kind, event_id, body, now from n),
    s as materialized (select place, count(*) as more, min(now) as now, min(ord) filter (where lease_owner is not null) as asks from n group by place),
    g as materialized (select n.place, n.ord, n.lease_owner, ${leaseNow("n.now")} + n.lease_time as until,
        case when n.anew then 0 else w.attempt + (w.owner is not null and w.owner <> n.lease_owner)::int end as attempt
      from s join n on n.ord = s.asks join w on w.run = n.place where w.owner is null or w.at <= ${leaseNow("n.now")}),
    u as (update ${of("run")} r set delivered = r.delivered + s.more from s where r.place = s.place),
    k as (update ${of("wake")} w set at = h.at, owner = h.owner, attempt = h.attempt
      from (select s.place, coalesce(g.until, least(w.at, s.now)) as at, g.lease_owner as owner, coalesce(g.attempt, w.attempt) as attempt
        from s join w on w.run = s.place left join g on g.place = s.place where g.place is not null or w.owner is null) h
      where w.run = h.place and (w.at, w.owner, w.attempt) is distinct from (h.at, h.owner, h.attempt))
    ${posted.length > 0 ? `, o as (delete from ${of("outbox")} where id = any(${events ? "array(select outbox from d where ord not in (select ord from b where not same union all select ord from h where ord not in (select ord from n)))" : parameters.add(posted, "bigint[]")}))` : ""}
    select d.ord, b.place is not null as found, b.same${events ? " and (h.ord is null or n.ord is not null)" : ""} as judged, n.seq, g.ord is not null as leased
    from d left join b on b.ord = d.ord left join n on n.ord = d.ord left join g on g.ord = d.ord ${events ? "left join h on h.ord = d.ord" : ""}`;
  return {
    query: parameters.query(text, isStable || isOne),
    read(rows) {
      const results = new Map(rows.map((row) => [letters[Number(row["ord"])], delivered(row)]));
      return given.map((letter) => results.get(letter) as Delivered | Again);
    },
  };
}

/** `h` and `e`. */
function putNew(names: Names, isOne: boolean): string {
  const rows = isOne ? "select place, bucket, array[digest], array[now] from h" : "select place, bucket, array_agg(digest order by ord), array_agg(now order by ord) from h group by place, bucket";
  return `h as materialized (select b.ord, b.place, b.digest, b.now, l.bucket from b cross join lateral (${lookup(names, "b.place", "b", "b.same and b.nth = 1 and b.digest is not null")}) l where b.same and b.nth = 1 and b.digest is not null and not l.had),
    e as (${putDigestsIfNew(names, rows)}),`;
}

function delivered(row: Row): Delivered | Again {
  const { found, judged, seq, leased } = row as { found: boolean; judged: boolean | null; seq: number | null; leased: boolean };
  if (!found) return { result: "missing" };
  if (!judged) return "again";
  return seq === null ? { result: "duplicate" } : { result: "delivered", seq, leased };
}
