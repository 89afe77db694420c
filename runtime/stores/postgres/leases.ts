// Claims and heartbeats: both write deflow_wake alone, and wait for nobody who holds a run's row.
//
// A claim looks once at the index for each queue, flow and priority that has runs to wake, and reads of each as many as it may take.
// Rows that another claim has just locked are passed over. The settings of the queues that it takes from are locked against changes, so
// that of a queue that was just paused it takes nothing, and whoever paused it sees what it took.

import type { Claimed, ClaimRequest, Extended, LeaseOf, LeaseTime, Shape } from "../../store.ts";
import type { Row } from "../rows.ts";
import type { LeaseNow } from "./clock.ts";
import type { Query } from "./connection.ts";
import type { Names } from "./names.ts";
import { byId, type Columns, Parameters } from "./source.ts";

/** A run that was found is looked at by itself, `offset 0`: where there are no statistics a join may begin with all of them. */
const rowOf = (wake: string): string => `cross join lateral (select * from ${wake} where run = first.run offset 0) w`;

/** The first run of each group: of the next group by a look at the index, however many runs are in between. */
const groupsOf = (wake: string): string => `first as (
    (select run from ${wake} where at is not null order by queue, flow, shape, priority, at limit 1)
    union all
    select coalesce(
      (select n.run from ${wake} n where n.at is not null and n.queue = w.queue and n.flow = w.flow and n.shape = w.shape and n.priority > w.priority order by n.priority, n.at limit 1),
      (select n.run from ${wake} n where n.at is not null and n.queue = w.queue and n.flow = w.flow and n.shape > w.shape order by n.shape, n.priority, n.at limit 1),
      (select n.run from ${wake} n where n.at is not null and n.queue = w.queue and n.flow > w.flow order by n.flow, n.shape, n.priority, n.at limit 1),
      (select n.run from ${wake} n where n.at is not null and n.queue > w.queue order by n.queue, n.flow, n.shape, n.priority, n.at limit 1))
    from first ${rowOf(wake)})`;

/**
 * With `isAlone` nobody else claims of queues with a limit, so that what they have leased can be counted. Otherwise nothing is taken where
 * such a queue has runs that fit, and the answer says so.
 */
export function claimQuery({ of }: Names, leaseNow: LeaseNow, { owner, now, duration, limit, flows, queues, shapes, unfit }: ClaimRequest, isAlone: boolean): Query {
  const parameters = new Parameters();
  const add = (value: Parameters["values"][number], type: string): string => parameters.add(value, type);
  const fits = [
    flows && `w.flow = any(${add(flows, "text[]")})`, queues && `w.queue = any(${add(queues, "text[]")})`, unfit && `w.shape <> all(${add(unfit, "text[]")})`,
  ].filter((one) => one !== undefined);
  const known = shapes === undefined ? "true" : `(w.shape = '' or w.shape = any(${add(shapes, "text[]")}))`;
  const wake = of("wake");
  // Of a lease it is the database's time that tells when it is over, of a timer the caller's.
  const due = "(w.at <= case when w.owner is null then t.now else t.lease end)";
  const text = `with recursive t as materialized (select now, ${leaseNow("now")} as lease from (select ${add(now, "bigint")} as now) x), ${groupsOf(wake)},
    h as materialized (select w.queue, w.flow, w.shape, w.priority, w.at, ${due} as is_due, ${known} as is_known
      from first ${rowOf(wake)} cross join t ${fits.length > 0 ? `where ${fits.join(" and ")}` : ""}),
    q as materialized (select queue, bool_or(is_due) as is_due from h group by queue),
    s as materialized (select name, paused, concurrency from ${of("queue")} where name = any(array(select queue from q where is_due)) order by name for share),
    p as materialized (select name, concurrency, case when paused then 0 when concurrency is null then null
        else concurrency - (select count(*) from ${wake} w where w.queue = name and w.owner is not null and w.at > t.lease) end as room
      from (select * from s union all select name, paused, concurrency from ${of("queue")} where name = any(array(select queue from q where not is_due))) b, t),
    f as materialized (select h.*, p.room, p.concurrency is not null and p.room > 0 as limited from h left join p on p.name = h.queue),
    m as materialized (select coalesce(bool_or(f.limited and f.is_due and f.is_known), false) as must from f),
    c as materialized (select c.*, f.room from f cross join t cross join lateral (
        select w.run, w.queue, w.priority, w.at, w.attempt + (w.owner is not null)::int as attempt from ${wake} w
        where w.queue = f.queue and w.flow = f.flow and w.shape = f.shape and w.priority = f.priority and w.at <= greatest(t.now, t.lease) and ${due}
        order by w.at limit least(${add(limit, "bigint")}, f.room) for no key update skip locked) c
      where f.is_due and f.is_known and coalesce(f.room, 1) > 0 ${isAlone ? "" : "and not (select must from m)"}),
    a as materialized (select run, queue, priority, at, attempt from (select c.*, row_number() over (partition by queue order by priority desc, at, run) as nth from c) c
      where room is null or nth <= room order by priority desc, at, run limit ${add(limit, "bigint")}),
    u as (update ${wake} w set at = t.lease + ${add(duration, "bigint")}, owner = ${add(owner, "text")}, attempt = a.attempt from a, t where w.run = a.run returning w.queue),
    g as materialized (select f.queue, coalesce(f.room - (select count(*) from a where a.queue = f.queue), 1) > 0 as gives, l.is_due,
      case when l.owner is null then l.at else l.at - t.lease + t.now end as at
      from f cross join t cross join lateral (select w.at, w.owner, ${due} as is_due from ${wake} w where w.queue = f.queue and w.flow = f.flow and w.shape = f.shape and w.priority = f.priority
        and w.at is not null and not exists (select 1 from a where a.run = w.run) order by w.at limit 1) l),
    y as (select least((select min(at) from g where gives), (select min(t.now + ${add(duration, "bigint")}) from u cross join t
        where not exists (select 1 from f where f.queue = u.queue and f.room <= (select count(*) from a where a.queue = u.queue)))) as next,
      exists (select 1 from g where is_due and not gives) as withheld, (select must from m) as must,
      (select json_agg(s) from ${of("shape")} s where s.key in (select shape from f where is_due and not is_known and coalesce(room, 1) > 0)) as unknown)
    select r.id, a.attempt, y.next, y.withheld, y.must, y.unknown from y left join a on true left join ${of("run")} r on r.place = a.run order by a.priority desc, a.at, a.run`;
  return parameters.query(text, true);
}

