// The store in memory keeps the laws of stores.

import { expect, it } from "vitest";
import { created, now } from "../../runtime/testing/store-fixture.ts";
import { storeSuite } from "../../runtime/testing/store-suite.ts";
import { memory } from "../../runtime/stores/memory.ts";

await storeSuite("memory", {
  open() {
    const store = memory();
    return { first: store, second: store, close: () => store.close() };
  },
});

it("a claim looks at no run of a queue that is full or paused, but for the first that is due", async () => {
  const store = memory();
  for (let n = 0; n < 200; n++) for (const queue of ["full", "paused"]) await created(store, `${queue} ${n}`, { wake: now, origin: { flow: "f", queue, priority: 0 } });
  await created(store, "open", { wake: now, origin: { flow: "f", queue: "open", priority: 0 } });
  await store.queue("paused", now, { paused: true });
  await store.queue("full", now, { concurrency: 1 });
  let looks = 0;
  const flows = Object.assign(["f"], { includes: () => ++looks > 0 });
  const claim = async (): Promise<unknown> => (await store.claim({ owner: "w", now, duration: 100, limit: 10, flows })).runs.map(({ id }) => id);
  expect(await claim()).toEqual(["full 0", "open"]);
  looks = 0;
  expect(await claim()).toEqual([]);
  expect(looks).toBe(2);
});
