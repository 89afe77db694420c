// Law 17: shapes, what code a run needs.

import assert from "node:assert/strict";
import type { Change, Shape, ShapesQuery, Store } from "../store.ts";
import { changeOf, created, delivered, loaded, type Make, now } from "./store-fixture.ts";

const shape = (key: string, flow = "flow"): Shape => ({ key, flow, atoms: `point ${flow} ${key}` });
const request = { owner: "w", now, duration: 100, limit: 10 };

async function due(store: Store, id: string, of: Shape | null, rest: Partial<Change> = {}): Promise<void> {
  await created(store, id, { wake: now, shape: of, ...rest });
}

async function counted(store: Store, query: Partial<ShapesQuery> = {}): Promise<string> {
  return (await store.shapes({ limit: 10, ...query })).map(({ key, runs }) => `${key} ${runs}`).join(", ");
}

export const shapeLaws: Readonly<Record<string, Readonly<Record<string, Make>>>> = {
  "17. shapes": {
    "a run is of the shape that a change named last, of none after null": async (store, second) => {
      await created(store, "a", { shape: shape("one") });
      await created(store, "b");
      assert.deepEqual([(await loaded(second, "a")).shape, (await loaded(second, "b")).shape], ["one", null]);
      await store.commit([changeOf("a", 1), changeOf("b", 1, { shape: shape("one") })]);
      assert.deepEqual((await second.find({ limit: 9 })).map((row) => row.shape), ["one", "one"]);
      await store.commit([changeOf("a", 2, { shape: shape("two") }), changeOf("b", 2, { status: "completed", shape: null })]);
      assert.deepEqual((await second.find({ limit: 9 })).map((row) => row.shape), ["two", null]);
    },
    "are counted by the runs that are of them, in the order of their keys": async (store, second) => {
      await created(store, "a", { shape: shape("y") });
      await store.commit(["b", "c", "d"].map((id) => changeOf(id, 0, { shape: shape(id === "b" ? "y" : "x") })));
      await created(store, "e", { shape: shape("z", "other") });
      await created(store, "f");
      assert.equal(await counted(second), "x 2, y 2, z 1");
      assert.equal(await counted(second, { limit: 1 }), "x 2");
      assert.equal(await counted(second, { after: "x" }), "y 2, z 1");
      assert.equal(await counted(second, { flows: ["other", "none"] }), "z 1");
      assert.equal(await counted(second, { flows: [] }), "");
      assert.equal(await counted(second, { keys: ["z", "x", "none"] }), "x 2, z 1");
      assert.equal(await counted(second, { keys: ["z", "x"], flows: ["flow"], after: "a" }), "x 2");
      await store.commit([changeOf("a", 1, { shape: shape("x") }), changeOf("b", 1, { status: "failed", shape: null })]);
      assert.equal(await counted(second), "x 3, z 1");
      assert.deepEqual((await second.shapes({ limit: 1 }))[0], { ...shape("x"), runs: 3 });
    },
    "are counted to a number at most, if one is given": async (store, second) => {
      await store.commit(["a", "b", "c", "d"].map((id) => changeOf(id, 0, { shape: shape(id === "d" ? "y" : "x", id === "d" ? "other" : "flow") })));
      assert.equal(await counted(second, { upTo: 1 }), "x 1, y 1");
      assert.equal(await counted(second, { upTo: 2 }), "x 2, y 1");
      assert.equal(await counted(second, { upTo: 9 }), "x 3, y 1");
      assert.equal(await counted(second, { upTo: 2, keys: ["x", "y"], flows: ["flow"], after: "a", limit: 1 }), "x 2");
      assert.equal(await counted(second, { upTo: 1, after: "x" }), "y 1");
    },
    "of a refused change are not there": async (store) => {
      await created(store, "a", { shape: shape("one") });
      await store.commit([changeOf("a", 7, { shape: shape("two") }), changeOf("b", 3, { shape: shape("two") })]);
      assert.equal(await counted(store), "one 1");
    },
    "keep the text that they came with, whatever it is": async (store) => {
      const odd = { key: "one", flow: "Ω'𝒳", atoms: "point \u0001 \u2028\n'quoted' 𝒳 \"; drop" };
      await created(store, "a", { shape: odd });
      await created(store, "b", { shape: shape("one") });
      assert.deepEqual(await store.shapes({ limit: 9 }), [{ ...odd, runs: 2 }]);
    },
    "of removed runs are not counted": async (store) => {
      await created(store, "a", { status: "completed", shape: shape("one"), now: now - 1 });
      await created(store, "b", { shape: shape("one") });
      await store.remove({ before: now, limit: 9 });
      assert.equal(await counted(store), "one 1");
    },
    "a claim that names some takes runs of those, and of none; of others that are due it tells": async (store, second) => {
      await due(store, "a", shape("one"));
      await due(store, "b", shape("two"), { wake: now - 5 });
      await due(store, "c", null);
      await due(store, "d", shape("two"));
      const { runs, unknown, nextAt } = await second.claim({ ...request, shapes: ["one", "none"] });
      assert.deepEqual([runs.map(({ id }) => id).toSorted(), unknown, nextAt], [["a", "c"], [shape("two")], now]);
      assert.equal((await loaded(store, "b")).wake?.owner, null);
      assert.deepEqual((await second.claim({ ...request, shapes: ["two"] })).runs.map(({ id }) => id), ["b", "d"]);
    },
    "a claim that names none takes runs of all, one that names an empty list those of none": async (store) => {
      await due(store, "a", shape("one"));
      assert.deepEqual(await store.claim({ ...request, shapes: [] }), { runs: [], nextAt: now, withheld: false, unknown: [shape("one")] });
      assert.deepEqual(await store.claim(request), { runs: [{ id: "a", attempt: 0 }], nextAt: now + 100, withheld: false, unknown: [] });
    },
    "runs of unfit ones are as if they were not there": async (store) => {
      await due(store, "a", shape("one"), { wake: now - 9 });
      await due(store, "b", null, { wake: now + 5 });
      const asked = { ...request, shapes: [], unfit: ["one", "none"] };
      assert.deepEqual(await store.claim(asked), { runs: [], nextAt: now + 5, withheld: false, unknown: [] });
      await store.queue("default", now, { paused: true });
      assert.equal((await store.claim(asked)).withheld, false);
    },
    "unknown ones are told of only where the run would be given": async (store) => {
      await due(store, "later", shape("later"), { wake: now + 7 });
      await due(store, "paused", shape("paused"), { origin: { flow: "flow", queue: "paused", priority: 0 } });
      await due(store, "other", shape("other", "f"), { origin: { flow: "f", queue: "default", priority: 0 } });
      await due(store, "held", shape("held"), { lease: { owner: "v", duration: 50 } });
      await store.queue("paused", now, { paused: true });
      const claimed = await store.claim({ ...request, flows: ["flow"], shapes: [] });
      assert.deepEqual([claimed.runs, claimed.unknown, claimed.nextAt, claimed.withheld], [[], [], now + 7, true]);
    },
    "unknown ones take no room of a limited queue, and stand in nobody's way": async (store, second) => {
      for (const id of ["a", "b", "c"]) await due(store, id, shape("new"), { wake: now - 9 });
      await due(store, "d", shape("old"));
      await due(store, "e", shape("old"), { wake: now + 1 });
      await store.queue("default", now, { concurrency: 1 });
      const { runs, unknown } = await second.claim({ ...request, limit: 2, shapes: ["old"] });
      assert.deepEqual([runs.map(({ id }) => id), unknown], [["d"], [shape("new")]]);
    },
    "a lease that ran out is no crash of who does not know the shape": async (store) => {
      await due(store, "a", shape("one"), { lease: { owner: "dead", duration: 10 } });
      await store.claim({ ...request, now: now + 20, shapes: [], unfit: ["one"] });
      assert.deepEqual((await store.claim({ ...request, now: now + 20, shapes: [] })).unknown, [shape("one")]);
      assert.deepEqual((await loaded(store, "a")).wake, { at: now + 10, owner: "dead", attempt: 0 });
      assert.deepEqual((await store.claim({ ...request, now: now + 20, shapes: ["one"] })).runs, [{ id: "a", attempt: 1 }]);
    },
    "a claim knows the shape that a commit, a heartbeat or a message left": async (store, second) => {
      await due(store, "a", shape("one"));
      await store.claim({ ...request, shapes: ["one"] });
      await store.commit([changeOf("a", 1, { holder: "w", shape: shape("two"), lease: { owner: "w", duration: 100 } })]);
      await store.extend([{ id: "a", owner: "w" }], { now, duration: 0 });
      assert.deepEqual((await second.claim({ ...request, shapes: ["one"] })).unknown, [shape("two")]);
      await store.commit([changeOf("a", 2, { shape: shape("three"), wake: null })]);
      await second.deliver([delivered("a")]);
      assert.deepEqual((await second.claim({ ...request, shapes: ["two"] })).unknown, [shape("three")]);
      await store.commit([changeOf("a", 3, { shape: shape("four"), wake: now, looked: 1 })]);
      assert.deepEqual((await second.claim({ ...request, shapes: ["four"] })).runs.map(({ id }) => id), ["a"]);
    },
    "queries find by them": async (store) => {
      await created(store, "a", { shape: shape("one"), index: { k: 1 }, waits: ["x"] });
      await created(store, "b", { shape: shape("two"), index: { k: 1 } });
      await created(store, "c", { shape: shape("one", "flow"), status: "running" });
      await created(store, "d", { index: { k: 1 }, waits: ["x"] });
      const found = async (query: object): Promise<string> => (await store.find({ limit: 9, ...query })).map(({ id }) => id).join(" ");
      assert.equal(await found({ shapes: ["one", "two"] }), "a b c");
      assert.equal(await found({ shapes: ["one", "two"], limit: 2 }), "a b");
      assert.equal(await found({ shapes: ["one"], after: (await loaded(store, "a")).place }), "c");
      assert.equal(await found({ shapes: ["one"], status: ["running"], flow: "flow" }), "c");
      assert.equal(await found({ shapes: ["one"], flow: "none" }), "");
      assert.equal(await found({ shapes: ["two", "none"], index: { k: 1 } }), "b");
      assert.equal(await found({ shapes: ["one"], context: "x" }), "a");
      assert.equal(await found({ shapes: [] }), "");
    },
  },
};
