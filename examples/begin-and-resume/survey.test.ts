import { begin, resume } from "deflow";
import { SimulatedClock } from "deflow/testing";
import { beforeEach, expect, it, vi } from "vitest";
import { crm, frames, hear, reply, survey, wake } from "./survey.ts";

const save = vi.spyOn(crm, "save");

beforeEach(() => {
  frames.clear();
  save.mockReset().mockResolvedValue();
});

it("goes on from the text, turn by turn", async () => {
  expect(await hear("ann", "hello")).toEqual(["How was it?"]);
  expect(JSON.parse(frames.get("ann") ?? "")).toMatchObject({ v: 1, id: "ann", strands: [{ flow: "survey", point: "listen:reply" }] });
  expect(await hear("ann", "fine")).toEqual(["Would you come again?"]);
  expect(await hear("ann", "yes")).toEqual(["Thank you!"]);
  expect(save.mock.calls).toEqual([[["fine", "yes"], "ann:3"]]);
  await expect(hear("ann", "hello?")).rejects.toMatchObject({ code: "RUN_ENDED" });
});

it("timers are yours to fire", async () => {
  const clock = new SimulatedClock(new Date("2026-01-01T00:00:00Z"));
  const asked = await begin(survey, [["How was it?"]], { clock, reload: true });
  expect(asked).toMatchObject({ status: "waiting", nextAt: new Date("2026-01-01T01:00:00Z") });
  expect(await resume(asked.frame, { now: clock.now() }, { clock })).toMatchObject({ status: "waiting" });
  await clock.advance(3_600_000);
  expect(await resume(asked.frame, { now: clock.now() }, { clock })).toMatchObject({ status: "completed" });
  expect(save.mock.calls[0]?.[0]).toEqual(["no answer"]);
});

it("a frame stays as good as it was: it can be resumed twice, with two outcomes", async () => {
  const { frame } = await begin(survey, [["How was it?", "Why?"]]);
  await expect(resume(frame, "other", "x")).rejects.toMatchObject({ code: "NOT_LISTENING" });
  const [good, bad] = [await resume(frame, reply, "good"), await resume(frame, reply, "bad")];
  await resume(good.frame, reply, "x");
  await resume(bad.frame, reply, "y");
  expect(save.mock.calls.map(([answers]) => answers)).toEqual([["good", "x"], ["bad", "y"]]);
});

it("a step that a crash cut off is made again from the last checkpoint", async () => {
  save.mockImplementationOnce(() => new Promise(() => {}));
  await hear("ann", "hello");
  await hear("ann", "fine");
  void hear("ann", "yes");
  await vi.waitFor(() => expect(save).toHaveBeenCalledTimes(1));
  expect(await wake("ann", new Date())).toMatchObject({ status: "completed" });
  expect(save.mock.calls.map(([, key]) => key)).toEqual(["ann:3", "ann:3"]);
});
