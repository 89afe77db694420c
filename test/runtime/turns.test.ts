// What a run does from input to input: listens, timers, callbacks, responses, refusals.

import { callback, context, deflow, listen, respond, resume, run, sleep, sleepUntil, TimeoutError } from "deflow";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { modes, Play } from "./turns.ts";

const decision = context("decision", z.object({ ok: z.boolean() }));

const approve = deflow(async function approve(amount: number) {
  respond(`Approve ${amount}?`);
  for (let reminders = 0; reminders < 2; reminders++) {
    const answer = await listen(decision, { timeout: "2 days", default: null, prompt: "Approve?" });
    if (answer) return answer.ok ? "paid" : "refused";
    respond(`Reminder ${reminders + 1}`);
  }
  return "expired";
});

const day = 86_400_000;

const two = deflow(async function two() {
  const answers = await Promise.all([listen("word", { permit: "a" }), listen("word"), listen("word", { permit: "b" })]);
  return answers;
});

const falsy = deflow(async function falsy() {
  return [await listen("x"), await listen("x"), await listen("x")];
});

const late = deflow(async function late() {
  try {
    return await listen("x", { timeout: "1 minute" });
  } catch (error) {
    return [error instanceof TimeoutError, (error as Error).message];
  }
});

const sleeper = deflow(async function sleeper() {
  await sleep("1 hour");
  await sleep(500);
  await sleepUntil(new Date(10_000_000));
  return "awake";
});

const payment = context("payment", z.number());
const pay = deflow(async function pay() {
  const done = callback({ schema: payment, timeout: "1 day" });
  respond(done.token);
  const paid = await done;
  return paid;
});

const told = deflow(async function told() {
  run.index({ customer: "c1" });
  run.progress("half way");
  await listen("x");
  run.index({ total: 5 });
  return run.id;
});

describe.each(modes)("$name", (mode) => {
  test("the common frame is small and readable", async () => {
    const play = new Play(mode);
    const turn = await play.begin(approve, 10);
    expect(turn.status).toBe("waiting");
    expect(turn.responses).toEqual(["Approve 10?"]);
    expect(turn.waits).toEqual([{ kind: "listen", operation: 1, context: "decision", prompt: "Approve?", at: 1_000_000 + 2 * day }]);
    expect(play.record).toEqual({
      v: 1, id: "run", turn: 1, next: 2,
      strands: [{ flow: "approve", point: "listen:decision", in: "loc2a", locals: { reminders: 0 }, on: 0 }],
      ops: [{ listen: "decision", seq: 1, prompt: "Approve?", timeout: "2 days", at: 1_000_000 + 2 * day, default: { value: null } }],
      responses: ["Approve 10?"],
    });
  });

  test("an event wakes the listen, and the schema's value arrives", async () => {
    const play = new Play(mode);
    await play.begin(approve, 10);
    expect(await play.send(decision, { ok: true, extra: 1 })).toMatchObject({ status: "completed", value: "paid", responses: [], waits: [] });
  });

  test("responses are those of the turn", async () => {
    const play = new Play(mode);
    await play.begin(approve, 10);
    expect((await play.pass(2 * day)).responses).toEqual(["Reminder 1"]);
    expect((await play.pass(2 * day))).toMatchObject({ status: "completed", value: "expired", responses: ["Reminder 2"] });
  });

  test("time before the deadline changes nothing, and the deadline stays where it was", async () => {
    const play = new Play(mode);
    const before = await play.begin(approve, 10);
    const after = await play.pass(day);
    expect(after.nextAt).toEqual(before.nextAt);
    expect(play.record).toMatchObject({ turn: 1 });
  });

  test("what the schema refuses is told, and the run is unchanged", async () => {
    const play = new Play(mode);
    await play.begin(approve, 10);
    await expect(play.send(decision, { ok: "yes" })).rejects.toMatchObject({ code: "INVALID_INPUT" });
    await expect(play.send("other", {})).rejects.toMatchObject({ code: "NOT_LISTENING", message: expect.stringContaining("`decision`") });
    expect(await play.send(decision, { ok: false })).toMatchObject({ value: "refused" });
  });

  test("a run that is over takes nothing", async () => {
    const play = new Play(mode);
    await play.begin(approve, 10);
    await play.send(decision, { ok: true });
    await expect(play.send(decision, { ok: true })).rejects.toMatchObject({ code: "RUN_ENDED", runId: "run" });
  });

  test("one frame can be resumed twice, each time alike", async () => {
    const play = new Play(mode);
    const { frame } = await play.begin(approve, 10);
    const options = { reload: mode.reload, clock: play.clock };
    const first = await resume(frame, decision, { ok: true }, options);
    expect(await resume(frame, decision, { ok: true }, options)).toEqual(first);
  });

  test("listeners of a context are first come, first served, among those whose permit fits", async () => {
    const play = new Play(mode);
    await play.begin(two);
    await play.send("word", 1, "b");
    await play.send("word", 2, "b");
    await expect(play.send("word", 3)).rejects.toMatchObject({ code: "WRONG_PERMIT" });
    expect(await play.send("word", 4, "a")).toMatchObject({ value: [4, 1, 2] });
  });

  test("null, false and undefined are answers", async () => {
    const play = new Play(mode);
    await play.begin(falsy);
    await play.send("x", null);
    await play.send("x", false);
    expect(await play.send("x", undefined)).toMatchObject({ value: [null, false, undefined] });
  });

  test("a timeout without default throws TimeoutError into the flow", async () => {
    const play = new Play(mode);
    await play.begin(late);
    expect(await play.pass(60_000)).toMatchObject({ value: [true, "listen(x) timed out after 1 minute"] });
  });

  test("sleeps, one after the other", async () => {
    const play = new Play(mode);
    expect((await play.begin(sleeper)).nextAt).toEqual(new Date(4_600_000));
    expect((await play.pass(3_600_000)).nextAt).toEqual(new Date(4_600_500));
    expect((await play.pass(500)).nextAt).toEqual(new Date(10_000_000));
    expect(await play.pass(10_000_000)).toMatchObject({ value: "awake" });
  });

  test("a callback is settled by its token, once", async () => {
    const play = new Play(mode);
    const { responses, waits } = await play.begin(pay);
    const [token] = responses as [string];
    expect(token).toMatch(/^[0-9a-f]{64}$/);
    expect(waits[0]).toMatchObject({ kind: "callback", schema: "payment", token: expect.not.stringContaining(token) as string });
    await expect(play.settle("no", 5)).rejects.toMatchObject({ code: "UNKNOWN_TOKEN" });
    await expect(play.settle(token, "5")).rejects.toMatchObject({ code: "INVALID_INPUT" });
    expect(await play.settle(token, 5)).toMatchObject({ value: 5 });
  });

  test("id, index and progress", async () => {
    const play = new Play(mode);
    await play.begin(told);
    expect(play.record).toMatchObject({ index: { customer: "c1" }, progress: "half way" });
    expect(await play.send("x")).toMatchObject({ value: "run" });
  });
});
