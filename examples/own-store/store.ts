// A store of one's own: a Map, whose every operation takes a while, as a server's would. What makes it right is that each
// operation reads and writes between two awaits, and never across one.

import type {
  Change, ClaimRequest, Delivery, Lease, LeaseOf, LeaseTime, OutboxRow, Query, QueueSettings, Refusal, RemoveRequest, RunStatus, Shape, ShapesQuery, Store,
  StoredRun, Wake,
} from "deflow";

type Run = { -readonly [K in keyof StoredRun]: StoredRun[K] } & { seenIds: Map<string, number> };

const ended: readonly RunStatus[] = ["completed", "failed", "cancelled", "killed"];

export class MapStore implements Store {
  #runs = new Map<string, Run>();
  #outbox: OutboxRow[] = [];
  #queues = new Map<string, Required<QueueSettings>>();
  #shapes = new Map<string, Shape>();
  #numbers = 0;
  #travel = (): Promise<unknown> => new Promise((resolve) => setImmediate(resolve));

  async load(id: string, eventId?: string) {
    await this.#travel();
    const run = this.#runs.get(id);
    if (!run) return undefined;
    const { seenIds, ...row } = run;
    return { ...row, seen: eventId !== undefined && seenIds.has(eventId) };
  }

  commit = async (changes: readonly Change[]) => (await this.#travel(), changes.map((change) => this.#apply(change)));

  #apply(change: Change) {
    const run = change.version === 0 ? this.#create(change) : this.#runs.get(change.id);
    if (!run) return refused(change.version === 0 ? "stale" : "missing");
    if (run.version !== change.version) return refused("stale");
    if (!change.force && isHeld(run.wake, change.now) && run.wake?.owner !== change.holder) return refused("leased");
    if (change.eventId !== undefined && run.seenIds.has(change.eventId)) return refused("duplicate");
    this.#runs.set(run.id, run);
    const { status, state, waits, looked, now: updatedAt, frame = run.frame, index = run.index, shape } = change;
    Object.assign(run, { status, state, waits, looked, updatedAt, frame, index, version: run.version + 1, shape: shape === undefined ? run.shape : shape?.key ?? null });
    if (shape && !this.#shapes.has(shape.key)) this.#shapes.set(shape.key, shape);
    run.inbox = run.inbox.filter(({ seq }) => !change.consumed?.includes(seq));
    run.parts = new Map([...[...run.parts].filter(([name]) => !change.parts?.drop?.includes(name)), ...(change.parts?.put ?? [])]);
    if (change.eventId !== undefined) run.seenIds.set(change.eventId, updatedAt);
    if (change.forget !== undefined) run.seenIds = new Map([...run.seenIds].filter(([, cameAt]) => cameAt >= (change.forget ?? 0)));
    for (const message of change.outbox ?? []) this.#outbox.push({ id: ++this.#numbers, ...message });
    // Never from a look at the inbox: what came since it was looked at is known by its count.
    const at = run.delivered > change.looked ? change.now : change.wake;
    run.wake = change.lease ? leased(run.wake, change.lease, change.now, change.holder) : at === null ? null : { at, owner: null, attempt: 0 };
    return { applied: true as const, version: run.version, delivered: run.delivered };
  }

  #create({ id, origin, now, state }: Change): Run | undefined {
    const empty = { version: 0, delivered: 0, looked: 0, waits: [], index: {}, shape: null, wake: null, frame: "", inbox: [], parts: new Map<string, string>(), seen: false };
    return this.#runs.has(id) || !origin ? undefined : { id, ...origin, place: ++this.#numbers, status: "queued", state, createdAt: now, updatedAt: now, ...empty, seenIds: new Map() };
  }

  async deliver(deliveries: readonly Delivery[]) {
    await this.#travel();
    return deliveries.map(({ to, kind, eventId, body, now, lease, outbox }) => {
      this.#outbox = this.#outbox.filter(({ id }) => id !== outbox);
      const run = this.#runs.get(to);
      if (!run) return { result: "missing" as const };
      if (eventId !== undefined && run.seenIds.has(eventId)) return { result: "duplicate" as const };
      if (eventId !== undefined) run.seenIds.set(eventId, now);
      run.inbox = [...run.inbox, { seq: ++run.delivered, kind, eventId: eventId ?? null, body, at: now }];
      const grant = lease !== undefined && !isHeld(run.wake, now);
      if (grant) run.wake = leased(run.wake, lease, now);
      else if (!run.wake?.owner) run.wake = { at: Math.min(run.wake?.at ?? now, now), owner: null, attempt: run.wake?.attempt ?? 0 };
      return { result: "delivered" as const, seq: run.delivered, leased: grant };
    });
  }

