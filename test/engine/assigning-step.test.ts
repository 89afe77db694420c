// A step that assigns a variable of the flow, where the author says that it is meant.

import { context, deflow, listen, step } from "deflow";
import { expect, it } from "vitest";
import { onEachStore } from "./engines.ts";

const word = context<string>("word");

const counting = deflow(async function counting() {
  let tries = 0;
  const add = (): number => tries + 100;
  const paid = await step("pay", async () => {
    // deflow-ignore DF106: how often it was tried is only told, and may be too low
    tries += 1;
    return await Promise.resolve("paid");
  });
  const said = await listen(word);
  return [paid, said, tries, add()];
});

onEachStore({ counting }, (bench) => {
  it("what it assigned is stored with its result, for the flow and its closures", async () => {
    const engine = bench().engine();
    const { id } = await engine.start(counting, []);
    expect(await engine.continue(id, word, "x")).toMatchObject({ status: "completed", value: ["paid", "x", 1, 101] });
  });
});
