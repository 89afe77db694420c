// The store of this example keeps every law, so the engine may be built on it.

import { createEngine, deflow, listen } from "deflow";
import { storeSuite } from "deflow/testing";
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { MapStore } from "./store.ts";

await storeSuite("a Map with gaps", {
  open() {
    const store = new MapStore();
    return { first: store, second: store, close: () => store.close() };
  },
});

const greet = deflow(async function ownStoreGreet() {
  return `Hello ${await listen("name")}`;
});

it("an engine runs on it", async () => {
  const engine = createEngine({ store: new MapStore(), flows: { greet } });
  const run = await engine.start(greet, []);
  expect(await engine.continue(run, "name", "Ann")).toMatchObject({ status: "completed", value: "Hello Ann" });
  await engine.close();
});

it("is as short as its README says", () => {
  const lines = readFileSync(new URL("store.ts", import.meta.url), "utf8").split("\n").filter((line) => !/^\s*(?:\/[/*].*)?$/.test(line));
  expect(lines.length).toBeLessThan(120);
});
