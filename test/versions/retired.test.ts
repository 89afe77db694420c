// Points that were given up: the wait of a run that stopped there ends with an error in its flow.

import { expect, it } from "vitest";
import { begin, type Flow, resume } from "../../runtime/index.ts";
import { createEngine } from "../../runtime/engine/engine.ts";
import { memory } from "../../runtime/stores/memory.ts";
import type { ReleasedFlows } from "../../compiler/lock/lock.ts";
import { build } from "./builds.ts";

const before = `
export const inner = deflow(async function inner(n) { return n + await listen("old"); });
export const main = deflow(async function main() { try { return await inner(1); } catch (error) { return error.code; } });
`;
const after = before.replace("n + await listen(\"old\")", "n");

const given = (flow: string, ...retired: string[]): ReleasedFlows => ({ [flow]: { file: "build.ts", text: "", points: {}, units: {}, retired, migrated: [] } });

it("a strand that stopped there fails when its wait is over, and who awaits it may catch that", async () => {
  const { frame } = await begin(build<{ main: Flow }>(before).main, []);
  build(after, given("inner", "inner listen:old"));
  expect(await resume(frame, "old", 1)).toMatchObject({ status: "completed", value: "POINT_RETIRED" });
});

it("a run whose flow stopped there fails, in an engine that takes it up as one that fits", async () => {
  const store = memory();
  const old = build<{ inner: Flow<[number]> }>(before);
  const first = createEngine({ store, flows: { inner: old.inner } });
  await first.start(old.inner, [1], { id: "r" });
  await first.close();
  const now = build<{ inner: Flow }>(after, given("inner", "inner listen:old"));
  const engine = createEngine({ store, flows: { inner: now.inner } });
  expect(await engine.get("r")).toMatchObject({ status: "waiting" });
  expect(await engine.continue("r", "old", 1)).toMatchObject({ status: "failed", error: { code: "POINT_RETIRED" } });
  await engine.close();
});

it("where nothing says that it was given up, the run is left as it is", async () => {
  const { frame } = await begin(build<{ main: Flow }>(before).main, []);
  build(after);
  await expect(resume(frame, "old", 1)).rejects.toMatchObject({ code: "UNKNOWN_POINT" });
  build(after, given("inner", "inner listen:older", "main listen:old"));
  await expect(resume(frame, "old", 1)).rejects.toMatchObject({ code: "UNKNOWN_POINT" });
});
