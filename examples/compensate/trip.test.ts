import { testEngine } from "deflow/testing";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { processes } from "../processes.ts";
import { agency, confirmed, trip } from "./trip.ts";

const call = vi.spyOn(agency, "call");
const calls = () => call.mock.calls.map(([what]) => what.replace(/ \(.*/, ""));
const booked = ["book flight in Rome", "book hotel in Rome"];
const released = ["release hotel in Rome", "release flight in Rome"];
let engine: ReturnType<typeof testEngine>;

beforeEach(() => {
  call.mockReset().mockResolvedValue();
  engine = testEngine({ flows: { trip } });
});
afterEach(() => engine.close());

it("is not run when the flow ends well", async () => {
  const run = await engine.start(trip, ["Rome"]);
  expect(await engine.continue(run, confirmed, true)).toMatchObject({ status: "completed", value: "booked" });
  expect(calls()).toEqual(booked);
});

it("undoes, the last one first, when the flow fails", async () => {
  const run = await engine.start(trip, ["Rome"]);
  expect(await engine.continue(run, confirmed, false)).toMatchObject({ status: "failed", error: { message: "not confirmed" } });
  expect(calls()).toEqual([...booked, ...released]);
  await expect(engine.retry(run)).rejects.toMatchObject({ code: "NOT_RETRYABLE" });
});

it("undoes what had been done when the flow fails half way, or is cancelled", async () => {
  call.mockResolvedValueOnce().mockRejectedValueOnce(new Error("full"));
  expect(await engine.start(trip, ["Rome"])).toMatchObject({ status: "failed", error: { message: "full" } });
  expect(calls()).toEqual([...booked, "release flight in Rome"]);
  call.mockClear();
  const run = await engine.start(trip, ["Rome"]);
  expect(await engine.cancel(run, "changed my mind")).toMatchObject({ status: "cancelled" });
  expect(calls()).toEqual([...booked, ...released]);
});

it("says so when it could not undo; the others are undone", async () => {
  const run = await engine.start(trip, ["Rome"]);
  call.mockImplementation(async (what) => {
    if (what.includes("hotel")) throw new Error("nobody answers");
  });
  expect(await engine.continue(run, confirmed, false)).toMatchObject({ status: "compensating" });
  await engine.advance("1 hour");
  expect(await engine.get(run)).toMatchObject({ status: "failed", error: { code: "COMPENSATION_FAILED", cause: { message: "not confirmed" } } });
  expect(calls().at(-1)).toBe("release flight in Rome");
});

it("goes on undoing in the next process", async () => {
  await processes({ flows: { trip } }, async ({ next }) => {
    const first = next();
    await first.start(trip, ["Rome"], { id: "trip" });
    call.mockImplementationOnce(() => new Promise(() => {}));
    void first.continue("trip", confirmed, false);
    await vi.waitFor(() => expect(call).toHaveBeenCalledTimes(3));
    const second = next(31_000);
    await second.tick();
    expect(await second.get("trip")).toMatchObject({ status: "failed", error: { message: "not confirmed" } });
    expect(calls()).toEqual([...booked, "release hotel in Rome", ...released]);
  });
});
