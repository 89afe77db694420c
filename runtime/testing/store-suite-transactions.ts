// Law 15: the store's own transactions. Stores that have none pass by having none.

import assert from "node:assert/strict";
import type { Store, StoreTransactions } from "../store.ts";
import { changeOf, created, loaded, type Make, now } from "./store-fixture.ts";

function within(test: (transactions: StoreTransactions, store: Store, second: Store) => Promise<void>): Make {
  return async (store, second) => {
    if (store.transactions !== undefined) await test(store.transactions, store, second);
  };
}

export const transactionLaws: Readonly<Record<string, Readonly<Record<string, Make>>>> = {
  "15. transactions": {
    "store the change that their work gives": within(async ({ transact }, store, second) => {
      await created(store, "a");
      const result = await transact((client) => {
        assert.notEqual(client, undefined);
        return changeOf("a", 1, { frame: "with" });
      });
      assert.deepEqual(result, { applied: true, version: 2, delivered: 0 });
      assert.equal((await loaded(second, "a")).frame, "with");
    }),
    "create a run": within(async ({ transact }, _store, second) => {
      assert.equal((await transact(() => changeOf("a", 0, { frame: "new" }))).applied, true);
      assert.equal((await loaded(second, "a")).frame, "new");
    }),
    "give a refusal, and nothing is stored": within(async ({ transact }, store) => {
      await created(store, "a", { frame: "old" });
      assert.deepEqual(await transact(() => changeOf("a", 7)), { applied: false, reason: "stale" });
      assert.deepEqual(await transact(() => changeOf("b", 7)), { applied: false, reason: "missing" });
      assert.equal((await loaded(store, "a")).frame, "old");
    }),
    "throw what their work throws, and the next one is made": within(async ({ transact }, store) => {
      await created(store, "a");
      const error = new Error("no");
      await assert.rejects(transact(() => { throw error; }), (thrown) => thrown === error);
      assert.equal((await transact(() => changeOf("a", 1))).applied, true);
    }),
    "are each alone among other writes": within(async ({ transact }, store) => {
      for (const id of ["a", "b", "c"]) await created(store, id);
      let calls = 0;
      const refused = (): never => {
        calls++;
        throw new Error("no");
      };
      const [first, second, third] = await Promise.allSettled([store.commit([changeOf("a", 1)]), transact(refused), store.commit([changeOf("c", 1)])]);
      assert.deepEqual([first?.status, second?.status, third?.status, calls], ["fulfilled", "rejected", "fulfilled", 1]);
      assert.deepEqual(await Promise.all(["a", "b", "c"].map(async (id) => (await loaded(store, id)).version)), [2, 1, 2]);
    }),
    "refuse a promise where they are synchronous": within(async ({ transact, synchronous }, store) => {
      await created(store, "a");
      const result = transact(async () => changeOf("a", 1));
      if (synchronous) await assert.rejects(result, { code: "INVALID_TX" });
      else assert.equal((await result).applied, true);
      assert.equal((await loaded(store, "a")).version, synchronous ? 1 : 2);
    }),
    "keep to leases as commits do": within(async ({ transact }, store, second) => {
      await created(store, "a", { lease: { owner: "w", duration: 100 } });
      assert.deepEqual(await transact(() => changeOf("a", 1, { now })), { applied: false, reason: "leased" });
      assert.equal((await transact(() => changeOf("a", 1, { holder: "w" }))).applied, true);
      assert.equal((await loaded(second, "a")).version, 2);
    }),
  },
};
