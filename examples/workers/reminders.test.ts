import { memory } from "deflow";
import { expect, it, vi } from "vitest";
import { processes } from "../processes.ts";
import { everyMinute, mail, remind, serve } from "./reminders.ts";

const send = vi.spyOn(mail, "send").mockResolvedValue();
const day = 24 * 3_600_000;

it("a worker fires timers; stop waits for what is under way", async () => {
  const ended: string[] = [];
  send.mockImplementationOnce(async (to) => {
    await new Promise((resolve) => setImmediate(resolve));
    ended.push(to);
  });
  const { engine, stop } = serve(memory());
  await engine.start(remind, ["ann", 0], { queue: "default" });
  await vi.waitFor(() => expect(send).toHaveBeenCalledWith("ann"));
  await stop();
  expect(ended).toEqual(["ann"]);
  await expect(engine.find()).rejects.toMatchObject({ code: "ENGINE_CLOSED" });
});

it("a tick does what is due, and says when to come again", async () => {
  send.mockClear();
  await processes({ flows: { remind } }, async ({ next }) => {
    const first = next();
    await first.start(remind, ["ann", 1], { id: "a" });
    await first.start(remind, ["bob", 2], { id: "b" });
    expect(await everyMinute(next())).toEqual(new Date("2026-01-02T00:00:00Z"));
    expect(await everyMinute(next(day))).toEqual(new Date("2026-01-03T00:00:00Z"));
    expect(send.mock.calls).toEqual([["ann"]]);
    expect(await everyMinute(next(day))).toBeUndefined();
    expect(send.mock.calls).toEqual([["ann"], ["bob"]]);
  });
});

it("takes on the runs of processes that died, when their lease has run out", async () => {
  send.mockClear().mockImplementationOnce(() => new Promise(() => {}));
  await processes({ flows: { remind } }, async ({ next }) => {
    const first = next();
    await first.start(remind, ["ann", 1], { id: "a" });
    void next(day).tick();
    await vi.waitFor(() => expect(send).toHaveBeenCalledTimes(1));
    expect(await next(29_000).tick()).toMatchObject({ done: 0 });
    expect(await next(1_000).tick()).toMatchObject({ done: 1 });
    expect(await next().get("a")).toMatchObject({ status: "completed" });
    expect(send).toHaveBeenCalledTimes(2);
  });
});
