// Laws 11 and 12, and the queries.

import assert from "node:assert/strict";
import type { Query, Store } from "../store.ts";
import { changeOf, created, delivered, type Make, now } from "./store-fixture.ts";

const message = (n: number) => ({ to: "b", kind: "child", eventId: `c${n}`, body: `body ${n}` });

async function found(store: Store, query: Partial<Query>): Promise<string> {
  return (await store.find({ limit: 10, ...query })).map(({ id }) => id).join(" ");
}

export const queryLaws: Readonly<Record<string, Readonly<Record<string, Make>>>> = {
  "11. outbox": {
    "a message is there with its change, oldest first, until a delivery names it": async (store, second) => {
      await created(store, "b");
      await created(store, "a", { outbox: [message(1), message(2)] });
      const rows = await second.outbox(1);
      assert.deepEqual((await second.outbox(10, rows[0]?.id)).map(({ eventId }) => eventId), [message(2).eventId]);
      assert.deepEqual(rows.map(({ id: _, ...rest }) => rest), [message(1)]);
      for (const { id, ...row } of await second.outbox(10)) await second.deliver([{ ...row, now, outbox: id }]);
      assert.deepEqual(await store.outbox(10), []);
      assert.deepEqual((await store.load("b"))?.inbox.map(({ body }) => body), ["body 1", "body 2"]);
    },
    "two that deliver the same row deliver it once": async (store, second) => {
      await created(store, "b");
      await created(store, "a", { outbox: [message(1)] });
      const [row] = await store.outbox(1);
      const delivery = { ...delivered("b", row?.eventId), ...(row ? { outbox: row.id } : {}) };
      const results = await Promise.all([store.deliver([delivery]), second.deliver([delivery])]);
      assert.deepEqual(results.flat().map(({ result }) => result).toSorted(), ["delivered", "duplicate"]);
    },
    "a row whose recipient is gone goes too": async (store) => {
      await created(store, "a", { outbox: [message(1)] });
      const [row] = await store.outbox(1);
      assert.deepEqual(await store.deliver([{ ...delivered("b"), outbox: row?.id ?? 0 }]), [{ result: "missing" }]);
      assert.deepEqual(await store.outbox(1), []);
    },
  },
  "12. removing": {
    "takes ended runs that ended before, and all that belongs to them": async (store, second) => {
      await created(store, "waiting", { now: now - 10 });
      await created(store, "failed", { now: now - 10, status: "failed" });
      await created(store, "old", { now: now - 9, status: "completed", index: { k: 1 } });
      await created(store, "new", { status: "completed" });
      await store.deliver([delivered("old", "e1")]);
      const request = { before: now, status: ["completed"], limit: 10 } as const;
      assert.deepEqual(await store.remove(request), []);
      await store.commit([changeOf("old", 1, { now: now - 9, status: "completed", looked: 1 })]);
      assert.deepEqual(await store.remove({ ...request, dryRun: true }), ["old"]);
      assert.equal((await store.load("old"))?.id, "old");
      assert.deepEqual(await store.remove(request), ["old"]);
      assert.deepEqual(await store.remove({ before: now, status: ["waiting"], limit: 10 }), []);
      assert.deepEqual(await store.remove({ before: now, limit: 10 }), ["failed"]);
      assert.equal(await second.load("old"), undefined);
      assert.equal(await found(second, { index: { k: 1 } }), "");
      await created(store, "old");
      assert.deepEqual((await second.load("old"))?.inbox, []);
      assert.equal((await second.deliver([delivered("old", "e1")]))[0]?.result, "delivered");
    },
  },
  "queries": {
    "filter by flow, status, context and index, in the order of creation": async (store) => {
      await created(store, "a", { waits: ["x"], index: { k: 1, who: "ann" } });
      await created(store, "b", { waits: ["x", "y"], index: { k: 1 }, status: "failed" });
      await created(store, "c", { index: { k: "1" }, origin: { flow: "other", queue: "default", priority: 0 } });
      await created(store, "d", { index: { k: true } });
      assert.equal(await found(store, {}), "a b c d");
      assert.equal(await found(store, { flow: "other" }), "c");
      assert.equal(await found(store, { status: ["waiting"] }), "a c d");
      assert.equal(await found(store, { status: [] }), "");
      assert.equal(await found(store, { context: "x" }), "a b");
      assert.equal(await found(store, { context: "y" }), "b");
      assert.equal(await found(store, { index: { k: 1 } }), "a b");
      assert.equal(await found(store, { index: { k: 1, who: "ann" } }), "a");
      assert.equal(await found(store, { index: { k: true } }), "d");
      assert.equal(await found(store, { index: { toString: "x" } }), "");
    },
    "see the index a change replaced": async (store) => {
      await created(store, "a", { index: { k: 1, old: true } });
      await store.commit([changeOf("a", 1, { index: { k: 2 } })]);
      assert.equal(await found(store, { index: { k: 1 } }), "");
      assert.equal(await found(store, { index: { old: true } }), "");
      assert.equal(await found(store, { index: { k: 2 } }), "a");
    },
    "go on after a place": async (store) => {
      for (const id of ["c", "a", "b"]) await created(store, id);
      const first = await store.find({ limit: 2 });
      assert.deepEqual(first.map(({ id }) => id), ["c", "a"]);
      assert.equal(await found(store, { after: first.at(-1)?.place ?? 0 }), "b");
    },
    "go on after a place while runs come, go and change: none is given twice, and none that fits all the while is missing": async (store) => {
      for (const id of ["a", "b", "c", "d", "e"]) await created(store, id, { index: { k: 1 } });
      const query = { index: { k: 1 }, status: ["waiting", "running"] as const };
      const first = await store.find({ ...query, limit: 2 });
      assert.deepEqual(first.map(({ id }) => id), ["a", "b"]);
      await store.commit([changeOf("b", 1), changeOf("c", 1, { status: "completed" }), changeOf("d", 1, { status: "running" }), changeOf("e", 1, { status: "completed", now: now - 10 })]);
      await store.remove({ before: now, limit: 10 });
      await created(store, "f", { index: { k: 1 } });
      assert.equal(await found(store, { ...query, after: first.at(-1)?.place ?? 0 }), "d f");
    },
    "no run has the place of one that was removed": async (store) => {
      await created(store, "a");
      await created(store, "last", { status: "completed", now: now - 10 });
      const [, last] = await store.find({ limit: 2 });
      assert.deepEqual(await store.remove({ before: now, limit: 10 }), ["last"]);
      await created(store, "b");
      assert.equal(await found(store, { after: last?.place ?? 0 }), "b");
    },
    "find by context what listens at the time": async (store) => {
      await created(store, "a", { waits: ["x", "y", "x"] });
      await created(store, "b", { waits: ["y"], status: "running" });
      await created(store, "c", { index: { k: 1 } });
      assert.equal(await found(store, { context: "x" }), "a");
      assert.equal(await found(store, { context: "y" }), "a b");
      assert.equal(await found(store, { context: "y", status: ["running"] }), "b");
      await store.commit([changeOf("a", 1, { waits: [] }), changeOf("c", 1, { waits: ["y", "z"] })]);
      assert.equal(await found(store, { context: "y" }), "b c");
      assert.equal(await found(store, { context: "y", index: { k: 1 } }), "c");
      assert.equal(await found(store, { context: "z", index: { k: 2 } }), "");
      assert.equal(await found(store, { status: [] }), "");
    },
  },
  "closing": {
    "ends what is under way and refuses the rest": async (store) => {
      const commit = store.commit([changeOf("a", 0)]);
      await store.close();
      assert.equal((await commit)[0]?.applied, true);
      await assert.rejects(async () => store.load("a"), { code: "STORE_CLOSED" });
      await assert.rejects(async () => store.commit([]), { code: "STORE_CLOSED" });
      await store.close();
    },
  },
};
