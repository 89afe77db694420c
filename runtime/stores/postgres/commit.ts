// Changes as one statement: each is judged and applied by itself, in one round trip and one fsync for all of them.
//
//   c   the changes        r   with their runs' rows, locked in the order of their ids, as they are when the lock is there
//   j   with their wake rows, locked too, and why it is refused, if it is
//   b   before it is known whether their event ids are new: see seen.ts
//   a   those that apply, and what they change
//
// Everything is decided by rows that are locked. What is only read is of the time when the statement began: the inbox might miss a message
// that came while it waited for a lock, and so nothing but `delivered` on the run's row says whether there is one.
//
// No run is there twice: a row changes once in a statement.

import { randomUUID } from "node:crypto";
import type { Change, Committed, PartsChange, Refusal } from "../../store.ts";
import { endedStatuses } from "../../store.ts";
import type { Row } from "../rows.ts";
import type { LeaseNow } from "./clock.ts";
import type { Query } from "./connection.ts";
import { hash } from "./hash.ts";
import type { Known } from "./known-runs.ts";
import type { Names } from "./names.ts";
import { type Again, type Digest, digestOf, lookup, lowestOf, putAndForget } from "./seen.ts";
import { byId, type Columns, Parameters } from "./source.ts";

/** A change, and the name of this attempt to store it: the same one when it is sent again because the answer was lost. */
export interface Save {
  readonly id: string;
  readonly change: Change;
  readonly token: string;
  /** Of its event id. */
  readonly digest: Digest | undefined;
}

export function saveOf(change: Change): Save {
  if (change.version === 0 && !change.origin) throw new TypeError("A change with version 0 needs an origin");
  return { id: change.id, change, token: randomUUID(), digest: change.eventId === undefined ? undefined : digestOf(change.eventId) };
}

export type Judged =
  /** `before` is the token of the commit that this one was made upon; of a new run there is its `place`. */
  | (Committed & { readonly applied: true; readonly before?: string; readonly place?: number })
  /** What the run's row says of a refused change: of a sent-again one it may be that it was applied. */
  | (Committed & { readonly applied: false; readonly found?: { readonly version: number; readonly isOurs: boolean; readonly delivered: number } });

/** What the caller is told. */
export function answerOf(judged: Judged): Committed {
  return judged.applied ? { applied: true, version: judged.version, delivered: judged.delivered } : { applied: false, reason: judged.reason };
}

export interface CommitQuery {
  readonly query: Query;
  /** In the order of the saves. */
  read(rows: readonly Row[]): (Judged | Again)[];
}

const common: Columns<Save> = {
  id: ["text", ({ id }) => id],
  now: ["bigint", ({ change }) => change.now],
  status: ["text", ({ change }) => change.status],
  state: ["text", ({ change }) => change.state],
  waits: ["text", ({ change }) => JSON.stringify(change.waits)],
  looked: ["bigint", ({ change }) => change.looked],
  wake: ["bigint", ({ change }) => change.wake],
  lease_owner: ["text", ({ change }) => change.lease?.owner],
  lease_time: ["bigint", ({ change }) => change.lease?.duration],
  token: ["uuid", ({ token }) => token],
  frame: ["text", ({ change }) => change.frame],
  tags: ["text", ({ change }) => change.index && JSON.stringify(change.index)],
  digest: ["uuid", ({ digest }) => digest?.uuid],
  shape: ["text", ({ change }) => change.shape?.key],
  parted: ["boolean", ({ change }) => (change.parts?.put.length ?? 0) > 0],
};
const ofNew: Columns<Save> = {
  ...common,
  flow: ["text", ({ change }) => change.origin?.flow],
  queue: ["text", ({ change }) => change.origin?.queue],
  priority: ["integer", ({ change }) => change.origin?.priority],
  bucket: ["integer", ({ digest }) => digest && lowestOf(digest.bits)],
};
const ofOld: Columns<Save> = {
  ...common,
  version: ["bigint", ({ change }) => change.version],
  anew: ["boolean", ({ change }) => change.lease?.anew ?? false],
  holder: ["text", ({ change }) => change.holder],
  force: ["boolean", ({ change }) => change.force ?? false],
  forget: ["bigint", ({ change }) => change.forget],
  unshaped: ["boolean", ({ change }) => change.shape === null],
  mark: ["uuid", ({ change }) => (change.mark as Known | undefined)?.stamp],
  marked: ["bigint", ({ change }) => (change.mark as Known | undefined)?.run.delivered],
};
const ofEvents: Columns<Save> = {
  ...ofOld,
  bits: ["integer", ({ digest }) => digest?.bits],
  buckets: ["text", ({ digest }) => digest?.buckets],
};

