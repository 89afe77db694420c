// Law 14: queues that are paused or limited.

import assert from "node:assert/strict";
import type { Claimed, ClaimRequest, Store } from "../store.ts";
import { changeOf, created, type Make, now } from "./store-fixture.ts";

const request: ClaimRequest = { owner: "w", now, duration: 100, limit: 10 };

async function due(store: Store, queue: string, ...ids: string[]): Promise<void> {
  for (const [place, id] of ids.entries()) await created(store, id, { wake: now - 10 + place, origin: { flow: "flow", queue, priority: 0 } });
}

function idsOf({ runs }: Claimed): string[] {
  return runs.map(({ id }) => id);
}

export const queueLaws: Readonly<Record<string, Readonly<Record<string, Make>>>> = {
  "14. queues": {
    "one that nobody has set is open": async (store) => {
      await due(store, "q", "a");
      assert.deepEqual(await store.queue("q", now), { paused: false, concurrency: null, leased: 0, due: 1 });
    },
    "of a paused one nothing is taken, by anybody, until it goes on": async (store, second) => {
      await due(store, "q", "a");
      await due(store, "other", "b");
      assert.equal((await store.queue("q", now, { paused: true })).paused, true);
      assert.deepEqual(await second.claim(request), { runs: [{ id: "b", attempt: 0 }], nextAt: now + 100, withheld: true, unknown: [] });
      assert.equal((await second.queue("q", now, { paused: false })).paused, false);
      assert.deepEqual(await store.claim(request), { runs: [{ id: "a", attempt: 0 }], nextAt: now + 100, withheld: false, unknown: [] });
    },
    "only what is due and fits is withheld": async (store) => {
      await created(store, "later", { wake: now + 5, origin: { flow: "flow", queue: "q", priority: 0 } });
      await store.queue("q", now, { paused: true });
      assert.deepEqual(await store.claim(request), { runs: [], nextAt: null, withheld: false, unknown: [] });
      assert.equal((await store.claim({ ...request, now: now + 5 })).withheld, true);
      assert.equal((await store.claim({ ...request, now: now + 5, flows: ["another"] })).withheld, false);
      assert.equal((await store.claim({ ...request, now: now + 5, queues: ["another"] })).withheld, false);
    },
    "of a limited one so many are leased, whoever claims": async (store, second) => {
      await due(store, "q", "a", "b", "c", "d");
      await due(store, "other", "x", "y");
      await store.queue("q", now, { concurrency: 2 });
      assert.deepEqual(idsOf(await store.claim({ ...request, limit: 1 })), ["a"]);
      assert.deepEqual(idsOf(await second.claim({ ...request, owner: "v" })).toSorted(), ["b", "x", "y"]);
      assert.deepEqual(await store.queue("q", now), { paused: false, concurrency: 2, leased: 2, due: 2 });
      assert.deepEqual(await store.claim(request), { runs: [], nextAt: now + 100, withheld: true, unknown: [] });
    },
    "what the claim that fills it keeps back is withheld": async (store) => {
      await due(store, "q", "a", "b", "c");
      await due(store, "other", "x");
      await store.queue("q", now, { concurrency: 2 });
      assert.deepEqual(await store.claim({ ...request, queues: ["q"] }), { runs: [{ id: "a", attempt: 0 }, { id: "b", attempt: 0 }], nextAt: null, withheld: true, unknown: [] });
      assert.deepEqual(await store.claim({ ...request, limit: 1 }), { runs: [{ id: "x", attempt: 0 }], nextAt: now + 100, withheld: true, unknown: [] });
      await store.queue("q", now, { concurrency: 4 });
      assert.deepEqual(await store.claim({ ...request, limit: 9 }), { runs: [{ id: "c", attempt: 0 }], nextAt: now + 100, withheld: false, unknown: [] });
    },
    "a run that is given back makes room for another": async (store, second) => {
      await due(store, "q", "a", "b");
      await store.queue("q", now, { concurrency: 1 });
      await store.claim(request);
      assert.deepEqual(idsOf(await second.claim(request)), []);
      await store.commit([changeOf("a", 1, { holder: "w" })]);
      assert.deepEqual(idsOf(await second.claim(request)), ["b"]);
    },
    "so does a lease that ran out": async (store, second) => {
      await due(store, "q", "a", "b");
      await store.queue("q", now, { concurrency: 1 });
      await store.claim(request);
      assert.equal((await second.claim({ ...request, owner: "v", now: now + 100 })).runs.length, 1);
    },
    "a higher priority of a full queue does not stand in the way of others": async (store) => {
      for (const [at, id] of ["a", "b", "c"].entries()) await created(store, id, { wake: now - 9 + at, origin: { flow: "flow", queue: "q", priority: 9 } });
      await due(store, "other", "x");
      await store.queue("q", now, { concurrency: 1 });
      assert.deepEqual(idsOf(await store.claim({ ...request, limit: 2 })), ["a", "x"]);
    },
    "a setting that is left out stays, and null takes the limit away": async (store) => {
      await store.queue("q", now, { concurrency: 3 });
      await store.queue("q", now, { paused: true });
      assert.deepEqual(await store.queue("q", now), { paused: true, concurrency: 3, leased: 0, due: 0 });
      await store.queue("q", now, { concurrency: null, paused: false });
      assert.deepEqual(await store.queue("q", now), { paused: false, concurrency: null, leased: 0, due: 0 });
    },
    "names are any text": async (store, second) => {
      for (const name of ["it's", "a\nb", "\"]'", "x".repeat(1000), "Ω𝒳", "__proto__"]) {
        await store.queue(name, now, { paused: true });
        assert.equal((await second.queue(name, now)).paused, true);
      }
    },
  },
};
