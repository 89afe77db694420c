// One change, inside the writer's transaction. Refusals are decided before the first write, so a refused change needs no
// rollback.
//
//   a run that was just read, without timer and lease    one statement, which changes it if it is as it was read
//   any other, and if that changed nothing               it is read, judged, and changed

import type { Change, Committed, Lease, PartsChange } from "../../store.ts";
import type { Row } from "../rows.ts";
import type { Database, Parameter, Statement } from "./driver.ts";

interface Current {
  readonly place: number;
  readonly version: number;
  readonly delivered: number;
  readonly parted: number;
  readonly status: string;
  /** JSON. */
  readonly waits: string;
  readonly shape: string | null;
  readonly wake_at: number | null;
  readonly wake_owner: string | null;
  readonly wake_attempt: number | null;
}

function shapeOf({ shape }: Current, change: Change): string | null {
  return change.shape === undefined ? shape : change.shape?.key ?? null;
}

export const forgetSql = "delete from deflow_seen where run = ? and at < ?";

export interface Commits {
  apply(change: Change): Committed;
  /** The row of a run was read, maybe to be changed. */
  wasRead(row: Row): void;
}

/** Rows that were read are remembered up to this number. */
const mostRead = 4_096;

export function prepareCommit(database: Database): Commits {
  const current = database.prepare(`select r.place, r.version, r.delivered, r.parted, r.status, r.waits, r.shape, w.at as wake_at,
    w.owner as wake_owner, w.attempt as wake_attempt from deflow_run r left join deflow_wake w on w.run = r.place where r.id = ?`);
  const insert = database.prepare(`insert into deflow_run
    (place, id, flow, queue, priority, status, version, looked, waits, shape, state, frame, created_at, updated_at)
    values (1 + max(ifnull((select max(place) from deflow_run), 0), (select place from deflow_removed)), ?, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?) on conflict (id) do nothing`);
  const update = prepareUpdate(database, "place = ?");
  const updateAsRead = prepareUpdate(database, "place = ? and version = ? and delivered = ? and not exists (select 1 from deflow_wake where run = place)");
  const isSeen = database.prepare("select 1 from deflow_seen where run = ? and event_id = ?");
  const see = database.prepare("insert into deflow_seen (run, event_id, at) values (?, ?, ?)");
  const forget = database.prepare(forgetSql);
  const consume = database.prepare("delete from deflow_inbox where run = ? and seq = ?");
  const keepShape = database.prepare("insert into deflow_shape (key, flow, atoms) values (?, ?, ?) on conflict do nothing");
  const send = database.prepare("insert into deflow_outbox (recipient, kind, event_id, body) values (?, ?, ?, ?)");
  const setWake = prepareWake(database);
  const setTags = prepareTags(database);
  const setParts = prepareParts(database);
  const setWaits = prepareWaits(database);

  function create(change: Change): Committed {
    if (!change.origin) throw new TypeError("A change with version 0 needs an origin");
    const { flow, queue, priority } = change.origin;
    const waits = JSON.stringify(change.waits);
    // The place is the rowid. A fifth of the statement's time would go into returning it.
    const { changes, lastInsertRowid } = insert.run(change.id, flow, queue, priority, change.status, change.looked, waits,
      change.shape?.key ?? null, change.state, change.frame ?? "", change.now, change.now);
    if (Number(changes) === 0) return { applied: false, reason: "stale" };
    const { status } = change;
    return finish(change, { place: Number(lastInsertRowid), version: 0, delivered: 0, parted: 0, status, waits: "[]", shape: null, wake_at: null, wake_owner: null, wake_attempt: null }, waits);
  }

  /** Of those without timer and lease, by id. What is here may be old: the statement that uses it looks. */
  const asRead = new Map<string, Current>();

  function wasRead(row: Row): void {
    if (row["wake_at"] !== null) return;
    if (asRead.size >= mostRead) asRead.clear();
    const { id, place, version, delivered, parted, status, waits, shape } = row as unknown as Current & { readonly id: string };
    asRead.set(id, { place, version, delivered, parted, status, waits, shape, wake_at: null, wake_owner: null, wake_attempt: null });
  }

  /** Undefined: it is not known whether it can be. */
  function applyAsRead(change: Change): Committed | undefined {
    const run = asRead.get(change.id);
    asRead.delete(change.id);
    if (run === undefined || run.version !== change.version || change.force || change.eventId !== undefined) return undefined;
    const waits = textOf(change.waits);
    return updateAsRead(run, change, waits, run.version, run.delivered) ? finish(change, run, waits) : undefined;
  }

  function apply(change: Change): Committed {
    if (change.version === 0) return create(change);
    return applyAsRead(change) ?? applyToAny(change);
  }

  function applyToAny(change: Change): Committed {
    const run = current.get(change.id) as Current | undefined;
    if (!run) return { applied: false, reason: "missing" };
    if (run.version !== change.version) return { applied: false, reason: "stale" };
    if (!change.force && isHeld(run, change.now) && run.wake_owner !== change.holder) return { applied: false, reason: "leased" };
    if (change.eventId !== undefined && isSeen.get(run.place, change.eventId)) return { applied: false, reason: "duplicate" };
    const waits = textOf(change.waits);
    update(run, change, waits);
    return finish(change, run, waits);
  }

  function finish(change: Change, run: Current, waits: string): Committed {
    if (change.eventId !== undefined) see.run(run.place, change.eventId, change.now);
    if (change.forget !== undefined) forget.run(run.place, change.forget);
    for (const seq of change.consumed ?? []) consume.run(run.place, seq);
    for (const { to, kind, eventId, body } of change.outbox ?? []) send.run(to, kind, eventId, body);
    setWaits(run, change.waits, waits);
    if (change.shape) keepShape.run(change.shape.key, change.shape.flow, change.shape.atoms);
    // A new row has no tags yet.
    if (change.index && (run.version > 0 || Object.keys(change.index).length > 0)) setTags(run.place, change.index);
    if (change.parts) setParts(run, change.parts);
    setWake(run, change);
    return { applied: true, version: run.version + 1, delivered: run.delivered };
  }

  return { apply, wasRead };
}

