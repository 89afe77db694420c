// The laws of store.ts as tests, one `describe` per law, for every store that there is or will be.
//
//   await storeSuite("my store", { open: async () => { const store = …; return { first: store, second: store, close() {} }; } });
//
// `first` and `second` are two connections to the same, empty data, or one store twice: the interleavings that matter are
// stepped through by hand on both, because a random race finds a lost wake-up in one run of five at best.

import assert from "node:assert/strict";
import { changeOf, created, delivered, type Make, now, type StorePair } from "./store-fixture.ts";
import { joinedLaws } from "./store-suite-joined.ts";
import { leaseLaws } from "./store-suite-leases.ts";
import { partLaws } from "./store-suite-parts.ts";
import { queryLaws } from "./store-suite-queries.ts";
import { queueLaws } from "./store-suite-queues.ts";
import { recallLaws } from "./store-suite-recall.ts";
import { shapeLaws } from "./store-suite-shapes.ts";
import { transactionLaws } from "./store-suite-transactions.ts";

export type { Caller, StorePair } from "./store-fixture.ts";

/** What `storeSuite` proves. */
export interface StoreFixture {
  /** Called before each test: an empty store. */
  open(): Promise<StorePair> | StorePair;
}

/** What the suite needs of a test framework: vitest, node:test and jest have it. */
export interface TestFramework {
  /** Groups tests. */
  describe(name: string, body: () => void): unknown;
  /** Declares a test. */
  it(name: string, body: () => Promise<void>): unknown;
}

/** Declares the suite. Without `framework` it is vitest, which must then be installed. */
export async function storeSuite(name: string, fixture: StoreFixture, framework?: TestFramework): Promise<void> {
  const { describe, it } = framework ?? ((await import("vitest")) as TestFramework);
  const law = (title: string, tests: Readonly<Record<string, Make>>): void => {
    describe(title, () => {
      for (const [test, body] of Object.entries(tests)) {
        it(test, async () => {
          const pair = await fixture.open();
          try {
            await body(pair.first, pair.second, pair);
          } finally {
            await pair.close();
          }
        });
      }
    });
  };
  describe(name, () => {
    for (const [title, tests] of Object.entries({ ...commitLaws, ...inboxLaws, ...leaseLaws, ...queryLaws, ...partLaws, ...queueLaws, ...transactionLaws, ...joinedLaws, ...shapeLaws, ...recallLaws })) law(title, tests);
  });
}

type Laws = Readonly<Record<string, Readonly<Record<string, Make>>>>;

