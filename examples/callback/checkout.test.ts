import { testEngine } from "deflow/testing";
import { beforeEach, expect, it, vi } from "vitest";
import { processes } from "../processes.ts";
import { checkout, provider } from "./checkout.ts";

const ask = vi.spyOn(provider, "ask").mockResolvedValue();
const askedWith = (): string => ask.mock.lastCall?.[1].split("/").at(-1) ?? "";

beforeEach(() => void ask.mockClear());

it("is settled by whoever holds the token, once", async () => {
  const engine = testEngine({ flows: { checkout } });
  const run = await engine.start(checkout, [50]);
  const token = askedWith();
  expect(token).toMatch(/^[0-9a-f]{64}$/);
  expect(run).toMatchObject({ status: "waiting", waits: [{ kind: "callback", schema: "payment" }] });
  await expect(engine.settle(token, { amount: 50 })).rejects.toMatchObject({ code: "INVALID_INPUT" });
  const done = await engine.settle(token, { reference: "P-1" });
  expect(done).toMatchObject({ id: run.id, status: "completed", value: "paid: P-1" });
  await expect(engine.settle(token, { reference: "P-1" })).rejects.toMatchObject({ code: "UNKNOWN_TOKEN" });
  await engine.close();
});

it("times out", async () => {
  const engine = testEngine({ flows: { checkout } });
  const run = await engine.start(checkout, [50]);
  await engine.advance("30 minutes");
  expect(await engine.get(run)).toMatchObject({ status: "completed", value: "abandoned" });
  await expect(engine.settle(askedWith(), { reference: "P-1" })).rejects.toMatchObject({ code: "UNKNOWN_TOKEN" });
  await engine.close();
});

it("a token holds in every process, and in a step that is made again", async () => {
  ask.mockImplementationOnce(() => new Promise(() => {}));
  await processes({ flows: { checkout } }, async ({ next }) => {
    void next().start(checkout, [50], { id: "cart" });
    await vi.waitFor(() => expect(ask).toHaveBeenCalledTimes(1));
    await next(31_000).tick();
    expect(ask.mock.calls[0]).toEqual(ask.mock.calls[1]);
    expect(await next().settle(askedWith(), { reference: "P-1" })).toMatchObject({ id: "cart", value: "paid: P-1" });
  });
});