function textOf(waits: Change["waits"]): string {
  return waits.length === 0 ? "[]" : JSON.stringify(waits);
}

function isHeld(run: Current, now: number): boolean {
  return run.wake_owner !== null && run.wake_at !== null && run.wake_at > now;
}

function prepareWake(database: Database): (run: Current, change: Change) => void {
  const { lease, set, clear } = prepareLease(database);
  return (run, change) => {
    if (change.lease) return lease(run.place, run.wake_owner, change.lease, change.now, change.holder);
    const at = run.delivered > change.looked ? change.now : change.wake;
    if (at === null) {
      if (run.wake_at !== null) clear.run(run.place);
    } else if (at !== run.wake_at || run.wake_owner !== null || run.wake_attempt !== 0 || shapeOf(run, change) !== run.shape) {
      set.run(at, run.place);
    }
  };
}

/** Taking a lease from another owner, whose time ran out, counts as a crash. */
export function prepareLease(database: Database) {
  const set = database.prepare(`insert into deflow_wake (run, queue, flow, shape, priority, at) select place, queue, flow, ifnull(shape, ''), priority, ? from deflow_run where place = ?
    on conflict (run) do update set at = excluded.at, shape = excluded.shape, owner = null, attempt = 0`);
  const clear = database.prepare("delete from deflow_wake where run = ?");
  const take = database.prepare(`insert into deflow_wake (run, queue, flow, shape, priority, at, owner, attempt)
    select place, queue, flow, ifnull(shape, ''), priority, ?, ?, 0 from deflow_run where place = ?
    on conflict (run) do update set at = excluded.at, shape = excluded.shape, owner = excluded.owner, attempt = iif(?, 0, attempt + ?)`);
  const lease = (place: number, before: string | null, { owner, duration, anew }: Lease, now: number, holder?: string): void => {
    const crashed = before !== null && before !== holder && before !== owner;
    take.run(now + duration, owner, place, anew ? 1 : 0, crashed ? 1 : 0);
  };
  return { lease, set, clear };
}

/** Columns of an index are assigned only when they change: SQLite writes the entries of an assigned one anew, equal or not. */
function prepareUpdate(database: Database, where: string): (run: Current, change: Change, waits: string, ...more: Parameter[]) => boolean {
  const columns = ["frame", "status", "waits", "shape"];
  const statements: Statement[] = [];
  const prepare = (which: number): Statement => {
    const more = columns.filter((_column, at) => which & (1 << at)).map((column) => `, ${column} = ?`).join("");
    return database.prepare(`update deflow_run set version = version + 1, looked = ?, state = ?, updated_at = ?${more} where ${where}`);
  };
  return (run, change, waits, ...more) => {
    const { place, status, waits: before } = run;
    const parameters: Parameter[] = [change.looked, change.state, change.now];
    let which = 0;
    const assign = (column: number, value: Parameter): void => {
      which |= 1 << column;
      parameters.push(value);
    };
    if (change.frame !== undefined) assign(0, change.frame);
    if (change.status !== status) assign(1, change.status);
    if (waits !== before) assign(2, waits);
    const shape = shapeOf(run, change);
    if (shape !== run.shape) assign(3, shape);
    const statement = (statements[which] ??= prepare(which));
    return Number(statement.run(...parameters, place, ...more).changes) > 0;
  };
}

function prepareWaits(database: Database): (run: Current, contexts: Change["waits"], waits: string) => void {
  const clear = database.prepare("delete from deflow_wait where run = ?");
  const add = database.prepare("insert into deflow_wait (run, context) values (?, ?)");
  return ({ place, version, waits: before }, contexts, waits) => {
    if (waits === before) return;
    // Even if it had none: a process that began before there was this table leaves the rows of others there.
    if (version > 0) clear.run(place);
    for (const context of contexts.length > 1 ? new Set(contexts) : contexts) add.run(place, context);
  };
}

function prepareTags(database: Database): (place: number, index: NonNullable<Change["index"]>) => void {
  const keep: Statement = database.prepare("update deflow_run set tags = ? where place = ?");
  const clear = database.prepare("delete from deflow_tag where run = ?");
  const add = database.prepare("insert into deflow_tag (run, key, value) values (?, ?, ?)");
  return (place, index) => {
    keep.run(JSON.stringify(index), place);
    clear.run(place);
    for (const [key, value] of Object.entries(index)) add.run(place, key, JSON.stringify(value));
  };
}

function prepareParts(database: Database): (run: Current, parts: PartsChange) => void {
  const mark = database.prepare("update deflow_run set parted = 1 where place = ?");
  const drop = database.prepare("delete from deflow_part where run = ? and key = ?");
  const put = database.prepare("insert into deflow_part (run, key, body) values (?, ?, ?) on conflict (run, key) do update set body = excluded.body");
  return ({ place, parted }, parts) => {
    for (const key of parts.drop) drop.run(place, key);
    for (const [key, text] of parts.put) put.run(place, key, text);
    if (parted === 0 && parts.put.length > 0) mark.run(place);
  };
}
