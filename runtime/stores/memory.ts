// The store in memory: for tests, and for runs that may end with their process. It is also the shortest reading of the
// laws in store.ts: every method does its whole work before its first await, which is what makes it atomic.

import { storeClosed } from "../errors/store.ts";
import { endedStatuses } from "../store.ts";
import type {
  Change, Claimed, ClaimRequest, Committed, Delivered, Delivery, Extended, Lease, LeaseOf, LeaseTime, Message, OutboxRow, Query, QueueSettings, QueueState,
  RemoveRequest, RunRow, Shape, ShapeCount, ShapesQuery, Store, StoredRun, Wake,
} from "../store.ts";

interface Kept {
  row: Omit<RunRow, "wake"> & { readonly frame: string };
  wake: Wake | null;
  inbox: Message[];
  readonly parts: Map<string, string>;
  /** With when it came. */
  readonly seen: Map<string, number>;
}

/** A store of this process alone, gone with it. It has no transactions. */
export function memory(): Store {
  return new MemoryStore();
}

class MemoryStore implements Store {
  readonly #runs = new Map<string, Kept>();
  readonly #queues = new Map<string, Required<QueueSettings>>();
  /** By queue, the runs with a wake, so that a claim does not look at what a queue keeps back. */
  readonly #waking = new Map<string, { readonly free: Set<Kept>; readonly leased: Set<Kept> }>();
  readonly #shapes = new Map<string, Shape>();
  #outbox: OutboxRow[] = [];
  #places = 0;
  #outboxIds = 0;
  #closed = false;

  async load(id: string, eventId?: string, only?: readonly string[]): Promise<StoredRun | undefined> {
    this.#open();
    const kept = this.#runs.get(id);
    if (kept === undefined) return undefined;
    const parts = only === undefined ? kept.parts : [...kept.parts].filter(([key]) => only.some((name) => key.startsWith(`${name}/`)));
    const frame = only?.includes("frame") === false ? "" : kept.row.frame;
    return { ...kept.row, frame, wake: kept.wake, inbox: [...kept.inbox], parts: new Map(parts), seen: eventId !== undefined && kept.seen.has(eventId) };
  }

