// Law 18: runs that are recalled. Stores that recall none pass by having no `recall`; one that has it may forget a run, and is then asked for nothing.

import assert from "node:assert/strict";
import type { Change, Store, StoredRun } from "../store.ts";
import { changeOf, claimed, created, delivered, loaded, type Make, now } from "./store-fixture.ts";

const texts = { frame: "the frame", state: "the state", waits: ["word"], index: { k: 1 }, shape: { key: "s", flow: "flow", atoms: "a" } } as const;

/** A run that the store has stored and read, as it recalls it. */
async function recalled(store: Store, rest: Partial<Change> = {}): Promise<StoredRun | undefined> {
  if (store.recall === undefined) return undefined;
  await created(store, "a", { ...texts, ...rest });
  await loaded(store, "a");
  return store.recall("a");
}

/** `meanwhile` is done through the other store: a change with the mark of before is refused, and leaves nothing. */
function stale(meanwhile: (other: Store) => Promise<unknown>, rest: Partial<Change> = {}): Make {
  return async (store, second) => {
    for (const change of [{}, { status: "completed", waits: [] }, { eventId: "mine", index: { k: 2 } }] as const) {
      const run = await recalled(store, rest);
      if (run === undefined) return;
      await meanwhile(second);
      const before = await second.load("a");
      const outbox = [{ to: "b", kind: "child", eventId: "1", body: "" }];
      const [result] = await store.commit([changeOf("a", run.version, { waits: ["word"], looked: before?.delivered ?? 0, outbox, ...change, mark: run.mark })]);
      assert.equal(result?.applied, false);
      assert.deepEqual(await second.load("a"), before);
      assert.deepEqual(await second.outbox(10), []);
      await ended(second);
    }
  };
}

/** Makes room for the next one under the same id. */
async function ended(store: Store): Promise<void> {
  const run = await store.load("a");
  if (run === undefined) return;
  await store.commit([changeOf("a", run.version, { status: "killed", looked: run.delivered, now: now - 1, force: true })]);
  assert.deepEqual(await store.remove({ before: now, limit: 10 }), ["a"]);
}

