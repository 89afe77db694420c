// Limits that an engine was given hold wherever it writes and reads, and not the default ones.

import { deflow, listen, start, step } from "deflow";
import { expect, it } from "vitest";
import { onEachStore } from "./engines.ts";

/** Beyond the default of 10,000 digits, of which a text has but as many characters. */
const large = 10n ** 12_000n;
const limits = { digits: 20_000 };

const given = deflow(async function givenLarge(n: bigint) {
  const more: bigint = await step("add", () => n + 1n);
  const said = await listen("word") as bigint;
  return more + said;
});

const outer = deflow(async function outerLarge(n: bigint) {
  return await (await start(given, [n], { id: "inner" })).result();
});

onEachStore({ given, outer }, (bench) => {
  it("arguments, results of steps, events, values, and what a child gives its parent", async () => {
    const engine = bench().engine({ limits });
    await engine.start(outer, [large], { id: "outer", queue: "later" });
    expect((await engine.inspect("outer")).strands[0]?.locals).toEqual({ args: [large] });
    await engine.tick();
    await engine.idle();
    await engine.send("inner", "word", large);
    await engine.idle();
    expect(await engine.get("inner")).toMatchObject({ status: "completed", value: 2n * large + 1n });
    expect((await bench().engine({ limits }).find({ flow: outer })).runs).toMatchObject([{ status: "completed", value: 2n * large + 1n }]);
  });

  it("without them the same is refused where it comes in", async () => {
    const engine = bench().engine();
    await expect(engine.start(outer, [large], { id: "outer", queue: "later" })).rejects.toMatchObject({ code: "TOO_LARGE" });
    await expect(engine.get("outer")).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});
