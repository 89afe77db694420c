// Steps whose process died: what is begun again from the last committed frame, with which attempt, and what is not.

import { deflow, isDeflowError, resume, step } from "deflow";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { modes, Play } from "./turns.ts";

interface Attempt {
  readonly name: string;
  readonly key: string;
  readonly attempt: number;
}

/** What the steps did, outside the run. While `dies` the process never ends a step. */
const world = { began: [] as Attempt[], dies: true };

beforeEach(() => {
  Object.assign(world, { began: [], dies: true });
});

function act(name: string, { key, attempt }: { key: string; attempt: number }): Promise<string> {
  world.began.push({ name, key, attempt });
  return world.dies ? new Promise(() => {}) : Promise.resolve(`${name} ${attempt}`);
}

const plain = deflow(async function plain() {
  return await step("pay", (context) => act("pay", context));
});

const single = deflow(async function single() {
  try {
    return await step.once("sms", (context) => act("sms", context));
  } catch (error) {
    if (!isDeflowError(error, "STEP_OUTCOME_UNKNOWN")) throw error;
    return [error.message, (error as { key?: string }).key, await step("after", (context) => act("after", context))];
  }
});

const bounded = deflow(async function bounded() {
  return await step("pay", (context) => act("pay", context), { retry: { attempts: 2, delay: 0 } });
});

const failing = deflow(async function failing() {
  return await step("pay", async (context) => {
    await act("pay", context);
    throw new Error(`no ${context.attempt}`);
  }, { retry: { attempts: 3, delay: "10 s", jitter: false } });
});

const many = deflow(async function many(n: number) {
  const items = Array.from({ length: n }, (_, index) => index);
  const all = await Promise.allSettled(items.map((item) => step.once(`s${item}`, (context) => act(`s${item}`, context))));
  return all.map((each) => (each.status === "fulfilled" ? each.value : (each.reason as { code: string }).code));
});

const crowded = deflow(async function crowded(n: number) {
  const items = Array.from({ length: n }, (_, index) => index);
  const first = await Promise.race([step("quick", () => "quick"), ...items.map((item) => step(`slow${item}`, () => new Promise<string>(() => {})))]);
  const late = step("late", (context) => act("late", context));
  return [first, await late];
});

/** The frame of the last commit, when the process died in a step. */
async function died(play: Play, steps: number, moves: (play: Play) => Promise<unknown>): Promise<string> {
  const before = world.began.length;
  void moves(play);
  await vi.waitFor(() => expect(world.began).toHaveLength(before + steps));
  return play.frames.at(-1) as string;
}

describe.each(modes)("$name", (mode) => {
  const again = (frame: string) => (play: Play) => resume(frame, { now: play.clock.now() }, { reload: mode.reload, checkpoint: (text) => play.frames.push(text) });

  test("a step is begun again under its key; each attempt has its number", async () => {
    const first = await died(new Play(mode), 1, (play) => play.begin(plain));
    const second = await died(new Play(mode), 1, again(first));
    world.dies = false;
    expect(await again(second)(new Play(mode))).toMatchObject({ value: "pay 3" });
    expect(world.began).toEqual([1, 2, 3].map((attempt) => ({ name: "pay", key: "run:1", attempt })));
  });

  test("a frame that is resumed twice gives the same attempt twice", async () => {
    const frame = await died(new Play(mode), 1, (play) => play.begin(plain));
    world.dies = false;
    for (let time = 0; time < 2; time++) expect(await again(frame)(new Play(mode))).toMatchObject({ value: "pay 2" });
  });

  test("step.once is not begun again: its outcome is unknown, and the flow goes on with that", async () => {
    const frame = await died(new Play(mode), 1, (play) => play.begin(single));
    world.dies = false;
    expect(await again(frame)(new Play(mode))).toMatchObject({
      value: ["Attempt 1 of step.once(sms) was cut off; whether it happened is not known", "run:1", "after 1"],
    });
    expect(world.began.map(({ name }) => name)).toEqual(["sms", "after"]);
  });

  test("`retry.attempts` counts attempts that were cut off", async () => {
    const first = await died(new Play(mode), 1, (play) => play.begin(bounded));
    const second = await died(new Play(mode), 1, again(first));
    expect(await again(second)(new Play(mode))).toMatchObject({ status: "failed", error: { code: "STEP_OUTCOME_UNKNOWN", message: expect.stringContaining("Attempt 2 of step(pay)") } });
    expect(world.began.map(({ attempt }) => attempt)).toEqual([1, 2]);
  });

  test("what was cut off leaves fewer attempts to fail", async () => {
    const frame = await died(new Play(mode), 1, (play) => play.begin(failing));
    world.dies = false;
    const play = new Play(mode);
    play.last = await resume(frame, { now: play.clock.now() }, play.options);
    expect(play.last).toMatchObject({ status: "waiting", nextAt: new Date(play.clock.now() + 20_000) });
    expect(await play.pass(20_000)).toMatchObject({ status: "failed", error: { message: "no 3" } });
    expect(world.began.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
  });

  test("an attempt that waits for its time was not begun", async () => {
    world.dies = false;
    const play = new Play(mode);
    await play.begin(failing);
    expect(play.frames.at(-1)).not.toContain("held");
    await play.pass(10_000);
    expect(world.began.map(({ attempt }) => attempt)).toEqual([1, 2]);
  });

  test("steps that there was no room for were not begun, and the frame says so", async () => {
    const play = new Play(mode);
    const frame = await died(play, 32, () => play.begin(many, 40));
    expect(JSON.parse(frame).ops.filter(({ held }: { held?: true }) => held)).toHaveLength(8);
    world.dies = false;
    const { value } = await again(frame)(new Play(mode)) as { value: string[] };
    expect(value).toEqual(Array.from({ length: 40 }, (_, item) => (item < 32 ? "STEP_OUTCOME_UNKNOWN" : `s${item} 1`)));
  });

  test("what a commit withdraws makes room at once", async () => {
    world.dies = false;
    expect(await new Play(mode).begin(crowded, 31)).toMatchObject({ value: ["quick", "late 1"] });
  });
});
