// The suite must find what it is there for: stores that break one law each, made from one that keeps them all.

import { expect, it } from "vitest";
import type { Change, Delivery, Store } from "../../runtime/store.ts";
import { memory } from "../../runtime/stores/memory.ts";
import { storeSuite } from "../../runtime/testing/store-suite.ts";

type Override = (store: Store) => Partial<Store>;

const changed = (change: (store: Store, given: Change) => Change | Promise<Change>): Override => (store) => ({
  commit: async (changes) => store.commit(await Promise.all(changes.map((given) => change(store, given)))),
});

const broken: Record<string, readonly [law: string, Override]> = {
  "no compare-and-swap": ["2.", changed(async (store, given) => ({ ...given, version: (await store.load(given.id))?.version ?? given.version }))],
  "no counter of the inbox": ["7.", changed((_store, given) => ({ ...given, looked: Number.MAX_SAFE_INTEGER }))],
  "no event ids": ["6.", (store) => ({
    deliver: (deliveries) => store.deliver(deliveries.map(({ eventId: _, ...rest }: Delivery) => rest)),
  })],
  "no leases": ["10.", changed((_store, given) => ({ ...given, force: true }))],
  "heartbeats of anybody": ["10.", (store) => ({
    extend: async (leases, time) => store.extend(await Promise.all(leases.map(async ({ id }) => ({ id, owner: (await store.load(id))?.wake?.owner ?? "" }))), time),
  })],
  "claims of what is claimed": ["9.", (store) => ({
    claim: async (request) => {
      const claimed = await store.claim(request);
      await store.extend(claimed.runs.map(({ id }) => ({ id, owner: request.owner })), { now: request.now, duration: 0 });
      return claimed;
    },
  })],
  "a batch that fails as one": ["4.", (store) => ({
    commit: async (changes) => {
      const results = await store.commit(changes);
      return results.some((result) => !result.applied) ? results.map(() => ({ applied: false, reason: "stale" as const })) : results;
    },
  })],
  "an outbox that forgets": ["11.", changed((_store, { outbox: _, ...given }) => given)],
  "parts that stay": ["13.", changed((_store, given) => (given.parts ? { ...given, parts: { ...given.parts, drop: [] } } : given))],
  "removal of anything": ["12.", (store) => ({ remove: async (request) => (await store.find({ limit: request.limit })).map(({ id }) => id) })],
};

async function failures(override: Override): Promise<string[]> {
  const failed: string[] = [];
  const tests: Promise<void>[] = [];
  let law = "";
  await storeSuite("broken", {
    open() {
      const store = memory();
      const over = override(store);
      const bound = new Proxy(store, {
        get: (target, name: keyof Store) => over[name] ?? (target[name] as (...args: unknown[]) => unknown).bind(target),
      });
      return { first: bound, second: bound, close: () => store.close() };
    },
  }, {
    describe(name, body) {
      law = name;
      body();
    },
    it(_name, body) {
      const here = law;
      tests.push(body().catch(() => void failed.push(here)));
    },
  });
  await Promise.all(tests);
  return failed;
}

it("finds nothing in a store that keeps the laws", async () => {
  expect(await failures(() => ({}))).toEqual([]);
});

it.each(Object.entries(broken))("finds %s", async (_name, [law, override]) => {
  expect(await failures(override)).toContainEqual(expect.stringMatching(new RegExp(`^${law.replace(".", "\\.")} `)));
});
