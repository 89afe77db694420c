// Law 16: a store inside a transaction of the caller's. Stores that join none pass by having no `joined`.

import assert from "node:assert/strict";
import type { Store } from "../store.ts";
import { changeOf, claimed, created, delivered, loaded, type Make } from "./store-fixture.ts";

interface Inside {
  /** In the transaction. */
  readonly joined: Store;
  readonly outside: Store;
  /** The client again, as the next call gives it. */
  again(): Store;
  end(how: "commit" | "rollback"): Promise<void>;
  /** Closes the client instead. */
  drop(): Promise<void>;
}

function inside(test: (inside: Inside) => Promise<void>, before: (store: Store) => Promise<void> = async () => {}): Make {
  return async (store, _second, { begin }) => {
    const { transactions } = store;
    if (transactions?.joined === undefined) return;
    assert.ok(begin, "the fixture of a store with `transactions.joined` must have `begin`");
    await before(store);
    const caller = await begin();
    const again = (): Store => transactions.joined?.(caller.client) as Store;
    let ended = false;
    const end: Inside["end"] = async (how) => {
      ended = true;
      await caller.end(how);
    };
    const drop: Inside["drop"] = async () => {
      ended = true;
      await caller.drop();
    };
    try {
      await test({ joined: again(), outside: store, again, end, drop });
    } finally {
      if (!ended) await caller.end("rollback");
    }
  };
}

export const joinedLaws: Readonly<Record<string, Readonly<Record<string, Make>>>> = {
  "16. joined": {
    "what it writes is there for the transaction, and after the commit for all": inside(async ({ joined, outside, again, end }) => {
      assert.deepEqual(await joined.commit([changeOf("b", 0, { frame: "new", index: { k: 1 } })]), [{ applied: true, version: 1, delivered: 0 }]);
      assert.equal((await joined.commit([changeOf("a", 1, { wake: 1 })]))[0]?.applied, true);
      assert.deepEqual(await again().deliver([delivered("b", "e")]), [{ result: "delivered", seq: 1, leased: false }]);
      assert.deepEqual((await again().find({ index: { k: 1 }, limit: 9 })).map(({ id }) => id), ["b"]);
      assert.equal((await again().load("b", "e"))?.seen, true);
      assert.equal(await outside.load("b"), undefined);
      assert.equal((await loaded(outside, "a")).version, 1);
      await end("commit");
      assert.equal((await loaded(outside, "b")).frame, "new");
      assert.deepEqual(await claimed(outside, "w"), ["a", "b"]);
    }, (store) => created(store, "a")),
    "after a rollback it never was": inside(async ({ joined, outside, end }) => {
      await joined.commit([changeOf("a", 1, { parts: { put: [["p", "1"]], drop: [] }, eventId: "e" }), changeOf("b", 0)]);
      assert.deepEqual([...(await loaded(joined, "a")).parts], [["p", "1"]]);
      await joined.deliver([delivered("a", "f")]);
      await end("rollback");
      assert.equal(await outside.load("b"), undefined);
      const { version, inbox, parts, seen } = { ...await loaded(outside, "a"), seen: (await outside.load("a", "e"))?.seen };
      assert.deepEqual([version, inbox.length, parts.size, seen], [1, 0, 0, false]);
      assert.equal((await outside.deliver([delivered("a", "f")]))[0]?.result, "delivered");
    }, (store) => created(store, "a")),
    "a refusal leaves the rest": inside(async ({ joined, outside, end }) => {
      assert.equal((await joined.commit([changeOf("b", 0)]))[0]?.applied, true);
      assert.deepEqual(await joined.commit([changeOf("a", 7), changeOf("c", 0)]), [{ applied: false, reason: "stale" }, { applied: true, version: 1, delivered: 0 }]);
      assert.deepEqual(await joined.deliver([delivered("nobody")]), [{ result: "missing" }]);
      await end("commit");
      assert.deepEqual((await outside.find({ limit: 9 })).map(({ id, version }) => [id, version]), [["a", 1], ["b", 1], ["c", 1]]);
    }, (store) => created(store, "a")),
    "a failure leaves the rest": inside(async ({ joined, outside, end }) => {
      await joined.commit([changeOf("b", 0)]);
      const { origin: _, ...without } = changeOf("d", 0);
      await assert.rejects(joined.commit([changeOf("c", 0), without]));
      await end("commit");
      assert.deepEqual((await outside.find({ limit: 9 })).map(({ id }) => id), ["b"]);
    }),
    "nothing is written after the end": inside(async ({ joined, outside, end }) => {
      await end("commit");
      await assert.rejects(joined.commit([changeOf("b", 0)]));
      assert.equal(await outside.load("b"), undefined);
    }),
    "a client that is closed in the midst of it leaves nothing, and keeps nobody from writing": inside(async ({ joined, outside, again, drop }) => {
      await joined.commit([changeOf("b", 0)]);
      await drop();
      await created(outside, "c");
      assert.deepEqual((await outside.find({ limit: 9 })).map(({ id }) => id), ["c"]);
      await assert.rejects(joined.commit([changeOf("b", 0)]));
      assert.throws(again, { code: "INVALID_CLIENT" });
      await created(outside, "d");
    }),
    "what is no client is refused": inside(async ({ outside }) => {
      assert.throws(() => outside.transactions?.joined?.({}), { code: "INVALID_CLIENT" });
    }),
  },
};
