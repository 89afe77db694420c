// Flows that are declared with `version: "pin"`: their runs go on with the text that they were begun with, and wait for it otherwise.

import { expect, it } from "vitest";
import { createEngine } from "../../runtime/engine/engine.ts";
import { begin, type Flow, resume } from "../../runtime/index.ts";
import { memory } from "../../runtime/stores/memory.ts";
import { build } from "./builds.ts";

const source = (body: string, options = '{ version: "pin" }'): string => `export const main = deflow(${options}, async function main(n) { ${body} });`;
const before = source('return n + await listen("go");');
const mended = source('const m = await listen("go"); return n + m;');

it("a frame goes on with the same text, and with no other that would fit", async () => {
  const { frame } = await begin(build<{ main: Flow<[number]> }>(before).main, [1]);
  build(mended);
  await expect(resume(frame, "go", 2)).rejects.toMatchObject({ code: "PINNED" });
  build(source('return n + await listen("go");', "{}"));
  await expect(resume(frame, "go", 2)).rejects.toMatchObject({ code: "PINNED" });
  build(`// A comment beside it.\n${before}`);
  expect(await resume(frame, "go", 2)).toMatchObject({ status: "completed", value: 3 });
});

it("a run that was begun before its flow was pinned goes on where it fits", async () => {
  const { frame } = await begin(build<{ main: Flow<[number]> }>(source('return n + await listen("go");', "{}")).main, [1]);
  build(mended);
  expect(await resume(frame, "go", 2)).toMatchObject({ status: "completed", value: 3 });
});

it("an engine shows such a run as stranded, and goes on with it when the build is back", async () => {
  const store = memory();
  const old = build<{ main: Flow<[number]> }>(before);
  await createEngine({ store, flows: old }).start(old.main, [1], { id: "r" });
  const next = createEngine({ store, flows: build<{ main: Flow<[number]> }>(mended) });
  expect(await next.get("r")).toMatchObject({ status: "stranded", stranded: { error: { code: "PINNED" } } });
  expect(await next.find({ status: "stranded" })).toMatchObject({ runs: [{ id: "r" }] });
  const back = createEngine({ store, flows: build<{ main: Flow<[number]> }>(before) });
  expect(await back.continue("r", "go", 2)).toMatchObject({ status: "completed", value: 3 });
});
