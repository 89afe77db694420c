import { testEngine } from "deflow/testing";
import { expect, it, vi } from "vitest";
import { processes } from "../processes.ts";
import { carrier, order, paid, watch } from "./dashboard.ts";

it("hears of each commit of this engine, and of attempts of steps, until it no longer listens", async () => {
  vi.spyOn(carrier, "ship").mockRejectedValueOnce(new Error("no van"));
  const engine = testEngine({ flows: { order } });
  const lines: string[] = [];
  const stop = watch(engine, (line) => void lines.push(line));
  await engine.start(order, ["a"], { id: "a" });
  await engine.start(order, ["b"], { id: "b" });
  await engine.continue("a", paid, true);
  await engine.continue("b", paid, false);
  stop();
  await engine.start(order, ["c"], { id: "c" });
  expect(lines).toEqual([
    "a #1 waiting, for paid; 1 in all",
    "b #1 waiting, for paid; 2 in all",
    "a #2 running; 2 in all",
    "a #3 waiting; 2 in all",
    "a ship failed at attempt 1",
    "b #2 failed; 2 in all",
  ]);
  await engine.close();
});

it("what it throws is logged, and changes nothing", async () => {
  const errors: string[] = [];
  const engine = testEngine({ flows: { order }, logger: { debug() {}, info() {}, warn() {}, error: (text) => void errors.push(text) } });
  watch(engine, () => {
    throw new Error("no screen");
  });
  expect(await engine.start(order, ["a"])).toMatchObject({ status: "waiting" });
  expect(errors).toEqual([expect.stringContaining("no screen")]);
  await engine.close();
});

it("does not hear of other processes", async () => {
  await processes({ flows: { order } }, async ({ next }) => {
    const lines: string[] = [];
    const first = next();
    watch(first, (line) => void lines.push(line));
    await next().start(order, ["a"], { id: "a" });
    expect(lines).toEqual([]);
    await first.continue("a", paid, true);
    expect(lines).toEqual(["a #2 running; 1 in all", "a #3 completed; 1 in all"]);
  });
});