const commitLaws: Laws = {
  "1. absence": {
    "an unknown id loads as undefined": async (store) => {
      assert.equal(await store.load("nobody"), undefined);
    },
    "version 0 creates, and what was written is read": async (store, second) => {
      const change = changeOf("a", 0, { frame: "frame \u0001 \u2028 'quoted' 𝒳", state: "{}", waits: ["x", "y"], index: { customer: 7, vip: true } });
      assert.deepEqual(await store.commit([change]), [{ applied: true, version: 1, delivered: 0 }]);
      const { place, ...run } = (await second.load("a")) ?? assert.fail("not there");
      assert.ok(place > 0);
      assert.deepEqual(run, {
        id: "a", flow: "flow", queue: "default", priority: 0, status: "waiting", version: 1, state: "{}", waits: ["x", "y"],
        index: { customer: 7, vip: true }, shape: null, frame: "frame \u0001 \u2028 'quoted' 𝒳", parts: new Map(), inbox: [],
        delivered: 0, looked: 0, createdAt: now, updatedAt: now, wake: null, seen: false,
      });
    },
    "version 0 is refused when the id is taken": async (store) => {
      await created(store, "a", { frame: "old" });
      assert.deepEqual(await store.commit([changeOf("a", 0, { frame: "new" })]), [{ applied: false, reason: "stale" }]);
      assert.equal((await store.load("a"))?.frame, "old");
    },
    "another version of an unknown id is `missing`": async (store) => {
      assert.deepEqual(await store.commit([changeOf("a", 3)]), [{ applied: false, reason: "missing" }]);
    },
    "ids are any text": async (store) => {
      for (const id of ["", "it's", "a\nb", "{tag}", "x".repeat(10_000), "id.*.>", "Ω𝒳", "__proto__", "constructor"]) {
        await created(store, id);
        assert.equal((await store.load(id))?.id, id);
      }
    },
  },
  "2. compare-and-swap": {
    "of two changes from one version the first applies": async (store, second) => {
      await created(store, "a");
      assert.deepEqual(await store.commit([changeOf("a", 1, { frame: "first" })]), [{ applied: true, version: 2, delivered: 0 }]);
      assert.deepEqual(await second.commit([changeOf("a", 1, { frame: "second" })]), [{ applied: false, reason: "stale" }]);
      assert.equal((await second.load("a"))?.frame, "first");
    },
    "of many at once exactly one applies": async (store, second) => {
      await created(store, "a");
      const results = await Promise.all(Array.from({ length: 20 }, (_, n) => (n % 2 ? store : second).commit([changeOf("a", 1)])));
      assert.equal(results.flat().filter((result) => result.applied).length, 1);
      assert.equal((await store.load("a"))?.version, 2);
    },
    "claims, extensions and deliveries leave the version alone": async (store) => {
      await created(store, "a", { wake: now });
      await store.deliver([delivered("a", "e1")]);
      await store.claim({ owner: "w", now, duration: 10, limit: 1 });
      await store.extend([{ id: "a", owner: "w" }], { now, duration: 20 });
      assert.equal((await store.load("a"))?.version, 1);
    },
  },
  "3. all or nothing": {
    "a refused change leaves no trace": async (store) => {
      await created(store, "a", { index: { k: 1 } });
      await store.deliver([delivered("a", "e1")]);
      const before = await store.load("a");
      const outbox = [{ to: "b", kind: "child", eventId: "1", body: "" }];
      await store.commit([changeOf("a", 9, { frame: "x", index: { k: 2 }, consumed: [1], eventId: "e2", wake: 5, outbox })]);
      assert.deepEqual(await store.load("a"), before);
      assert.deepEqual(await store.outbox(10), []);
      assert.equal((await store.deliver([delivered("a", "e2")]))[0]?.result, "delivered");
    },
    "an applied one is visible to everyone as a whole": async (store, second) => {
      await created(store, "a");
      await store.deliver([delivered("a", "e1"), delivered("a", "e2")]);
      await store.commit([changeOf("a", 1, {
        status: "completed", frame: "end", state: "done", waits: [], index: { k: 2 }, looked: 2, consumed: [1],
        outbox: [{ to: "b", kind: "child", eventId: "1", body: "x" }],
      })]);
      const run = await second.load("a");
      assert.deepEqual([run?.status, run?.frame, run?.state, run?.index], ["completed", "end", "done", { k: 2 }]);
      assert.deepEqual(run?.inbox.map((message) => message.seq), [2]);
      assert.equal((await second.outbox(10)).length, 1);
    },
    "what a change leaves out stays": async (store) => {
      await created(store, "a", { frame: "kept", index: { k: 1 } });
      await store.commit([changeOf("a", 1, { state: "new" })]);
      const run = await store.load("a");
      assert.deepEqual([run?.frame, run?.index, run?.state], ["kept", { k: 1 }, "new"]);
    },
  },
  "4. each alone": {
    "a refused change takes no other with it": async (store) => {
      await created(store, "a");
      const results = await store.commit([changeOf("a", 1), changeOf("b", 4), changeOf("c", 0), changeOf("a", 1), changeOf("a", 2)]);
      assert.deepEqual(results.map((result) => (result.applied ? result.version : result.reason)), [2, "missing", 1, "stale", 3]);
    },
    "writes that come together are judged alone as well": async (store) => {
      await created(store, "a");
      const results = await Promise.all([store.commit([changeOf("a", 7)]), store.commit([changeOf("b", 0)]), store.commit([changeOf("a", 1)])]);
      assert.deepEqual(results.flat().map((result) => result.applied), [false, true, true]);
    },
  },
};