const ended = `case when status in (${endedStatuses.map((status) => `'${status}'`).join(", ")}) then now end`;

/** The saves are of different runs; those of new ones are a statement of their own. */
export function commitQuery(names: Names, leaseNow: LeaseNow, given: readonly Save[], isStable = false): CommitQuery {
  const isNew = given[0]?.change.version === 0;
  // New runs have their places in the order of the call; the locks of old ones are taken by id.
  const saves = isNew ? given : [...given].sort(byId);
  const parameters = new Parameters();
  const text = isNew ? create(names, leaseNow, saves, parameters) : update(names, leaseNow, saves, parameters);
  return {
    query: parameters.query(text, isStable || saves.length === 1),
    read(rows) {
      const judged = new Map(rows.map((row) => [saves[Number(row["ord"])], committed(row)]));
      return given.map((save) => judged.get(save) as Judged | Again);
    },
  };
}

function committed(row: Row): Judged | Again {
  const { refusal, version, delivered, before, place } = row as { refusal: Refusal | Again | null; version: number; delivered: number; before?: string; place?: number };
  if (refusal === null) return { applied: true, version, delivered, ...(place === undefined ? { before: before as string } : { place }) };
  if (refusal === "again") return refusal;
  return { applied: false, reason: refusal, ...(version === null ? {} : { found: { version, delivered, isOurs: row["ours"] === true } }) };
}

function statement(ctes: readonly (string | undefined)[], last: string): string {
  return `with ${ctes.filter((cte) => cte !== undefined).join(",\n")}\n${last}`;
}

function create({ of }: Names, leaseNow: LeaseNow, saves: readonly Save[], parameters: Parameters): string {
  return statement([
    `c as materialized (select *, nextval(${parameters.add(of("run_place_seq"), "regclass")}) as place from (${parameters.source(saves, ofNew)}) c order by ord)`,
    `r as (insert into ${of("run")} (place, id, flow, queue, priority, status, version, looked, waits, tags, shape, state, frame, parted, save_token, created_at, updated_at)
      overriding system value
      select place, id, flow, queue, priority, status, 1, looked, waits, coalesce(tags, '{}'), shape, state, convert_to(coalesce(frame, ''), 'UTF8'), parted, token, now, now
      from c on conflict (id) do nothing returning place)`,
    "a as materialized (select * from c where place in (select place from r))",
    `k as (insert into ${of("wake")} (run, queue, flow, shape, priority, at, owner, version)
      select place, queue, flow, coalesce(shape, ''), priority, case when lease_owner is null then wake else ${leaseNow("now")} + lease_time end, lease_owner, 1 from a)`,
    `l as (insert into ${of("queue")} (name) select distinct queue from c on conflict do nothing)`,
    `s as (insert into ${of("status")} (run, flow, status, ended) select place, flow, status, ${ended} from a)`,
    saves.some(({ digest }) => digest !== undefined)
      ? `e as (insert into ${of("seen")} (run, bucket, ids, ats) select place, bucket, array[digest], array[now] from a where digest is not null)` : undefined,
    saves.some(({ change }) => change.waits.length > 0)
      ? `x as (insert into ${of("wait")} (run, context) select distinct place, json_array_elements_text(waits::json) from a)` : undefined,
    tagsOf(of, saves, parameters), puts(of, saves, parameters), sends(of, saves, parameters), shapesOf(of, saves, parameters),
  ], `select ord, refusal, case when refusal is null then 1 else o.version end as version, coalesce(o.delivered, 0) as delivered, o.save_token = token as ours, place
    from (select *, case when place in (select place from r) then null else 'stale' end as refusal from c) c
    left join lateral (select version, delivered, save_token from ${of("run")} where id = c.id) o on refusal is not null`);
}

