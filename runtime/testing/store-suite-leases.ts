// Laws 7 to 10: wake-ups, claims and leases.

import assert from "node:assert/strict";
import { changeOf, claimed, created, delivered, loaded, type Make, now } from "./store-fixture.ts";

export const leaseLaws: Readonly<Record<string, Readonly<Record<string, Make>>>> = {
  "7. no lost wake-up": {
    "a message that comes between load and commit makes the run claimable": async (store, second) => {
      await created(store, "a");
      const run = await loaded(store, "a");
      await second.deliver([delivered("a", "e1")]);
      const [result] = await store.commit([changeOf("a", run.version, { looked: run.delivered })]);
      assert.deepEqual(result, { applied: true, version: 2, delivered: 1 });
      assert.deepEqual(await claimed(second, "w"), ["a"]);
    },
    "a message that was looked at does not": async (store) => {
      await created(store, "a");
      await store.deliver([delivered("a", "e1")]);
      await store.commit([changeOf("a", 1, { looked: 1 })]);
      assert.deepEqual(await claimed(store, "w"), []);
    },
    "a message before the first turn of a queued run waits for it": async (store) => {
      await created(store, "a", { status: "queued", wake: now + 50 });
      await store.deliver([delivered("a", "e1")]);
      assert.equal((await loaded(store, "a")).wake?.at, now);
    },
    "the end of a lease makes a run with new messages claimable, at once and whatever its timer": async (store, second) => {
      await created(store, "a", { wake: now });
      await claimed(store, "w");
      const run = await loaded(store, "a");
      await second.deliver([delivered("a", "e1")]);
      await store.commit([changeOf("a", 1, { looked: run.delivered, holder: "w", wake: now + 1000 })]);
      assert.deepEqual(await claimed(second, "v"), ["a"]);
    },
  },
  "8. deliveries to a leased run": {
    "do not make it claimable, and its holder learns of them": async (store, second) => {
      await created(store, "a", { lease: { owner: "w", duration: 100 } });
      assert.deepEqual(await second.deliver([{ ...delivered("a", "e1"), lease: { owner: "v", duration: 100 } }]), [
        { result: "delivered", seq: 1, leased: false },
      ]);
      assert.deepEqual(await claimed(second, "v"), []);
      assert.deepEqual(await store.extend([{ id: "a", owner: "w" }], { now, duration: 100 }), [{ held: true, delivered: 1 }]);
      const [result] = await store.commit([changeOf("a", 1, { holder: "w", lease: { owner: "w", duration: 100 } })]);
      assert.deepEqual(result, { applied: true, version: 2, delivered: 1 });
    },
    "to a free one give the sender its lease if asked": async (store, second) => {
      await created(store, "a");
      assert.deepEqual(await store.deliver([{ ...delivered("a", "e1"), lease: { owner: "s", duration: 100 } }]), [
        { result: "delivered", seq: 1, leased: true },
      ]);
      assert.deepEqual(await claimed(second, "w"), []);
      assert.deepEqual((await loaded(second, "a")).wake, { at: now + 100, owner: "s", attempt: 0 });
    },
  },
  "9. claims": {
    "give a due run to one claimer": async (store, second) => {
      for (const id of ["a", "b", "c"]) await created(store, id, { wake: now });
      const [one, two] = await Promise.all([claimed(store, "v", now, 2), claimed(second, "w", now, 2)]);
      assert.deepEqual([...one, ...two].toSorted(), ["a", "b", "c"]);
    },
    "take no run before its time": async (store) => {
      await created(store, "a", { wake: now + 1 });
      await created(store, "b");
      assert.deepEqual(await store.claim({ owner: "w", now, duration: 10, limit: 5 }), { runs: [], nextAt: now + 1, withheld: false, unknown: [] });
      assert.deepEqual(await claimed(store, "w", now + 1), ["a"]);
    },
    "take higher priority first, then the longest due": async (store) => {
      const origin = { flow: "flow", queue: "default" };
      await created(store, "late", { wake: now - 1, origin: { ...origin, priority: 0 } });
      await created(store, "early", { wake: now - 5, origin: { ...origin, priority: 0 } });
      await created(store, "urgent", { wake: now, origin: { ...origin, priority: 9 } });
      await created(store, "idle", { wake: now - 9, origin: { ...origin, priority: -1 } });
      assert.deepEqual(await claimed(store, "w", now, 3), ["urgent", "early", "late"]);
    },
    "keep to the flows and queues asked for": async (store) => {
      await created(store, "a", { wake: now, origin: { flow: "f", queue: "q", priority: 0 } });
      await created(store, "b", { wake: now, origin: { flow: "g", queue: "q", priority: 0 } });
      const request = { owner: "w", now, duration: 10, limit: 5 };
      assert.deepEqual(await store.claim({ ...request, queues: ["default"] }), { runs: [], nextAt: null, withheld: false, unknown: [] });
      assert.deepEqual((await store.claim({ ...request, flows: ["g", "h"], queues: ["q"] })).runs, [{ id: "b", attempt: 0 }]);
    },
    "take over a lease that ran out, and count the crash": async (store, second) => {
      await created(store, "a", { lease: { owner: "dead", duration: 100 } });
      assert.deepEqual(await claimed(second, "w", now + 99), []);
      assert.deepEqual((await second.claim({ owner: "w", now: now + 100, duration: 100, limit: 1 })).runs, [{ id: "a", attempt: 1 }]);
      assert.deepEqual((await second.claim({ owner: "v", now: now + 200, duration: 100, limit: 1 })).runs, [{ id: "a", attempt: 2 }]);
    },
    "count anew after the lease was given back with a commit": async (store) => {
      await created(store, "a", { lease: { owner: "dead", duration: 100 } });
      await claimed(store, "w", now + 100);
      await store.commit([changeOf("a", 1, { now: now + 100, holder: "w", wake: now + 100 })]);
      assert.deepEqual((await store.claim({ owner: "v", now: now + 100, duration: 1, limit: 1 })).runs, [{ id: "a", attempt: 0 }]);
    },
    "count anew from a change that says so": async (store) => {
      await created(store, "a", { lease: { owner: "dead", duration: 100 } });
      await claimed(store, "w", now + 100);
      await store.commit([changeOf("a", 1, { now: now + 100, holder: "w", lease: { owner: "w", duration: 100, anew: true } })]);
      assert.deepEqual((await loaded(store, "a")).wake, { at: now + 200, owner: "w", attempt: 0 });
      assert.deepEqual((await store.claim({ owner: "v", now: now + 200, duration: 1, limit: 1 })).runs, [{ id: "a", attempt: 1 }]);
    },
    "keep the count while a holder commits and goes on": async (store) => {
      await created(store, "a", { lease: { owner: "dead", duration: 100 } });
      await claimed(store, "w", now + 100);
      await store.commit([changeOf("a", 1, { now: now + 100, holder: "w", lease: { owner: "w", duration: 100 } })]);
      assert.deepEqual((await loaded(store, "a")).wake, { at: now + 200, owner: "w", attempt: 1 });
    },
  },
  "10. leases": {
    "while one holds, only its owner's changes apply": async (store, second) => {
      await created(store, "a", { lease: { owner: "w", duration: 100 } });
      assert.deepEqual(await second.commit([changeOf("a", 1)]), [{ applied: false, reason: "leased" }]);
      assert.deepEqual(await second.commit([changeOf("a", 1, { holder: "v" })]), [{ applied: false, reason: "leased" }]);
      assert.equal((await store.commit([changeOf("a", 1, { holder: "w" })]))[0]?.applied, true);
    },
    "a worker whose lease was taken over cannot commit": async (store, second) => {
      await created(store, "a", { lease: { owner: "zombie", duration: 100 } });
      await claimed(second, "w", now + 100);
      const late = changeOf("a", 1, { now: now + 101, holder: "zombie" });
      assert.deepEqual(await store.commit([late]), [{ applied: false, reason: "leased" }]);
      assert.deepEqual(await store.extend([{ id: "a", owner: "zombie" }], { now: now + 101, duration: 9 }), [{ held: false, delivered: 0 }]);
      assert.equal((await second.commit([changeOf("a", 1, { now: now + 102, holder: "w" })]))[0]?.applied, true);
      assert.deepEqual(await store.commit([late]), [{ applied: false, reason: "stale" }]);
    },
    "one that ran out holds nobody back": async (store) => {
      await created(store, "a", { lease: { owner: "dead", duration: 100 } });
      assert.equal((await store.commit([changeOf("a", 1, { now: now + 100 })]))[0]?.applied, true);
    },
    "`force` applies in spite of it, and ends it": async (store, second) => {
      await created(store, "a", { lease: { owner: "w", duration: 100 } });
      assert.equal((await second.commit([changeOf("a", 1, { force: true, status: "killed" })]))[0]?.applied, true);
      assert.deepEqual(await store.commit([changeOf("a", 1, { holder: "w" })]), [{ applied: false, reason: "stale" }]);
      assert.deepEqual(await store.extend([{ id: "a", owner: "w" }], { now, duration: 9 }), [{ held: false, delivered: 0 }]);
    },
    "a heartbeat that is late moves nothing that a change has moved": async (store) => {
      await created(store, "a", { lease: { owner: "w", duration: 100 } });
      await store.commit([changeOf("a", 1, { now: now + 90, holder: "w", lease: { owner: "w", duration: 100 } })]);
      assert.deepEqual(await store.extend([{ id: "a", owner: "w", version: 1 }], { now: now + 40, duration: 100 }), [{ held: true, delivered: 0 }]);
      assert.deepEqual(await claimed(store, "v", now + 189), []);
      await store.extend([{ id: "a", owner: "w", version: 2 }], { now: now + 150, duration: 100 });
      assert.deepEqual(await claimed(store, "v", now + 249), []);
      assert.deepEqual(await claimed(store, "v", now + 250), ["a"]);
    },
    "extending moves its end; a duration of 0 gives it back": async (store) => {
      await created(store, "a", { lease: { owner: "w", duration: 100 } });
      await store.extend([{ id: "a", owner: "w" }, { id: "none", owner: "w" }], { now: now + 50, duration: 100 });
      assert.deepEqual(await claimed(store, "v", now + 149), []);
      assert.deepEqual(await store.extend([{ id: "a", owner: "w" }], { now: now + 149, duration: 0 }), [{ held: true, delivered: 0 }]);
      assert.deepEqual((await store.claim({ owner: "v", now: now + 149, duration: 1, limit: 1 })).runs, [{ id: "a", attempt: 0 }]);
    },
  },
};