const inboxLaws: Laws = {
  "5. messages": {
    "are kept in order until consumed, and counted": async (store, second) => {
      await created(store, "a");
      const results = await store.deliver([delivered("a", "e1", "one"), delivered("a", undefined, "two")]);
      await second.deliver([delivered("a", "e3", "three")]);
      assert.deepEqual(results.map((result) => result.result === "delivered" && result.seq), [1, 2]);
      const run = await store.load("a");
      assert.equal(run?.delivered, 3);
      assert.deepEqual(run?.inbox.map(({ seq, eventId, body }) => [seq, eventId, body]), [[1, "e1", "one"], [2, null, "two"], [3, "e3", "three"]]);
      await store.commit([changeOf("a", 1, { looked: 3, consumed: [1, 3] })]);
      const after = await second.load("a");
      assert.deepEqual(after?.inbox.map(({ body }) => body), ["two"]);
      assert.deepEqual([after?.delivered, after?.looked], [3, 3]);
    },
    "to an unknown run are `missing`": async (store) => {
      assert.deepEqual(await store.deliver([delivered("nobody")]), [{ result: "missing" }]);
    },
  },
  "6. event ids": {
    "count once, also after the message is consumed": async (store, second) => {
      await created(store, "a");
      await store.deliver([delivered("a", "e1")]);
      assert.deepEqual(await second.deliver([delivered("a", "e1")]), [{ result: "duplicate" }]);
      await store.commit([changeOf("a", 1, { looked: 1, consumed: [1] })]);
      assert.deepEqual(await second.deliver([delivered("a", "e1")]), [{ result: "duplicate" }]);
      assert.equal((await store.load("a"))?.delivered, 1);
    },
    "count once between a change and a delivery": async (store) => {
      await created(store, "a");
      await store.commit([changeOf("a", 1, { eventId: "e1" })]);
      assert.deepEqual(await store.deliver([delivered("a", "e1")]), [{ result: "duplicate" }]);
      await store.deliver([delivered("a", "e2")]);
      assert.deepEqual(await store.commit([changeOf("a", 2, { eventId: "e2" })]), [{ applied: false, reason: "duplicate" }]);
    },
    "are told by load": async (store) => {
      await created(store, "a");
      await store.commit([changeOf("a", 1, { eventId: "e1" })]);
      await store.deliver([delivered("a", "e2")]);
      const seen = await Promise.all(["e1", "e2", "e3"].map(async (id) => (await store.load("a", id))?.seen));
      assert.deepEqual(seen, [true, true, false]);
    },
    "are forgotten by a change that says from when on they are kept": async (store, second) => {
      for (const id of ["a", "b"]) await created(store, id);
      for (const [at, eventId] of [[now, "e1"], [now + 5, "e2"]] as const) await store.deliver(["a", "b"].map((id) => ({ ...delivered(id, eventId), now: at })));
      await store.commit([changeOf("a", 1, { now: now + 9, eventId: "e3", forget: now + 5 })]);
      const again = ["e1", "e2", "e3"].map((eventId) => delivered("a", eventId));
      assert.deepEqual((await second.deliver([...again, delivered("b", "e1")])).map(({ result }) => result), ["delivered", "duplicate", "duplicate", "duplicate"]);
    },
    "are each run's own": async (store) => {
      await created(store, "a");
      await created(store, "b");
      const results = await store.deliver([delivered("a", "e"), delivered("b", "e")]);
      assert.deepEqual(results.map(({ result }) => result), ["delivered", "delivered"]);
    },
  },
};