export function claimedOf(rows: readonly Row[], now: number): Claimed & { readonly mustBeAlone: boolean } {
  const { next, withheld, must, unknown } = rows[0] as { next: number | null; withheld: boolean; must: boolean; unknown: string | null };
  const runs = rows.flatMap((row) => (row["id"] === null ? [] : { id: String(row["id"]), attempt: Number(row["attempt"]) }));
  return { runs, nextAt: next === null ? null : Math.max(now, next), withheld, unknown: unknown === null ? [] : JSON.parse(unknown) as readonly Shape[], mustBeAlone: must };
}

/** What an earlier claim of this owner has taken, whose answer was lost. */
export function claimedBefore({ of }: Names, owner: string): Query {
  const text = `select r.id, w.attempt from ${of("wake")} w join ${of("run")} r on r.place = w.run where w.owner = $1 and w.owner is not null order by w.priority desc, w.at, w.run`;
  return { text, values: [owner] };
}

/** Held until the end of the transaction by whoever claims of queues with a limit. */
export function lockLimited({ of }: Names): Query {
  return { text: `select name from ${of("queue")} where concurrency is not null order by name for update` };
}

const columns: Columns<LeaseOf> = {
  id: ["text", ({ id }) => id],
  owner: ["text", ({ owner }) => owner],
  version: ["bigint", ({ version }) => version],
};

interface ExtendQuery {
  readonly query: Query;
  /** In the order of the leases. */
  read(rows: readonly Row[]): Extended[];
}

/** A late one is known by the version that the wake row has from the commit that took the lease last. */
export function extendQuery({ of }: Names, leaseNow: LeaseNow, given: readonly LeaseOf[], { now, duration }: LeaseTime): ExtendQuery {
  const leases = [...given].sort(byId);
  const parameters = new Parameters();
  const [nowSql, time] = [parameters.add(now, "bigint"), parameters.add(duration, "bigint")];
  const text = `with l as materialized (${parameters.source(leases, columns)}),
    r as materialized (select l.*, r.place, r.delivered from l join ${of("run")} r on r.id = l.id order by l.ord),
    w as materialized (select r.ord, r.place, w.owner = r.owner as held, r.version is null or r.version >= w.version as current
      from r cross join lateral (select owner, version from ${of("wake")} where run = r.place for no key update) w),
    k as (update ${of("wake")} x set at = case when ${time} > 0 then ${leaseNow(nowSql)} + ${time} else ${nowSql} end, owner = case when ${time} > 0 then x.owner end
      from w where x.run = w.place and w.held and w.current)
    select l.ord, coalesce(w.held, false) as held, coalesce(r.delivered, 0) as delivered from l left join r on r.ord = l.ord left join w on w.ord = l.ord`;
  return {
    query: parameters.query(text, leases.length === 1),
    read(rows) {
      const results = new Map(rows.map((row) => [leases[Number(row["ord"])], { held: Boolean(row["held"]), delivered: Number(row["delivered"]) }]));
      return given.map((lease) => results.get(lease) as Extended);
    },
  };
}