  async commit(changes: readonly Change[]): Promise<readonly Committed[]> {
    this.#open();
    return changes.map((change) => (change.version === 0 ? this.#create(change) : this.#update(change)));
  }

  #create(change: Change): Committed {
    if (this.#runs.has(change.id)) return { applied: false, reason: "stale" };
    if (!change.origin) throw new TypeError("A change with version 0 needs an origin");
    const { flow, queue, priority } = change.origin;
    const row = {
      id: change.id, flow, queue, priority, place: ++this.#places, version: 0, delivered: 0, createdAt: change.now,
      ...columns(change), frame: change.frame ?? "", index: change.index ?? {}, shape: null,
    };
    const kept: Kept = { row, wake: null, inbox: [], parts: new Map(), seen: new Map() };
    this.#runs.set(change.id, kept);
    return this.#apply(kept, change);
  }

  #update(change: Change): Committed {
    const kept = this.#runs.get(change.id);
    if (!kept) return { applied: false, reason: "missing" };
    if (kept.row.version !== change.version) return { applied: false, reason: "stale" };
    if (!change.force && isHeld(kept.wake, change.now) && kept.wake?.owner !== change.holder) return { applied: false, reason: "leased" };
    if (change.eventId !== undefined && kept.seen.has(change.eventId)) return { applied: false, reason: "duplicate" };
    return this.#apply(kept, change);
  }

  #apply(kept: Kept, change: Change): Committed {
    const version = kept.row.version + 1;
    kept.row = {
      ...kept.row, ...columns(change), version,
      frame: change.frame ?? kept.row.frame, index: change.index ?? kept.row.index,
      shape: change.shape === undefined ? kept.row.shape : change.shape?.key ?? null,
    };
    if (change.shape && !this.#shapes.has(change.shape.key)) this.#shapes.set(change.shape.key, change.shape);
    for (const key of change.parts?.drop ?? []) kept.parts.delete(key);
    for (const [key, text] of change.parts?.put ?? []) kept.parts.set(key, text);
    if (change.eventId !== undefined) kept.seen.set(change.eventId, change.now);
    for (const [eventId, at] of change.forget === undefined ? [] : kept.seen) if (at < (change.forget ?? 0)) kept.seen.delete(eventId);
    if (change.consumed?.length) kept.inbox = kept.inbox.filter((message) => !change.consumed?.includes(message.seq));
    for (const message of change.outbox ?? []) this.#outbox.push({ id: ++this.#outboxIds, ...message });
    const { delivered } = kept.row;
    const at = delivered > change.looked ? change.now : change.wake;
    if (change.lease) this.#wakes(kept, leased(kept.wake, change.lease, change.now, change.holder));
    else this.#wakes(kept, at === null ? null : { at, owner: null, attempt: 0 });
    return { applied: true, version, delivered };
  }

  async deliver(deliveries: readonly Delivery[]): Promise<readonly Delivered[]> {
    this.#open();
    return deliveries.map((delivery) => this.#deliver(delivery));
  }

  #deliver({ to, kind, eventId, body, now, lease, outbox }: Delivery): Delivered {
    if (outbox !== undefined) this.#outbox = this.#outbox.filter((row) => row.id !== outbox);
    const kept = this.#runs.get(to);
    if (!kept) return { result: "missing" };
    if (eventId !== undefined && kept.seen.has(eventId)) return { result: "duplicate" };
    if (eventId !== undefined) kept.seen.set(eventId, now);
    const seq = kept.row.delivered + 1;
    kept.row = { ...kept.row, delivered: seq };
    kept.inbox.push({ seq, kind, eventId: eventId ?? null, body, at: now });
    const grant = lease !== undefined && !isHeld(kept.wake, now);
    if (grant) this.#wakes(kept, leased(kept.wake, lease, now, undefined));
    else if (!kept.wake?.owner) this.#wakes(kept, { at: Math.min(kept.wake?.at ?? now, now), owner: null, attempt: kept.wake?.attempt ?? 0 });
    return { result: "delivered", seq, leased: grant };
  }

  async claim({ owner, now, duration, limit, flows, queues, shapes, unfit }: ClaimRequest): Promise<Claimed> {
    this.#open();
    const fits = ({ row: { flow, shape } }: Kept): boolean => (!flows || flows.includes(flow)) && !(shape !== null && unfit?.includes(shape));
    const isKnown = ({ row: { shape } }: Kept): boolean => !shapes || shape === null || shapes.includes(shape);
    const asked = [...this.#waking].filter(([queue]) => !queues || queues.includes(queue));
    const rooms = new Map(asked.map(([queue, { leased }]) => [queue, this.#room(queue, leased, now)]));
    const gives = (queue: string): boolean => (rooms.get(queue) ?? 0) > 0;
    const fitting = asked.flatMap(([queue, { free, leased }]) => (gives(queue) ? [...free, ...leased].filter(fits) : []));
    const waiting = fitting.filter(({ wake }) => isDue(wake, now));
    const unknown = new Set(waiting.filter((kept) => !isKnown(kept)).map(({ row }) => this.#shapes.get(row.shape ?? "") as Shape));
    const due = waiting.filter(isKnown)
      .toSorted((a, b) => b.row.priority - a.row.priority || (a.wake?.at ?? 0) - (b.wake?.at ?? 0));
    const runs: { id: string; attempt: number }[] = [];
    for (const kept of due) {
      const { id, queue } = kept.row;
      if (runs.length === limit) break;
      if (!gives(queue)) continue;
      rooms.set(queue, (rooms.get(queue) ?? 0) - 1);
      const wake = leased(kept.wake, { owner, duration }, now, undefined);
      this.#wakes(kept, wake);
      runs.push({ id, attempt: wake.attempt });
    }
    const times = fitting.flatMap(({ row, wake }) => (gives(row.queue) && wake ? wake.at : []));
    // The first that is due tells enough: what a queue keeps back may be much.
    const isKeptBack = (kept: Kept): boolean => isDue(kept.wake, now) && fits(kept);
    const withheld = asked.some(([queue, { free, leased }]) => !gives(queue) && (hasOne(free, isKeptBack) || hasOne(leased, isKeptBack)));
    return { runs, nextAt: times.length ? Math.max(now, times.reduce((a, b) => Math.min(a, b))) : null, withheld, unknown: [...unknown] };
  }

  /** How many more of its runs a queue gives. */
  #room(queue: string, leased: ReadonlySet<Kept>, now: number): number {
    const { paused = false, concurrency = null } = this.#queues.get(queue) ?? {};
    if (paused) return 0;
    return concurrency === null ? Infinity : concurrency - countOf(leased, ({ wake }) => isHeld(wake, now));
  }

  #wakes(kept: Kept, wake: Wake | null): void {
    const { queue } = kept.row;
    const waking = this.#waking.get(queue) ?? { free: new Set(), leased: new Set() };
    this.#waking.set(queue, waking);
    waking.free.delete(kept);
    waking.leased.delete(kept);
    kept.wake = wake;
    if (wake !== null) waking[wake.owner === null ? "free" : "leased"].add(kept);
    if (waking.free.size + waking.leased.size === 0) this.#waking.delete(queue);
  }

  async queue(name: string, now: number, settings: QueueSettings = {}): Promise<QueueState> {
    this.#open();
    const { paused = false, concurrency = null } = { ...this.#queues.get(name), ...settings };
    this.#queues.set(name, { paused, concurrency });
    const { free = none, leased = none } = this.#waking.get(name) ?? {};
    const due = countOf([...free, ...leased], ({ wake }) => isDue(wake, now));
    return { paused, concurrency, leased: countOf(leased, ({ wake }) => isHeld(wake, now)), due };
  }

  async shapes({ flows, keys, after = "", upTo = Infinity, limit }: ShapesQuery): Promise<readonly ShapeCount[]> {
    this.#open();
    const counts = new Map<string, number>();
    for (const { row: { shape } } of this.#runs.values()) if (shape !== null) counts.set(shape, (counts.get(shape) ?? 0) + 1);
    return [...this.#shapes.values()].map((shape) => ({ ...shape, runs: Math.min(counts.get(shape.key) ?? 0, upTo) }))
      .filter(({ key, flow, runs }) => runs > 0 && key > after && (!flows || flows.includes(flow)) && (!keys || keys.includes(key)))
      .toSorted((a, b) => (a.key < b.key ? -1 : 1)).slice(0, limit);
  }

  async extend(leases: readonly LeaseOf[], { now, duration }: LeaseTime): Promise<readonly Extended[]> {
    this.#open();
    return leases.map(({ id, owner, version }) => {
      const kept = this.#runs.get(id);
      if (!kept?.wake || kept.wake.owner !== owner) return { held: false, delivered: kept?.row.delivered ?? 0 };
      if (version === undefined || version === kept.row.version) this.#wakes(kept, { at: now + duration, owner: duration > 0 ? owner : null, attempt: kept.wake.attempt });
      return { held: true, delivered: kept.row.delivered };
    });
  }

  async outbox(limit: number, after = 0): Promise<readonly OutboxRow[]> {
    this.#open();
    return this.#outbox.filter(({ id }) => id > after).slice(0, limit);
  }

  async find({ flow, status, index = {}, context, shapes, limit, after = 0 }: Query): Promise<readonly RunRow[]> {
    this.#open();
    const found = [...this.#runs.values()].filter(({ row }) =>
      row.place > after
      && (flow === undefined || row.flow === flow)
      && (!status || status.includes(row.status))
      && (context === undefined || row.waits.includes(context))
      && (!shapes || (row.shape !== null && shapes.includes(row.shape)))
      && Object.entries(index).every(([key, value]) => Object.hasOwn(row.index, key) && row.index[key] === value));
    return found.slice(0, limit).map(({ row: { frame: _, ...row }, wake }) => ({ ...row, wake }));
  }

  async remove({ before, status = endedStatuses, limit, dryRun }: RemoveRequest): Promise<readonly string[]> {
    this.#open();
    const ids = [...this.#runs.values()].map(({ row }) => row)
      .filter((row) => endedStatuses.includes(row.status) && status.includes(row.status) && row.updatedAt < before && row.delivered <= row.looked)
      .toSorted((a, b) => a.updatedAt - b.updatedAt || a.place - b.place).slice(0, limit).map((row) => row.id);
    if (!dryRun) for (const id of ids) this.#remove(id);
    return ids;
  }

  #remove(id: string): void {
    const kept = this.#runs.get(id);
    if (kept) this.#wakes(kept, null);
    this.#runs.delete(id);
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #open(): void {
    if (this.#closed) throw storeClosed();
  }
}

const none: ReadonlySet<Kept> = new Set();

function countOf(list: Iterable<Kept>, is: (kept: Kept) => boolean): number {
  let count = 0;
  for (const kept of list) if (is(kept)) count++;
  return count;
}

function hasOne(list: Iterable<Kept>, is: (kept: Kept) => boolean): boolean {
  for (const kept of list) if (is(kept)) return true;
  return false;
}

/** The columns that every change writes. */
function columns(change: Change) {
  return { status: change.status, state: change.state, waits: [...change.waits], looked: change.looked, updatedAt: change.now };
}

function isHeld(wake: Wake | null, now: number): boolean {
  return wake !== null && wake.owner !== null && wake.at > now;
}

function isDue(wake: Wake | null, now: number): boolean {
  return wake !== null && wake.at <= now;
}

/** The wake of a run whose lease is taken or kept. Taking it from another owner, whose time ran out, counts as a crash. */
function leased(wake: Wake | null, lease: Lease, now: number, holder: string | undefined): Wake {
  const crashed = wake !== null && wake.owner !== null && wake.owner !== holder && wake.owner !== lease.owner;
  return { at: now + lease.duration, owner: lease.owner, attempt: lease.anew ? 0 : (wake?.attempt ?? 0) + (crashed ? 1 : 0) };
}