export const recallLaws: Readonly<Record<string, Readonly<Record<string, Make>>>> = {
  "18. recall": {
    "gives what a load gives, after a load, after each commit, and of a new run": async (store, second) => {
      if (store.recall === undefined) return;
      const same = async (only?: readonly string[]): Promise<void> => {
        const run = store.recall?.("a", only);
        if (run === undefined) return;
        const { mark, ...row } = run;
        assert.notEqual(mark, undefined);
        assert.deepEqual(row, await second.load("a", undefined, only));
      };
      await created(store, "a", { ...texts, parts: { put: [["frame/1", "one"], ["log/1", "line"]], drop: [] } });
      await same();
      const changes: Partial<Change>[] = [
        { state: "next", now: now + 1 }, { waits: ["word", "other"] }, { index: { k: 2, l: "x" }, frame: "another" }, { wake: now + 5 }, { shape: null, wake: null },
        { parts: { put: [["frame/2", "two"]], drop: ["frame/1"] } }, { eventId: "e", shape: { key: "t", flow: "flow", atoms: "b" } }, { status: "compensating" },
      ];
      for (const [at, change] of changes.entries()) {
        const [result] = await store.commit([changeOf("a", at + 1, { waits: ["word"], ...change })]);
        assert.equal(result?.applied, true);
        await same();
        await same(["frame"]);
        if (at % 3 === 0) await store.load("a", undefined, at === 3 ? undefined : ["frame", "state"]);
        await same(["frame", "state"]);
      }
    },
    "and a change with its mark applies, one after the other": async (store, second) => {
      for (let run = await recalled(store); run !== undefined && run.version < 5; run = store.recall?.("a")) {
        const [result] = await store.commit([changeOf("a", run.version, { waits: run.waits, state: `at ${run.version}`, mark: run.mark })]);
        assert.deepEqual(result, { applied: true, version: run.version + 1, delivered: 0 });
        assert.equal((await loaded(second, "a")).state, `at ${run.version}`);
      }
    },
    "has the letters that were looked at and not consumed, and no other": async (store, second) => {
      if (store.recall === undefined) return;
      await created(store, "a");
      await second.deliver([delivered("a", "e1", "one"), delivered("a", "e2", "two"), delivered("a", "e3", "three")]);
      await loaded(store, "a");
      const same = async (): Promise<void> => {
        const run = store.recall?.("a");
        if (run !== undefined) assert.deepEqual(run.inbox, (await loaded(second, "a")).inbox);
      };
      await store.commit([changeOf("a", 1, { looked: 3, consumed: [2] })]);
      await same();
      await loaded(store, "a");
      await same();
      await second.deliver([delivered("a", "e4", "four")]);
      await store.commit([changeOf("a", 2, { looked: 4, consumed: [1] })]);
      await same();
    },
    "gives no run that has a letter to look at, is leased, or has ended": async (store) => {
      if (store.recall === undefined) return;
      for (const id of ["letter", "leased", "ended"]) await created(store, id, id === "leased" ? { wake: now } : {});
      await store.deliver([delivered("letter")]);
      await claimed(store, "w");
      await store.commit([changeOf("ended", 1, { status: "completed" })]);
      for (const id of ["letter", "leased", "ended", "nobody"]) {
        await store.load(id);
        assert.equal(store.recall(id), undefined, id);
      }
    },
    "is refused after another's change": stale((other) => other.commit([changeOf("a", 1, { state: "theirs" })])),
    "is refused after a message": stale((other) => other.deliver([delivered("a", "e1")])),
    "is refused while another has the run": stale((other) => claimed(other, "w"), { wake: now }),
    "is refused after a lease that ran out": stale(async (other) => [await claimed(other, "w"), await claimed(other, "v", now + 200)], { wake: now }),
    "is refused after the run is gone": stale(ended),
    "is refused of another run under its id": stale(async (other) => [await ended(other), await created(other, "a", { ...texts, state: "another's" })]),
    "is refused of another run under its id, also when that was loaded since": async (store, second) => {
      const run = await recalled(store);
      if (run === undefined) return;
      await ended(second);
      await created(second, "a", { ...texts, state: "another's" });
      await loaded(store, "a");
      assert.equal((await store.commit([changeOf("a", 1, { waits: ["word"], mark: run.mark })]))[0]?.applied, false);
      assert.equal((await loaded(second, "a")).state, "another's");
    },
    "is the new run where one is made again under an id": async (store, second) => {
      if (store.recall === undefined) return;
      await created(store, "a", { ...texts, parts: { put: [["frame/1", "one"]], drop: [] }, eventId: "e1" });
      await loaded(store, "a");
      await ended(second);
      await created(store, "a", { waits: ["other"], origin: { flow: "another", queue: "q", priority: 3 }, parts: { put: [["frame/2", "two"]], drop: [] } });
      const run = store.recall("a");
      if (run !== undefined) assert.deepEqual({ ...run, mark: undefined }, { ...await loaded(second, "a"), mark: undefined });
      const change = changeOf("a", 1, { waits: ["other"], eventId: "e1" });
      assert.equal((await store.commit([run === undefined ? change : { ...change, mark: run.mark }]))[0]?.applied, true);
      assert.deepEqual(await store.commit([changeOf("a", 2, { waits: ["other"], eventId: "e1" })]), [{ applied: false, reason: "duplicate" }]);
    },
    "is not what somebody has made of a run that he was given": async (store, second) => {
      const run = await recalled(store);
      if (run === undefined) return;
      for (const given of [run, await loaded(store, "a")]) {
        Object.assign(given.index, { k: 7 });
        (given.waits as string[]).push("more");
      }
      const again = store.recall?.("a");
      if (again !== undefined) assert.deepEqual({ ...again, mark: undefined }, { ...await loaded(second, "a"), mark: undefined });
    },
    "with an event id that came before it is a duplicate, or stale": async (store, second) => {
      const run = await recalled(store);
      if (run === undefined) return;
      await second.deliver([delivered("a", "e1")]);
      await second.commit([changeOf("a", 1, { looked: 1, consumed: [1] })]);
      const again = (await store.load("a")) && store.recall?.("a");
      if (again === undefined) return;
      const [result] = await store.commit([changeOf("a", 2, { eventId: "e1", mark: again.mark })]);
      assert.deepEqual(result, { applied: false, reason: "duplicate" });
    },
  },
};
