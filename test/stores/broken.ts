// Stores that break one law each, made from one that keeps them all. The store suite, the simulation and the kill loop must
// find them: a proof that cannot fail proves nothing.

import type { Change, Delivery, Store, StoredRun } from "../../runtime/store.ts";
import { isCall } from "./calls.ts";
import { remembering } from "./remembering.ts";

type Break = (store: Store) => Store;

function over(override: (store: Store) => Partial<Store>): Break {
  return (store) => {
    const own = override(store);
    return new Proxy(store, {
      get: (target, name: keyof Store) => own[name] ?? (isCall(name) ? target[name].bind(target) : target[name]),
    });
  };
}

const changed = (change: (store: Store, given: Change) => Change | Promise<Change>): Break => over((store) => ({
  commit: async (changes) => store.commit(await Promise.all(changes.map((given) => change(store, given)))),
}));

/** With the law that the suite finds it by. The first four are what exactly-once rests on. */
export const broken = {
  "no compare-and-swap": ["2.", changed(async (store, given) => ({ ...given, version: (await store.load(given.id))?.version ?? given.version }))],
  "no counter of the inbox": ["7.", over((store) => ({
    // What is in the inbox was looked at, whenever it came.
    async commit(changes) {
      const results = await store.commit(changes.map((given) => ({ ...given, looked: Number.MAX_SAFE_INTEGER })));
      return results.map((result, at) => (result.applied ? { ...result, delivered: changes[at]?.looked ?? 0 } : result));
    },
    async load(id, eventId) {
      const row = await store.load(id, eventId);
      return row && { ...row, looked: row.delivered };
    },
  }))],
  "no event ids": ["6.", over((store) => {
    let serial = 0;
    const other = (eventId: string): string => `${eventId}\u0001${++serial}`;
    return {
      deliver: (deliveries) => store.deliver(deliveries.map((delivery: Delivery) => (delivery.eventId === undefined ? delivery : { ...delivery, eventId: other(delivery.eventId) }))),
      commit: (changes) => store.commit(changes.map((change) => (change.eventId === undefined ? change : { ...change, eventId: other(change.eventId) }))),
      async load(id) {
        const row = await store.load(id);
        return row && { ...row, inbox: row.inbox.map((message) => ({ ...message, eventId: message.eventId?.split("\u0001")[0] ?? null })) };
      },
    };
  })],
  "no leases": ["10.", over((store) => {
    // All of them run out at once, and bind nobody.
    const brief = <T extends { readonly lease?: { readonly owner: string; readonly duration: number } }>(one: T): T =>
      (one.lease ? { ...one, lease: { ...one.lease, duration: 0 } } : one);
    return {
      commit: (changes) => store.commit(changes.map((change) => ({ ...brief(change), force: true }))),
      deliver: (deliveries) => store.deliver(deliveries.map(brief)),
      claim: (request) => store.claim({ ...request, duration: 0 }),
      extend: async (leases, time) => (await store.extend(leases, { ...time, duration: 1 })).map((result) => ({ ...result, held: true })),
    };
  })],
  "heartbeats of anybody": ["10.", over((store) => ({
    extend: async (leases, time) => store.extend(await Promise.all(leases.map(async ({ id }) => ({ id, owner: (await store.load(id))?.wake?.owner ?? "" }))), time),
  }))],
  "late heartbeats": ["10.", over((store) => ({
    extend: (leases, time) => store.extend(leases.map(({ id, owner }) => ({ id, owner })), time),
  }))],
  "claims of what is claimed": ["9.", over((store) => ({
    async claim(request) {
      const claimed = await store.claim(request);
      await store.extend(claimed.runs.map(({ id }) => ({ id, owner: request.owner })), { now: request.now, duration: 0 });
      return claimed;
    },
  }))],
  "event ids that stay": ["6.", changed((_store, { forget: _, ...given }) => given)],
  "crashes that count for ever": ["9.", changed((_store, given) => (given.lease ? { ...given, lease: { ...given.lease, anew: false } } : given))],
  "a batch that fails as one": ["4.", over((store) => ({
    async commit(changes) {
      const results = await store.commit(changes);
      return results.some((result) => !result.applied) ? results.map(() => ({ applied: false, reason: "stale" as const })) : results;
    },
  }))],
  "an outbox that forgets": ["11.", changed((_store, { outbox: _, ...given }) => given)],
  "an outbox without end": ["11.", over((store) => ({ deliver: (deliveries) => store.deliver(deliveries.map(({ outbox: _, ...delivery }) => delivery)) }))],
  "parts that stay": ["13.", changed((_store, given) => (given.parts ? { ...given, parts: { ...given.parts, drop: [] } } : given))],
  "shapes that stay": ["17.", changed((_store, given) => (given.shape === null ? { ...given, shape: { key: "old", flow: "f", atoms: "" } } : given))],
  "shapes counted to the end": ["17.", over((store) => ({ shapes: ({ upTo: _, ...query }) => store.shapes(query) }))],
  "claims of every shape": ["17.", over((store) => ({ claim: ({ shapes: _, ...request }) => store.claim(request) }))],
  "unknown shapes that are kept silent": ["17.", over((store) => ({ claim: async (request) => ({ ...await store.claim(request), unknown: [] }) }))],
  "transactions that are silent about their work": ["15.", over((store) => ({
    transactions: {
      synchronous: false,
      async transact(work) {
        const [result] = await Promise.resolve().then(() => work({})).then((change) => store.commit([change]), () => []);
        return result ?? { applied: false, reason: "stale" };
      },
    },
  }))],
  "a caller's transaction that is not waited for": ["16.", over((store) => ({
    transactions: { synchronous: false, transact: () => Promise.reject(new Error("no")), joined: () => store },
  }))],
  "marks that bind nobody": ["18.", (store) => over((inner) => ({
    commit: (changes) => inner.commit(changes.map(({ mark: _, ...change }) => change)),
  }))(remembering(store))],
  "recalled runs that are old": ["18.", (store) => {
    const first = new Map<string, StoredRun>();
    return over((inner) => ({
      recall(id) {
        const run = inner.recall?.(id);
        if (run !== undefined && !first.has(id)) first.set(id, run);
        return run && { ...first.get(id) as StoredRun, mark: run.mark };
      },
    }))(remembering(store));
  }],
  "removal of anything": ["12.", over((store) => ({ remove: async (request) => (await store.find({ limit: request.limit })).map(({ id }) => id) }))],
} as const satisfies Record<string, readonly [law: string, Break]>;
