// engine.ready(): whether the store answers.

import { createEngine, memory } from "deflow";
import { sqlite } from "deflow/sqlite";
import { expect, it } from "vitest";

it("resolves when the store has answered, and may be asked again", async () => {
  const engine = createEngine({ store: memory(), flows: {} });
  expect([await engine.ready(), await engine.ready()]).toEqual([undefined, undefined]);
});

it("rejects with what the store throws", async () => {
  const store = sqlite(":memory:");
  const engine = createEngine({ store, flows: {} });
  await store.close();
  await expect(engine.ready()).rejects.toMatchObject({ code: "STORE_CLOSED" });
});

it("rejects once the engine is closed", async () => {
  const engine = createEngine({ store: memory(), flows: {} });
  await engine.close();
  await expect(engine.ready()).rejects.toMatchObject({ code: "ENGINE_CLOSED" });
});
