import { testEngine } from "deflow/testing";
import { expect, it } from "vitest";
import { processes } from "../processes.ts";
import { delivered, order, parcel } from "./parcels.ts";

const flows = { order, parcel };

it("starts runs that others can name, and waits for their results", async () => {
  const engine = testEngine({ flows });
  const run = await engine.start(order, ["O-1", [["lamp"], ["desk", "chair"]]]);
  await engine.idle();
  expect((await engine.find({ index: { order: "O-1" } })).runs.map(({ id, status }) => [id, status])).toEqual([["O-1-1", "waiting"], ["O-1-2", "waiting"]]);
  await engine.continue("O-1-2", delivered, { to: "Ann" });
  await engine.continue("O-1-1", delivered, { to: "Bob" });
  await engine.idle();
  expect(await engine.get(run)).toMatchObject({ status: "completed", value: ["lamp to Bob", "desk, chair to Ann"] });
  await engine.close();
});

it("throws what a child threw", async () => {
  const engine = testEngine({ flows });
  const run = await engine.start(order, ["O-1", [["lamp"]]]);
  await engine.advance("30 days");
  expect(await engine.get("O-1-1")).toMatchObject({ status: "failed", error: { code: "TIMEOUT" } });
  expect(await engine.get(run)).toMatchObject({ status: "failed", error: { code: "TIMEOUT" } });
  await engine.close();
});

it("cancels the parcels with their order", async () => {
  const engine = testEngine({ flows });
  const run = await engine.start(order, ["O-1", [["lamp"]]]);
  await engine.cancel(run, "not paid");
  await engine.idle();
  expect(await engine.get("O-1-1")).toMatchObject({ status: "cancelled", error: { message: expect.stringContaining("not paid") } });
  await engine.close();
});

it("holds across processes", async () => {
  await processes({ flows }, async ({ next }) => {
    const first = next();
    const run = await first.start(order, ["O-1", [["lamp"]]]);
    await first.idle();
    const second = next();
    await second.continue("O-1-1", delivered, { to: "Ann" });
    await second.idle();
    expect(await next().get(run.id)).toMatchObject({ status: "completed", value: ["lamp to Ann"] });
  });
});
