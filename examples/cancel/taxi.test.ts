import { testEngine } from "deflow/testing";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { processes } from "../processes.ts";
import { accept, radio, taxi } from "./taxi.ts";

const say = vi.spyOn(radio, "say");
const said = () => say.mock.calls.map((words) => words.join(": "));
const asked = ["A: Free?", "B: Free?"];
let engine: ReturnType<typeof testEngine>;

beforeEach(() => {
  say.mockReset().mockResolvedValue();
  engine = testEngine({ flows: { taxi } });
});
afterEach(() => engine.close());

it("cancel(promise) ends a strand, by way of its finally", async () => {
  const run = await engine.start(taxi, [["A", "B"]]);
  expect(await engine.continue(run, accept, true, { permit: "B" })).toMatchObject({ status: "completed", value: "B" });
  expect(said()).toEqual([...asked, "B: go", "A: never mind"]);
});

it("engine.cancel ends the run, by way of every finally", async () => {
  const run = await engine.start(taxi, [["A", "B"]]);
  const over = await engine.cancel(run, "the customer left");
  expect(over).toMatchObject({ status: "cancelled", error: { code: "CANCELLED", message: "Cancelled: the customer left" } });
  expect(said().toSorted()).toEqual([...asked, "A: never mind", "B: never mind"].toSorted());
  await expect(engine.cancel(run)).rejects.toMatchObject({ code: "RUN_ENDED" });
});

it("engine.kill ends it where it stands", async () => {
  const run = await engine.start(taxi, [["A", "B"]]);
  expect(await engine.kill(run, "wrong city")).toMatchObject({ status: "killed", error: { code: "KILLED" } });
  expect(said()).toEqual(asked);
});

it("a cleanup that throws is the run's failure", async () => {
  const run = await engine.start(taxi, [["A"]]);
  say.mockRejectedValue(new Error("no signal"));
  expect(await engine.cancel(run)).toMatchObject({ status: "failed", error: { message: "no signal" } });
});

it("a cleanup that takes too long is killed", async () => {
  const second = testEngine({ flows: { taxi }, steps: { ask: () => {}, tell: () => new Promise(() => {}) }, cancelTimeout: "10 seconds" });
  const stuck = await second.start(taxi, [["A"]]);
  const cancelled = second.cancel(stuck);
  await vi.waitFor(() => expect(second.steps("tell")).toHaveLength(1));
  await second.clock.advance(10_000);
  expect(await cancelled).toMatchObject({ status: "killed", error: { code: "KILLED" } });
  await second.close();
});

it("a cleanup that a crash cut off goes on in the next process", async () => {
  await processes({ flows: { taxi } }, async ({ next }) => {
    const first = next();
    await first.start(taxi, [["A"]], { id: "ride" });
    say.mockImplementationOnce(() => new Promise(() => {}));
    void first.cancel("ride");
    await vi.waitFor(() => expect(say).toHaveBeenCalledTimes(2));
    const second = next(31_000);
    await second.tick();
    expect(await second.get("ride")).toMatchObject({ status: "cancelled" });
    expect(said()).toEqual(["A: Free?", "A: never mind", "A: never mind"]);
  });
});
