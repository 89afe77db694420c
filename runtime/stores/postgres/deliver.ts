// Deliveries as one statement. Many may be for one run: they get their numbers in the order of the call.
//
//   d   the deliveries           r, w   their runs' rows and wake rows, locked in the order of the ids
//   e   event ids that are new   n      the messages, numbered
//   g   of each run the first message whose sender asks for the lease

import type { Delivered, Delivery } from "../../store.ts";
import type { Row } from "../rows.ts";
import type { LeaseNow } from "./clock.ts";
import type { Query } from "./connection.ts";
import type { Names } from "./names.ts";
import { byId, type Columns, Parameters } from "./source.ts";

/** Of one call. */
export interface Letter {
  readonly id: string;
  readonly delivery: Delivery;
}

export function letterOf(delivery: Delivery): Letter {
  return { id: delivery.to, delivery };
}

interface DeliverQuery {
  readonly query: Query;
  /** In the order of the letters. */
  read(rows: readonly Row[]): Delivered[];
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

export function deliverQuery({ of }: Names, leaseNow: LeaseNow, given: readonly Letter[], isStable: boolean): DeliverQuery {
  const letters = [...given].sort(byId);
  const parameters = new Parameters();
  const posted = letters.flatMap(({ delivery: { outbox } }) => outbox ?? []);
  const text = `with d as materialized (${parameters.source(letters, columns)}),
    t as materialized (select id from d group by id order by min(ord)),
    r as materialized (select r.* from t cross join lateral (select place, id, delivered from ${of("run")} where id = t.id for no key update) r),
    w as materialized (select w.* from r cross join lateral (select run, at, owner, attempt from ${of("wake")} where run = r.place for no key update) w),
    b as materialized (select d.*, r.place, r.delivered, row_number() over (partition by d.id, d.event_id order by d.ord) as nth from d join r on r.id = d.id),
    e as (insert into ${of("seen")} (run, event_id, at) select place, event_id, now from b where event_id is not null and nth = 1 on conflict do nothing returning run, event_id),
    n as materialized (select b.*, delivered + row_number() over (partition by place order by ord) as seq
      from b where event_id is null or (nth = 1 and exists (select 1 from e where e.run = b.place and e.event_id = b.event_id))),
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
    ${posted.length > 0 ? `, o as (delete from ${of("outbox")} where id = any(${parameters.add(posted, "bigint[]")}))` : ""}
    select d.ord, b.place is not null as found, n.seq, g.ord is not null as leased
    from d left join b on b.ord = d.ord left join n on n.ord = d.ord left join g on g.ord = d.ord`;
  return {
    query: parameters.query(text, isStable || letters.length === 1),
    read(rows) {
      const results = new Map(rows.map((row) => [letters[Number(row["ord"])], delivered(row)]));
      return given.map((letter) => results.get(letter) as Delivered);
    },
  };
}

function delivered(row: Row): Delivered {
  const { found, seq, leased } = row as { found: boolean; seq: number | null; leased: boolean };
  if (!found) return { result: "missing" };
  return seq === null ? { result: "duplicate" } : { result: "delivered", seq, leased };
}
