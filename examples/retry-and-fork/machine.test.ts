import { testEngine } from "deflow/testing";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { processes } from "../processes.ts";
import { factory, machine, part } from "./machine.ts";

const order = vi.spyOn(factory, "order");
const down = new Error("the factory does not answer");
let engine: ReturnType<typeof testEngine>;

beforeEach(() => {
  order.mockClear();
  engine = testEngine({ flows: { machine } });
});
afterEach(() => engine.close());

it("retry goes on where the run failed, with the same key", async () => {
  const run = await engine.start(machine, ["M1"], { id: "m" });
  await engine.continue(run, part, "laser");
  order.mockRejectedValueOnce(down);
  expect(await engine.continue(run, part, "order")).toMatchObject({ status: "failed", error: { message: down.message } });
  const again = await engine.retry(run);
  expect(again).toMatchObject({ status: "completed", value: "M1 + laser in June" });
  expect(order.mock.calls.map(([, key]) => key)).toEqual(["m:3", "m:3"]);
  await expect(engine.retry(run)).rejects.toMatchObject({ code: "NOT_RETRYABLE" });
});

it("fork goes on from where the original waits, and shares nothing with it", async () => {
  const run = await engine.start(machine, ["M1"], { index: { customer: "Ann" } });
  await engine.continue(run, part, "laser");
  const variant = await engine.fork(run, { id: "variant", index: { variant: true } });
  expect(variant).toMatchObject({ id: "variant", status: "waiting", index: { customer: "Ann", variant: true } });
  await engine.continue(variant, part, "robot arm");
  expect(await engine.continue(run, part, "order")).toMatchObject({ value: "M1 + laser in June" });
  expect(await engine.continue(variant, part, "order")).toMatchObject({ value: "M1 + laser + robot arm in June" });
  await expect(engine.fork(run)).rejects.toMatchObject({ code: "RUN_ENDED" });
});

it("both work in any process", async () => {
  await processes({ flows: { machine } }, async ({ next }) => {
    await next().start(machine, ["M1"], { id: "m" });
    await next().fork("m", { id: "n" });
    order.mockRejectedValueOnce(down);
    expect(await next().continue("n", part, "order")).toMatchObject({ status: "failed" });
    expect(await next().retry("n")).toMatchObject({ status: "completed", value: "M1 in June" });
  });
});
