import { testEngine } from "deflow/testing";
import { afterEach, expect, it, vi } from "vitest";
import { processes } from "../processes.ts";
import { bank, payInvoice, readStatement } from "./invoice.ts";

const flows = { payInvoice, readStatement };
const warnings: string[] = [];
const logger = { debug() {}, info() {}, warn: (text: string) => void warnings.push(text), error() {} };
const never = () => new Promise<never>(() => {});

afterEach(() => vi.restoreAllMocks());

it("is tried again, under the same key, with growing delays", async () => {
  const transfer = vi.spyOn(bank, "transfer").mockResolvedValueOnce({ status: 503, receipt: "" }).mockRejectedValueOnce(new Error("no route")).mockResolvedValue({ status: 201, receipt: "R1" });
  const engine = testEngine({ flows, logger });
  const run = await engine.start(payInvoice, ["DE02", 90], { id: "invoice-1" });
  expect(run).toMatchObject({ status: "waiting" });
  await engine.advance("30 seconds");
  expect(await engine.get(run)).toMatchObject({ status: "completed", value: "R1" });
  expect(engine.steps("pay").map(({ key, attempt, status }) => [key, attempt, status])).toEqual([["invoice-1:1", 1, "failed"], ["invoice-1:1", 2, "failed"], ["invoice-1:1", 3, "completed"]]);
  expect(transfer.mock.calls.map(([, , { key }]) => key)).toEqual(["invoice-1:1", "invoice-1:1", "invoice-1:1"]);
  expect(warnings).toEqual(["attempt 2 for DE02", "attempt 3 for DE02"]);
  await engine.close();
});

it("FatalError ends it at the first attempt; the last attempt's error is thrown into the flow", async () => {
  vi.spyOn(bank, "transfer").mockResolvedValueOnce({ status: 422, receipt: "" }).mockResolvedValue({ status: 500, receipt: "" });
  const engine = testEngine({ flows, logger });
  expect(await engine.start(payInvoice, ["DE02", 90])).toMatchObject({ status: "failed", error: { code: "FATAL", message: "There is no such account" } });
  const run = await engine.start(payInvoice, ["DE02", 90]);
  await engine.advance("5 minutes");
  expect(await engine.get(run)).toMatchObject({ status: "failed", error: { message: "The bank says 500" } });
  await engine.close();
});

it("an attempt that takes too long, or is silent for too long, has failed", async () => {
  vi.spyOn(bank, "transfer").mockImplementation(never);
  vi.spyOn(globalThis, "fetch").mockImplementation(never);
  const engine = testEngine({ flows, logger });
  const [paying, reading] = [engine.start(payInvoice, ["DE02", 90]), engine.start(readStatement, [3])];
  await engine.clock.advance(30_000);
  expect(await reading).toMatchObject({ status: "failed", error: { code: "TIMEOUT" } });
  expect(engine.steps("pay")[0]).toMatchObject({ status: "running" });
  expect(bank.transfer).toHaveBeenCalledWith("DE02", 90, { key: expect.any(String) as string, signal: expect.objectContaining({ aborted: true }) as AbortSignal });
  expect(await paying).toMatchObject({ status: "waiting" });
  await engine.close();
});

it("one that a crash cut off is made again, by whoever is there when the lease has run out", async () => {
  const transfer = vi.spyOn(bank, "transfer").mockImplementationOnce(never).mockResolvedValue({ status: 201, receipt: "R1" });
  await processes({ flows, logger }, async ({ next }) => {
    void next().start(payInvoice, ["DE02", 90], { id: "invoice-1" });
    await vi.waitFor(() => expect(transfer).toHaveBeenCalledTimes(1));
    const second = next(31_000);
    await second.tick();
    expect(await second.get("invoice-1")).toMatchObject({ status: "completed", value: "R1" });
    expect(transfer.mock.calls.map(([, , { key }]) => key)).toEqual(["invoice-1:1", "invoice-1:1"]);
  });
});