function update(names: Names, leaseNow: LeaseNow, saves: readonly Save[], parameters: Parameters): string {
  const { of } = names;
  const has = (is: (change: Change) => boolean): boolean => saves.some(({ change }) => is(change));
  const shapes = has(({ shape }) => shape !== undefined);
  const events = has(({ eventId }) => eventId !== undefined);
  const forgets = has(({ forget }) => forget !== undefined);
  const rereads = [events ? "digest is not null" : [], forgets ? "forget is not null" : []].flat().join(" or ");
  const consumed = saves.flatMap(({ change }, ord) => (change.consumed ?? []).map((seq) => ({ ord, seq })));
  return statement([
    `c as materialized (${parameters.source(saves, events ? ofEvents : ofOld)})`,
    // By itself and in this order: joined with what follows it would decide in which order that is locked.
    rereads ? `i as materialized (select c.*, t.version as was_version, t.delivered as was_delivered from c left join ${of("run")} t on t.id = c.id order by c.ord)` : undefined,
    `r as materialized (select * from ${rereads ? "i" : "c"} c left join lateral
      (select place, version as at_version, delivered, status as old_status, waits as old_waits, save_token,
        case when c.unshaped then null else coalesce(c.shape, shape) end as new_shape from ${of("run")} where id = c.id for no key update) r on true)`,
    `${events ? "b as not" : "j as"} materialized (select *, case when place is null then 'missing' when at_version <> version then 'stale'
        when mark is not null and (save_token <> mark or delivered <> marked or old_owner is not null or attempt > 0) then 'stale'
        when not force and old_owner is not null and old_at > ${leaseNow("now")} and old_owner is distinct from holder then 'leased'
        ${rereads ? `when (${rereads}) and (was_version, was_delivered) is distinct from (at_version, delivered) then 'again'` : ""} end as ${events ? "hindrance" : "refusal"}
      from r left join lateral (select at as old_at, owner as old_owner, attempt, version as taken from ${of("wake")} where run = r.place for no key update) w on true)`,
    events ? `j as materialized (select b.*, coalesce(hindrance, case when had then 'duplicate' end) as refusal, case when digest is not null then l.bucket end as bucket
      from b cross join lateral (${lookup(names, "b.place", "b", "b.hindrance is null and b.digest is not null")}) l)` : undefined,
    "a as materialized (select * from j where refusal is null)",
    ...putAndForget(names, events, forgets),
    `u as (update ${of("run")} r set version = r.version + 1, save_token = a.token, looked = a.looked, state = a.state, status = a.status, waits = a.waits, updated_at = a.now
      ${has(({ frame }) => frame !== undefined) ? ", frame = coalesce(convert_to(a.frame, 'UTF8'), r.frame)" : ""}
      ${has(({ index }) => index !== undefined) ? ", tags = coalesce(a.tags, r.tags)" : ""}
      ${shapes ? ", shape = a.new_shape" : ""}
      ${has(({ parts }) => (parts?.put.length ?? 0) > 0) ? ", parted = r.parted or a.parted" : ""}
      from a where r.place = a.place)`,
    `n as materialized (select place, lease_owner as owner, case when lease_owner is not null then ${leaseNow("now")} + lease_time when delivered > looked then now else wake end as at,
      case when lease_owner is null or anew then 0
        else attempt + (old_owner is not null and old_owner is distinct from holder and old_owner <> lease_owner)::int end as attempt,
      case when lease_owner is null then taken else version + 1 end as version, coalesce(new_shape, '') as shape from a)`,
    `k as (update ${of("wake")} w set at = n.at, owner = n.owner, attempt = n.attempt, version = n.version, shape = n.shape from n
      where w.run = n.place and (w.at, w.owner, w.attempt, w.version, w.shape) is distinct from (n.at, n.owner, n.attempt, n.version, n.shape))`,
    `s as (update ${of("status")} s set status = n.status, ended = n.ended from (select place, old_status, status, ${ended} as ended from a) n
      where s.run = n.place and (n.status <> n.old_status or n.ended is not null))`,
    `x as materialized (select place, json_array_elements_text(waits::json) as context from a where waits <> old_waits)`,
    `y as (delete from ${of("wait")} d using a where d.run = a.place and a.waits <> a.old_waits and not exists (select 1 from x where x.place = d.run and x.context = d.context))`,
    `z as (insert into ${of("wait")} (run, context) select distinct place, context from x on conflict do nothing)`,
    consumed.length > 0 ? `d as (delete from ${of("inbox")} i using a join ${parameters.records(consumed, "ord bigint, seq bigint")} on x.ord = a.ord
      where i.run = a.place and i.seq = x.seq)` : undefined,
    has(({ index }) => index !== undefined) ? `t as (delete from ${of("tag")} d using a where d.run = a.place and a.tags is not null and not (a.tags::jsonb ? d.key))` : undefined,
    tagsOf(of, saves, parameters), drops(of, saves, parameters), puts(of, saves, parameters), sends(of, saves, parameters), shapesOf(of, saves, parameters),
  ], `select ord, refusal, at_version + (refusal is null)::int as version, delivered, save_token = token as ours, save_token as before from j`);
}

