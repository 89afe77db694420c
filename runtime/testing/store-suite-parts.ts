// Law 13: the parts of a run.

import assert from "node:assert/strict";
import type { PartsChange, Store } from "../store.ts";
import { changeOf, created, loaded, type Make, now } from "./store-fixture.ts";

const parts = (put: Readonly<Record<string, string>>, drop: readonly string[] = []): { readonly parts: PartsChange } => ({ parts: { put: Object.entries(put), drop } });

async function partsOf(store: Store, id: string): Promise<Readonly<Record<string, string>>> {
  return Object.fromEntries([...(await loaded(store, id)).parts].toSorted());
}

export const partLaws: Readonly<Record<string, Readonly<Record<string, Make>>>> = {
  "13. parts": {
    "are put and dropped by name, and the others stay": async (store, second) => {
      await created(store, "a", parts({ one: "1", two: "2", three: "3" }));
      assert.deepEqual(await partsOf(second, "a"), { one: "1", three: "3", two: "2" });
      await store.commit([changeOf("a", 1, parts({ two: "zwei", four: "" }, ["one", "nobody"]))]);
      assert.deepEqual(await partsOf(second, "a"), { four: "", three: "3", two: "zwei" });
      await second.commit([changeOf("a", 2)]);
      assert.deepEqual(await partsOf(store, "a"), { four: "", three: "3", two: "zwei" });
      await store.commit([changeOf("a", 3, parts({}, ["two", "three", "four"]))]);
      assert.deepEqual(await partsOf(second, "a"), {});
    },
    "may come to a run that had none": async (store) => {
      await created(store, "a");
      await store.commit([changeOf("a", 1, parts({ late: "x" }))]);
      assert.deepEqual(await partsOf(store, "a"), { late: "x" });
    },
    "are those of a refused change only if they were there": async (store) => {
      await created(store, "a", parts({ one: "1", two: "2" }));
      const [result] = await store.commit([changeOf("a", 7, parts({ one: "x", more: "y" }, ["two"]))]);
      assert.equal(result?.applied, false);
      assert.deepEqual(await partsOf(store, "a"), { one: "1", two: "2" });
    },
    "are each run's own, and go with it": async (store) => {
      await created(store, "a", { ...parts({ key: "a" }), status: "completed", now: now - 1 });
      await created(store, "b", parts({ key: "b" }));
      assert.deepEqual(await partsOf(store, "b"), { key: "b" });
      await store.remove({ before: now, limit: 10 });
      await created(store, "a");
      assert.deepEqual([await partsOf(store, "a"), await partsOf(store, "b")], [{}, { key: "b" }]);
    },
    "have any well-formed texts, and keys of up to 1,000 characters": async (store) => {
      const odd = { "frame/strands/0/locals/it's#12": "\u0001 \u2028 'quoted' 𝒳", ["k".repeat(1_000)]: "x".repeat(300_000), "": "empty", "Ω%_": "1", constructor: "2" };
      await created(store, "a", parts(odd));
      assert.deepEqual(await partsOf(store, "a"), Object.fromEntries(Object.entries(odd).toSorted()));
    },
    "come where they are asked for, with the frame, as they are at once": async (store, second) => {
      const all = { "frame/1": "f", "frame/2/x": "g", "state/waits": "s", frames: "no", "log/1": "l" };
      await created(store, "a", { ...parts(all), frame: "the frame" });
      for (const only of [[], ["frame"], ["state", "log"], ["frame", "state", "log", "none"]]) {
        const found = (await second.load("a", undefined, only)) ?? assert.fail("it is not there");
        const asked = Object.entries(all).filter(([key]) => only.some((name) => key.startsWith(`${name}/`)));
        for (const [key, text] of asked) assert.equal(found.parts.get(key), text);
        for (const [key, text] of found.parts) assert.equal(text, (all as Record<string, string>)[key]);
        assert.ok(found.frame === "the frame" || (found.frame === "" && !only.includes("frame")));
        const { frame: _, parts: __, ...row } = found;
        const { frame: ___, parts: ____, ...whole } = await loaded(store, "a");
        assert.deepEqual(row, whole);
      }
      await store.commit([changeOf("a", 1, { ...parts({ "log/2": "m" }), frame: "another" })]);
      assert.equal((await second.load("a", undefined, ["log"]))?.parts.get("log/2"), "m");
      assert.equal((await second.load("a", "e", ["frame"]))?.frame, "another");
    },
    "that were loaded do not change with later commits": async (store) => {
      await created(store, "a", parts({ one: "1" }));
      const before = await loaded(store, "a");
      await store.commit([changeOf("a", 1, parts({ one: "2" }))]);
      assert.equal(before.parts.get("one"), "1");
    },
  },
};
