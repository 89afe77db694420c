// Activities: stored by name and arguments, found by name, made by the rules of the code that is loaded.

import { deflow, listen, resume } from "deflow";
import { activities, activity, activityContext } from "deflow/patterns";
import { testEngine } from "deflow/testing";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { shared } from "../../runtime/realm/shared.ts";
import { modes, Play } from "../runtime/turns.ts";

const world = { log: [] as unknown[], hang: false, fail: 0 };

class Mailer {
  readonly from = "me";

  async send(to: string): Promise<string> {
    const { key, attempt, signal } = activityContext();
    world.log.push([to, key, attempt, signal.aborted]);
    if (world.hang) await new Promise(() => {});
    await Promise.resolve();
    if (activityContext().attempt <= world.fail) throw new Error(`no ${attempt}`);
    return `${this.from} to ${to}`;
  }

  once(to: string): Promise<string> {
    return this.send(to);
  }
}

const mail = activities("mail", new Mailer(), { retry: { attempts: 3, delay: 1000, jitter: false }, each: { once: { idempotent: false } } });
const slow = activity("slow", () => new Promise<string>((_, reject) => activityContext().signal.addEventListener("abort", () => reject(new Error("late")))), { timeout: "5 s" });

const send = deflow(async function send(to: string) {
  return await mail.send(to);
});
const sendOnce = deflow(async function sendOnce(to: string) {
  return await mail.once(to);
});
const tooSlow = deflow(async function tooSlow() {
  return await slow();
});
const keeps = deflow(async function keeps(to: string) {
  const later = mail.send;
  await listen("word");
  return await later(to);
});
const unstorable = deflow(async function unstorable() {
  return await mail.send(new WeakMap() as unknown as string);
});

beforeEach(() => {
  Object.assign(world, { log: [], hang: false, fail: 0 });
});

const saved = new Map(shared.activities);
afterEach(() => {
  for (const [name, entry] of saved) shared.activities.set(name, entry);
});

describe.each(modes)("activities, $name", (mode) => {
  /** The frame of the commit that began the attempt. */
  async function died(play: Play, begin: Promise<unknown>): Promise<string> {
    void begin;
    await vi.waitFor(() => expect(world.log).toHaveLength(1));
    return play.frames.at(-1) as string;
  }

  it("are stored by name and arguments, and know their key and attempt", async () => {
    const play = new Play(mode);
    expect(await play.begin(send, "ann")).toMatchObject({ status: "completed", value: "me to ann" });
    expect(JSON.parse(play.frames[0] as string).ops).toEqual([{ step: "mail.send", args: ["ann"], seq: 1, attempt: 1 }]);
    expect(world.log).toEqual([["ann", "run:1", 1, false]]);
  });

  it("are tried again and bounded in time by their options", async () => {
    world.fail = 1;
    const play = new Play(mode);
    await play.begin(send, "ann");
    expect(await play.pass(1000)).toMatchObject({ value: "me to ann" });
    const late = new Play(mode);
    const done = late.begin(tooSlow);
    await vi.waitFor(() => expect(late.clock.pending).toBe(1));
    await late.clock.advance(5000);
    expect(await done).toMatchObject({ error: { message: "step(slow) timed out after 5 seconds" } });
  });

  it("that were cut off are made again if they are idempotent", async () => {
    world.hang = true;
    const [again, never] = [new Play(mode), new Play(mode)];
    const frame = await died(again, again.begin(send, "ann"));
    world.log.length = 0;
    const once = await died(never, never.begin(sendOnce, "ann"));
    world.hang = false;
    expect(await resume(frame, { now: 0 }, again.options)).toMatchObject({ value: "me to ann" });
    expect(world.log.at(-1)).toEqual(["ann", "run:1", 2, false]);
    expect(await resume(once, { now: 0 }, never.options)).toMatchObject({ error: { code: "STEP_OUTCOME_UNKNOWN", message: expect.stringContaining("mail.once") } });
  });

  it("survive a stop as values", async () => {
    const play = new Play(mode);
    await play.begin(keeps, "bob");
    expect(await play.send("word")).toMatchObject({ value: "me to bob" });
  });

  it("refuse what cannot be stored, by name", async () => {
    await expect(new Play(mode).begin(unstorable)).rejects.toMatchObject({ code: "NOT_SERIALIZABLE", message: expect.stringContaining("`step(mail.send).args[0]`") });
  });

  it("that nothing registers are named", async () => {
    world.hang = true;
    const play = new Play(mode);
    const frame = await died(play, play.begin(send, "ann"));
    shared.activities.delete("mail.send");
    await expect(resume(frame, { now: 0 }, play.options)).rejects.toMatchObject({ code: "UNKNOWN_ACTIVITY", message: expect.stringContaining("`mail.send`") });
  });
});

describe("registering", () => {
  it("a name twice is an error that names both places", () => {
    activity("twice", () => 1);
    expect(() => activity("twice", () => 2)).toThrow(expect.objectContaining({ code: "DUPLICATE_ACTIVITY", message: expect.stringMatching(/activities\.test\.ts.*activities\.test\.ts/), hint: expect.stringContaining("import the other") as string }) as Error);
  });

  it("again from the same line replaces it", () => {
    for (const n of [1, 2]) activity("module evaluated again", () => n);
    expect(shared.activities.get("module evaluated again")?.invoke({} as never, [])).toBe(2);
  });

  it("what is called elsewhere says so", () => {
    expect(() => mail.send("x")).toThrow(expect.objectContaining({ code: "NOT_IN_RUN" }) as Error);
    expect(() => activityContext()).toThrow(expect.objectContaining({ code: "NOT_IN_ACTIVITY" }) as Error);
    expect(() => activity("no function", 1 as never)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }) as Error);
  });
});

it("testEngine replaces them by name", async () => {
  const t = testEngine({ flows: { send }, steps: { "mail.send": ({ args: [to], attempt }) => `not sent to ${String(to)} ${attempt}` } });
  expect(await t.start(send, ["ann"])).toMatchObject({ value: "not sent to ann 1" });
  expect(t.steps("mail.send")).toMatchObject([{ args: ["ann"], status: "completed" }]);
  expect(world.log).toEqual([]);
  await t.close();
  const wrong = testEngine({ flows: { send }, steps: { "mail.sned": () => 1 } });
  await expect(wrong.close()).rejects.toMatchObject({ code: "UNKNOWN_STEP" });
});
