import { testEngine } from "deflow/testing";
import { afterEach, expect, it, vi } from "vitest";
import { processes } from "../processes.ts";
import { bill, confirmed, kept, meters, why } from "./meter.ts";

const logger = { debug() {}, info() {}, warn() {}, error() {} };
const flows = { bill };

afterEach(() => vi.restoreAllMocks());

it("keeps what was said, and what happened", async () => {
  vi.spyOn(meters, "read").mockResolvedValueOnce(-1);
  const printed = vi.spyOn(console, "log").mockReturnValue();
  const engine = testEngine({ flows, logger, ...kept });
  await engine.start(bill, ["M-1"], { id: "b" });
  await engine.advance("1 minute");
  await engine.continue("b", confirmed, true);

  expect(await engine.logs("b")).toEqual([
    { at: new Date("2000-01-01T00:00:00Z"), level: "info", message: "reading", fields: { meter: "M-1" } },
    { at: new Date("2000-01-01T00:00:00Z"), level: "warn", message: "the meter gives nonsense", fields: { value: -1 }, step: "read", attempt: 1 },
    { at: new Date("2000-01-01T00:01:00Z"), level: "info", message: "billed 1042 kWh", console: true },
  ]);
  expect(printed).toHaveBeenCalledWith("billed 1042 kWh");
  expect(await engine.logs("b", { level: "warn" })).toHaveLength(1);
  expect(await engine.logs("b", { step: "read" })).toHaveLength(1);

  expect(await why(engine, "b")).toEqual(["#1 started", "#1 read begun", "#2 read failed", "#3 read begun", "#4 read ended", "#5 event", "#5 ended"]);
  expect((await engine.history("b"))[2]).toMatchObject({ what: "step", stage: "failed", key: "b:1", attempt: 1, error: "Error: -1 kWh", retryAt: new Date("2000-01-01T00:00:01Z") });
  await expect(engine.logs("nobody")).rejects.toMatchObject({ code: "NOT_FOUND" });
  await engine.close();
});

it("unless told otherwise, logs are kept and history is not", async () => {
  const engine = testEngine({ flows });
  await engine.start(bill, ["M-1"], { id: "b" });
  expect(await engine.logs("b")).toMatchObject([{ message: "reading" }]);
  expect(await engine.history("b")).toEqual([]);
  await engine.close();
});

it("any process tells them, and that a step was cut off", async () => {
  const read = vi.spyOn(meters, "read").mockImplementationOnce(() => new Promise(() => {}));
  await processes({ flows, logger, ...kept }, async ({ next }) => {
    void next().start(bill, ["M-1"], { id: "b" });
    await vi.waitFor(() => expect(read).toHaveBeenCalledTimes(1));
    const second = next(31_000);
    await second.tick();
    expect(await why(next(), "b")).toEqual(expect.arrayContaining(["#1 read begun", "#2 read cut off", "#3 read ended"]));
    expect(await next().logs("b")).toMatchObject([{ message: "reading" }]);
  });
});
