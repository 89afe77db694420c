import { FatalError } from "deflow";
import { testEngine } from "deflow/testing";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { processes } from "../processes.ts";
import { cleanup, next, schedule, sessions } from "./cleanup.ts";

const hour = 3_600_000;
const at = (day: number, hours = 3): Date => new Date(Date.UTC(2026, 0, day, hours));
const removed = vi.spyOn(sessions, "removeOld");

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: at(1, 12) });
  removed.mockReset().mockResolvedValue();
});
afterEach(() => vi.useRealTimers());

it("does it every day, also after one on which it failed", async () => {
  const engine = testEngine({ flows: { cleanup }, now: at(1, 12), logger: { debug() {}, info() {}, warn() {}, error() {} } });
  expect(await schedule(engine)).toMatchObject({ status: "waiting", nextAt: at(2) });
  for (const day of [2, 3, 4]) {
    vi.setSystemTime(at(day));
    if (day === 3) removed.mockRejectedValueOnce(new FatalError("no disk"));
    await engine.advance(day === 2 ? 15 * hour : 24 * hour);
    expect(removed).toHaveBeenCalledTimes(day - 1);
  }
  expect(await engine.get("cleanup")).toMatchObject({ status: "waiting", nextAt: at(5) });
  expect((await engine.logs("cleanup")).map(({ message }) => message)).toEqual([expect.stringContaining("no disk")]);
  vi.setSystemTime(at(4, 2)); // the clock of another machine
  await engine.advance(24 * hour);
  expect([removed.mock.calls.length, (await engine.get("cleanup")).nextAt]).toEqual([4, at(6)]);
  expect(await engine.cancel("cleanup")).toMatchObject({ status: "cancelled" });
  await engine.close();
});

it("is there once, however many processes begin it; after a pause of days it does it once", async () => {
  await processes({ flows: { cleanup } }, async ({ next: process }) => {
    const [first, second] = [process(), process()];
    const begun = await Promise.all([schedule(first), schedule(second)]);
    expect(begun.map(({ duplicate = false }) => duplicate).toSorted()).toEqual([false, true]);
    // Its arguments are those of the first start.
    expect(await second.start(cleanup, [20], { id: "cleanup" })).toMatchObject({ duplicate: true, nextAt: at(2) });
    vi.setSystemTime(at(9, 12));
    await process(8.5 * 24 * hour).tick();
    expect(removed).toHaveBeenCalledTimes(1);
    expect(await process().get("cleanup")).toMatchObject({ nextAt: at(10) });
    // One that was ended stays ended under this id.
    await process().kill("cleanup");
    expect(await schedule(process())).toMatchObject({ duplicate: true, status: "killed" });
  });
});

it("knows the next time", () => {
  expect([at(1, 2), at(1, 3), at(1, 4)].map((after) => new Date(next(3, after.getTime())))).toEqual([at(1), at(2), at(2)]);
});
