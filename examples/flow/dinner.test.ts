import { createEngine, memory } from "deflow";
import { testEngine } from "deflow/testing";
import { expect, it } from "vitest";
import { processes } from "../processes.ts";
import { answer, dinner, open, table } from "./dinner.ts";

const flows = { dinner, table };

it("start gives the state after the first turn; the same id again gives the run that is there", async () => {
  const engine = open(memory());
  const run = await engine.start(dinner, [["Roma", "Kyoto"]], { id: "ann:5 May", index: { customer: "ann" } });
  expect(run).toMatchObject({ id: "ann:5 May", flow: "dinner", status: "waiting", turn: 1, waits: [{ context: "answer" }] });
  expect(await engine.start(dinner, [["Roma"]], { id: "ann:5 May" })).toMatchObject({ id: "ann:5 May", duplicate: true });
  await expect(engine.start(table, ["Roma"], { id: "ann:5 May" })).rejects.toMatchObject({ code: "RUN_EXISTS" });
  await engine.continue(run, answer, false, { permit: "Roma" });
  const done = await engine.continue(run, answer, true, { permit: "Kyoto" });
  expect(done).toMatchObject({ status: "completed", value: "Kyoto" });
  expect(await run.result()).toBe("Kyoto");
  await engine.close();
});

it("a flow that throws gives a run that has failed; result() throws what it threw", async () => {
  const engine = testEngine({ flows });
  const run = await engine.start(dinner, [["Roma"]]);
  await engine.advance("2 hours");
  expect(await engine.get(run)).toMatchObject({ status: "failed", error: { message: "Roma: no" } });
  await expect(run.result()).rejects.toThrow("Roma: no");
  await engine.close();
});

it("a run that takes longer than its flow may is cancelled", async () => {
  const engine = testEngine({ flows });
  const run = await engine.start(dinner, [Array.from({ length: 20 }, (_, n) => `restaurant ${n}`)]);
  await engine.advance("1 day");
  expect(await engine.get(run)).toMatchObject({ status: "cancelled", error: { message: "Cancelled: it took longer than 1 day" } });
  await engine.close();
});

it("an engine starts the flows that it was given; those that these call need not be among them", async () => {
  const engine = createEngine({ store: memory(), flows: { dinner }, dev: true });
  expect(await engine.start(dinner, [["Roma"]])).toMatchObject({ status: "waiting" });
  await expect(engine.start(table, ["Roma"])).rejects.toMatchObject({ code: "UNKNOWN_FLOW" });
  await engine.close();
});

it("goes on in the midst of its loop, in another process", async () => {
  await processes({ flows }, async ({ next }) => {
    await next().start(dinner, [["Roma", "Kyoto"]], { id: "a" });
    await next().continue("a", answer, false, { permit: "Roma" });
    expect(await next().continue("a", answer, true, { permit: "Kyoto" })).toMatchObject({ value: "Kyoto" });
  });
});