  async claim({ owner, now, duration, limit, flows, queues, shapes, unfit }: ClaimRequest) {
    await this.#travel();
    const fit = [...this.#runs.values()].filter((run) => run.wake && flows?.includes(run.flow) !== false && queues?.includes(run.queue) !== false && !unfit?.includes(run.shape ?? ""));
    const due = fit.filter((run) => at(run) <= now).sort((a, b) => b.priority - a.priority || at(a) - at(b));
    const isKnown = ({ shape }: Run): boolean => !shape || shapes?.includes(shape) !== false;
    const unknown = new Set(due.filter((run) => !isKnown(run) && this.#gives(run.queue, now)).flatMap(({ shape }) => this.#shapes.get(shape ?? "") ?? []));
    const runs = [];
    for (const run of due.filter(isKnown)) {
      if (runs.length === limit || !this.#gives(run.queue, now)) continue;
      run.wake = leased(run.wake, { owner, duration }, now);
      runs.push({ id: run.id, attempt: run.wake.attempt });
    }
    const next = Math.min(...fit.filter((run) => this.#gives(run.queue, now)).map(at));
    return { runs, nextAt: next === Infinity ? null : Math.max(now, next), withheld: due.some(({ queue }) => !this.#gives(queue, now)), unknown: [...unknown] };
  }

  async extend(leases: readonly LeaseOf[], { now, duration }: LeaseTime) {
    await this.#travel();
    return leases.map(({ id, owner, version }) => {
      const run = this.#runs.get(id);
      if (run?.wake?.owner !== owner) return { held: false, delivered: run?.delivered ?? 0 };
      if (version === undefined || version === run.version) run.wake = { ...run.wake, at: now + duration, owner: duration > 0 ? owner : null };
      return { held: true, delivered: run.delivered };
    });
  }

  outbox = async (limit: number, after = 0) => (await this.#travel(), this.#outbox.filter(({ id }) => id > after).slice(0, limit));
  close = async () => void (this.#travel = () => Promise.reject(Object.assign(new Error("The store is closed"), { code: "STORE_CLOSED" })));

  async shapes({ flows, keys, after = "", upTo = Infinity, limit }: ShapesQuery) {
    await this.#travel();
    const counted = [...this.#shapes.values()].map((shape) => ({ ...shape, runs: Math.min(this.#count((run) => run.shape === shape.key), upTo) }));
    return counted.filter(({ key, flow, runs }) => runs > 0 && key > after && flows?.includes(flow) !== false && keys?.includes(key) !== false).sort((a, b) => (a.key < b.key ? -1 : 1)).slice(0, limit);
  }

  find = async ({ flow, status, index = {}, context, shapes, limit, after = 0 }: Query) => (await this.#travel(), [...this.#runs.values()].filter((run) => run.place > after
    && (!flow || run.flow === flow) && status?.includes(run.status) !== false && shapes?.includes(run.shape ?? "") !== false && (!context || run.waits.includes(context))
    && Object.entries(index).every(([key, value]) => Object.hasOwn(run.index, key) && run.index[key] === value)).slice(0, limit));

  async remove({ before, status = ended, limit, dryRun }: RemoveRequest) {
    await this.#travel();
    const ids = [...this.#runs.values()].filter((run) => ended.includes(run.status) && status.includes(run.status) && run.updatedAt < before && run.delivered <= run.looked)
      .sort((a, b) => a.updatedAt - b.updatedAt || a.place - b.place).slice(0, limit).map(({ id }) => id);
    if (!dryRun) for (const id of ids) this.#runs.delete(id);
    return ids;
  }

  async queue(name: string, now: number, settings: QueueSettings = {}) {
    await this.#travel();
    const queue = { paused: false, concurrency: null, ...this.#queues.get(name), ...settings };
    this.#queues.set(name, queue);
    return { ...queue, leased: this.#count(({ wake, queue }) => queue === name && isHeld(wake, now)), due: this.#count((run) => run.queue === name && at(run) <= now) };
  }

  #count = (is: (run: Run) => boolean): number => [...this.#runs.values()].filter(is).length;

  #gives(name: string, now: number): boolean {
    const { paused = false, concurrency = null } = this.#queues.get(name) ?? {};
    return !paused && (concurrency === null || this.#count(({ wake, queue }) => queue === name && isHeld(wake, now)) < concurrency);
  }
}

const refused = (reason: Refusal) => ({ applied: false as const, reason });
const isHeld = (wake: Wake | null, now: number): boolean => wake !== null && wake.owner !== null && wake.at > now;
const at = ({ wake }: Run): number => wake?.at ?? Infinity;

/** A lease taken from another owner, whose time ran out, counts as a crash. */
function leased(wake: Wake | null, { owner, duration, anew }: Lease, now: number, holder?: string): Wake {
  const crashed = wake !== null && wake.owner !== null && wake.owner !== holder && wake.owner !== owner;
  return { at: now + duration, owner, attempt: anew ? 0 : (wake?.attempt ?? 0) + (crashed ? 1 : 0) };
}