type Of = Names["of"];

function tagsOf(of: Of, saves: readonly Save[], parameters: Parameters): string | undefined {
  const tags = saves.flatMap(({ change }, ord) => Object.entries(change.index ?? {}).map(([key, value]) => ({ ord, key, value: tagValue(value) })));
  if (tags.length === 0) return undefined;
  return `g as (insert into ${of("tag")} (run, key, value) select a.place, x.key, x.value from a join ${parameters.records(tags, "ord bigint, key text, value text")} on x.ord = a.ord
    on conflict (run, key) do update set value = excluded.value)`;
}

function puts(of: Of, saves: readonly Save[], parameters: Parameters): string | undefined {
  const put = partsOf(saves, ({ put: some }) => some).map(({ ord, part: [key, body] }) => ({ ord, body, ...partName(key) }));
  if (put.length === 0) return undefined;
  return `p as (insert into ${of("part")} (run, name, key, body) select a.place, x.name, x.key, convert_to(x.body, 'UTF8') from a
    join ${parameters.records(put, "ord bigint, name text, key text, body text")} on x.ord = a.ord on conflict (run, name) do update set body = excluded.body)`;
}

function drops(of: Of, saves: readonly Save[], parameters: Parameters): string | undefined {
  const drop = partsOf(saves, ({ drop: some }) => some).map(({ ord, part }) => ({ ord, name: partName(part).name }));
  if (drop.length === 0) return undefined;
  return `q as (delete from ${of("part")} d using a join ${parameters.records(drop, "ord bigint, name text")} on x.ord = a.ord where d.run = a.place and d.name = x.name)`;
}

function partsOf<T>(saves: readonly Save[], some: (parts: PartsChange) => readonly T[]): { ord: number; part: T }[] {
  return saves.flatMap(({ change: { parts } }, ord) => (parts ? some(parts) : []).map((part) => ({ ord, part })));
}

function sends(of: Of, saves: readonly Save[], parameters: Parameters): string | undefined {
  const sent = saves.flatMap(({ change }, ord) => (change.outbox ?? []).map(({ to, kind, eventId, body }, nth) => ({ ord, nth, to, kind, event_id: eventId, body })));
  if (sent.length === 0) return undefined;
  return `o as (insert into ${of("outbox")} (recipient, kind, event_id, body) select x."to", x.kind, x.event_id, x.body from a
    join ${parameters.records(sent, "ord bigint, nth int, \"to\" text, kind text, event_id text, body text")} on x.ord = a.ord order by x.ord, x.nth)`;
}

/** Those that are there already are not written again. */
function shapesOf(of: Of, saves: readonly Save[], parameters: Parameters): string | undefined {
  const named = saves.flatMap(({ change: { shape } }, ord) => (shape ? [{ ord, key: shape.key, flow: shape.flow, atoms: shape.atoms }] : []));
  if (named.length === 0) return undefined;
  return `v as (insert into ${of("shape")} (key, flow, atoms) select distinct on (x.key) x.key, x.flow, x.atoms from a
    join ${parameters.records(named, "ord bigint, key text, flow text, atoms text")} on x.ord = a.ord
    where not exists (select 1 from ${of("shape")} s where s.key = x.key) order by x.key on conflict do nothing)`;
}

/** Postgres's indexes take entries of up to 2,700 bytes. */
const longest = 200;

/** JSON of what is found by; no JSON begins with `#`. */
export function tagValue(value: string | number | boolean): string {
  const text = JSON.stringify(value);
  return text.length > longest ? `#${hash(text)}` : text;
}

function partName(key: string): { readonly name: string; readonly key?: string } {
  return key.length > longest ? { name: `#${hash(key)}`, key } : { name: `=${key}` };
}
