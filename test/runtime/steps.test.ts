// Steps: when they start, what is recorded, how they are tried again, how they are given up.

import { deflow, FatalError, listen, respond, sleep, step } from "deflow";
import type { StepOnceOptions } from "../../runtime/api/step.ts";
import { activity, within } from "../../runtime/patterns/index.ts";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { modes, Play } from "./turns.ts";

/** What the steps did, outside the run. */
const world = { log: [] as unknown[], fail: 0, frames: [] as string[], signal: undefined as AbortSignal | undefined, beat: undefined as (() => void) | undefined, gate: Promise.resolve() };

beforeEach(() => {
  Object.assign(world, { log: [], fail: 0, signal: undefined, beat: undefined, gate: Promise.resolve() });
});

const three = deflow(async function three(n: number) {
  const a = await step("a", () => n + 1);
  const b = await step("b", () => a * 2);
  return await step("c", () => [a, b]);
});

const named = deflow(async function named() {
  return await step("pay", async ({ key, attempt }) => {
    world.log.push([key, attempt]);
    if (attempt <= world.fail) throw new Error(`no ${attempt}`);
    return key;
  }, { retry: { attempts: 3, backoff: "linear", delay: "10 seconds", jitter: false } });
});

const defaults = deflow(async function defaults() {
  return await step("pay", ({ attempt }) => {
    if (attempt <= world.fail) throw new Error(`no ${attempt}`);
    return attempt;
  }, { retry: 10 });
});

const picky = deflow(async function picky() {
  return await step("pay", () => {
    world.log.push("try");
    throw Object.assign(new Error("bad card"), { status: 402 });
  }, { retry: { attempts: 5, when: (error) => (error as { status: number }).status >= 500 } });
});

const fatal = deflow(async function fatal() {
  return await step("pay", () => {
    world.log.push("try");
    throw new FatalError("never");
  }, { retry: 5 });
});

class Refused extends Error {
  readonly socket = new WeakMap();
  readonly status = 402;
  override readonly name = "Refused";
}

const caught = deflow(async function caught() {
  try {
    await step("pay", () => {
      throw new Refused("card", { cause: new Error("bank") });
    });
  } catch (error) {
    const { name, message, status, cause } = error as Refused;
    return [name, message, status, (cause as Error).message, error instanceof Error];
  }
  return "not thrown";
});

const unstorable = deflow(async function unstorable() {
  try {
    return await step("open", () => ({ socket: new WeakMap() }));
  } catch (error) {
    return (error as { code: string }).code;
  }
});

const copied = deflow(async function copied() {
  const mine = await step("get", () => {
    const shared = { n: 1, at: new Date(5) };
    world.log.push(shared);
    return { a: shared, b: shared };
  });
  return [mine.a === mine.b, mine.a === world.log[0], mine.a.at.getTime()];
});

const fan = deflow(async function fan(n: number) {
  const items = Array.from({ length: n }, (_, index) => index);
  return await Promise.all(items.map(async (item) => {
    const got = await step("work", async () => {
      world.log.push(`start ${item}`);
      await world.gate;
      world.log.push(`end ${item}`);
      return item * 2;
    });
    return got + 1;
  }));
});

const slow = deflow(async function slow() {
  return await step("slow", ({ signal, heartbeat }) => {
    Object.assign(world, { signal, beat: heartbeat });
    return new Promise<never>(() => {});
  }, { timeout: "5 seconds" });
});

const silent = deflow(async function silent() {
  return await step("poll", async ({ attempt, heartbeat, signal }) => {
    world.signal = signal;
    for (let beat = 0; beat < 2 * attempt; beat++) {
      await new Promise<void>((resolve) => world.log.push(resolve));
      heartbeat();
      if (beat === 3) return attempt;
    }
    return await new Promise<never>(() => {});
  }, { heartbeat: "5 seconds", retry: { attempts: 2, delay: 0 } });
});

const single = deflow(async function single(options: StepOnceOptions) {
  return await step.once("sms", () => {
    world.log.push("sent");
    return new Promise<never>(() => {});
  }, options);
});

const unsafe = activity("steps.unsafe", async (fails: number) => {
  world.log.push("called");
  if (world.log.length <= fails) throw new Error("busy");
  await new Promise<never>(() => {});
}, { idempotent: false, retry: { attempts: 5, delay: 0 }, timeout: "5 seconds" });

const ordering = deflow(async function ordering() {
  return await unsafe(2);
});

const lost = deflow(async function lost() {
  const winner = await Promise.race([
    step("fast", () => "fast"),
    step("slow", ({ signal }) => {
      world.signal = signal;
      return new Promise<string>(() => {});
    }),
  ]);
  await listen("x");
  return winner;
});

const forgotten = deflow(async function forgotten() {
  void step("audit", () => {
    world.log.push("audited");
  });
  return "done";
});

const careless = deflow(async function careless() {
  void step("audit", () => {
    throw new Error("no audit");
  });
  await listen("x");
  return "done";
});

const uncaptured = deflow(async function uncaptured() {
  const socket = new WeakMap();
  return await step("send", () => socket.has({}));
});

const unrecorded = deflow(async function unrecorded() {
  const socket = new WeakMap();
  const answer = await step("send", () => socket.has({}), { record: false });
  await listen("x");
  return answer;
});

const bounded = deflow(async function bounded() {
  try {
    return await within("1 hour", listen("x"));
  } catch (error) {
    return (error as Error).message;
  }
});

const waits = deflow(async function waits() {
  respond("before");
  await sleep(10);
  return await step("after", () => "after");
});

describe.each(modes)("$name", (mode) => {
  test("m steps in a row cost m + 1 commits", async () => {
    const play = new Play(mode);
    expect(await play.begin(three, 1)).toMatchObject({ value: [2, 4] });
    expect(play.frames).toHaveLength(4);
    expect(JSON.parse(play.frames[1] as string)).toMatchObject({ ops: [{ step: "b", seq: 2, attempt: 1 }] });
  });

  test("a step starts only after the commit that holds it", async () => {
    const play = new Play(mode, { checkpoint: () => Promise.reject(new Error("disk full")) });
    await expect(play.begin(named)).rejects.toThrow("disk full");
    expect(world.log).toEqual([]);
  });

  test("attempts are apart by durable timers, with one key", async () => {
    world.fail = 2;
    const play = new Play(mode);
    expect(await play.begin(named)).toMatchObject({ status: "waiting", nextAt: new Date(1_010_000) });
    expect(await play.pass(10_000)).toMatchObject({ status: "waiting", nextAt: new Date(1_030_000) });
    expect(await play.pass(20_000)).toMatchObject({ status: "completed", value: "run:1" });
    expect(world.log).toEqual([["run:1", 1], ["run:1", 2], ["run:1", 3]]);
  });

  test("the last attempt's error stands", async () => {
    world.fail = 9;
    const play = new Play(mode);
    await play.begin(named);
    await play.pass(10_000);
    expect(await play.pass(20_000)).toMatchObject({ status: "failed", error: { message: "no 3" } });
  });

  test("retry: n is exponential from one second up to a minute, half of it by chance", async () => {
    world.fail = 9;
    const play = new Play(mode, { random: (size) => new Uint8Array(size).fill(255) });
    const delays = [];
    let turn = await play.begin(defaults);
    while (turn.nextAt !== undefined) {
      const delay = turn.nextAt.getTime() - play.clock.now();
      delays.push(delay);
      turn = await play.pass(delay);
    }
    expect(delays).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
    const other = new Play(mode, { random: (size) => new Uint8Array(size) });
    expect((await other.begin(defaults)).nextAt).toEqual(new Date(1_000_500));
  });

  test("`when` and FatalError stop the attempts", async () => {
    const play = new Play(mode);
    expect(await play.begin(picky)).toMatchObject({ status: "failed", error: { message: "bad card" } });
    expect(await play.begin(fatal)).toMatchObject({ status: "failed", error: { code: "FATAL", message: "never" } });
    expect(world.log).toEqual(["try", "try"]);
  });

  test("errors are recorded, whatever they carry", async () => {
    expect(await new Play(mode).begin(caught)).toMatchObject({ value: ["Refused", "card", 402, "bank", true] });
  });

  test("a result that cannot be stored is the step's error", async () => {
    expect(await new Play(mode).begin(unstorable)).toMatchObject({ value: "NOT_SERIALIZABLE" });
  });

  test("a result is a copy, with its sharing", async () => {
    expect(await new Play(mode).begin(copied)).toMatchObject({ value: [true, false, 5] });
  });

  test("steps of many strands run together, and what is ready together is committed together", async () => {
    const play = new Play(mode);
    expect(await play.begin(fan, 5)).toMatchObject({ value: [1, 3, 5, 7, 9] });
    expect(world.log.slice(0, 5)).toEqual([0, 1, 2, 3, 4].map((item) => `start ${item}`));
    expect(play.frames.length).toBeLessThanOrEqual(7);
  });

  test("at most 32 at once", async () => {
    let open!: () => void;
    world.gate = new Promise((resolve) => {
      open = resolve;
    });
    const done = new Play(mode).begin(fan, 40);
    await vi.waitFor(() => expect(world.log).toHaveLength(32));
    open();
    expect((await done as { value: number[] }).value).toHaveLength(40);
  });

  test("a timeout aborts the attempt", async () => {
    const play = new Play(mode);
    const done = play.begin(slow);
    await vi.waitFor(() => expect(world.signal).toBeDefined());
    await play.clock.advance(5000);
    expect(await done).toMatchObject({ status: "failed", error: { code: "TIMEOUT", message: "step(slow) timed out after 5 seconds" } });
    expect(world.signal?.aborted).toBe(true);
  });

  test("a step that is silent for too long has failed, one that beats goes on", async () => {
    const play = new Play(mode);
    const done = play.begin(silent);
    const beat = async (after: number): Promise<void> => {
      await vi.waitFor(() => expect(world.log).toHaveLength(1));
      await play.clock.advance(after);
      (world.log.shift() as () => void)();
    };
    for (const after of [4000, 4000]) await beat(after);
    await new Promise((resolve) => setImmediate(resolve));
    await play.clock.advance(4999);
    expect(world.signal?.aborted).toBe(false);
    await play.clock.advance(1);
    expect(world.signal?.reason).toMatchObject({ code: "TIMEOUT", message: "The heartbeat of step(poll) timed out after 5 seconds" });
    expect(await done).toMatchObject({ status: "waiting" });
    const again = play.pass(0);
    for (const after of [4000, 4000, 4000, 4000]) await beat(after);
    expect(await again).toMatchObject({ value: 2 });
  });

  test.each([[{ timeout: "5 seconds" }], [{ heartbeat: "5 seconds" }]] as const)("what happens at most once is not known after %j, and not made again", async (options) => {
    const play = new Play(mode);
    const done = play.begin(single, options);
    await vi.waitFor(() => expect(world.log).toEqual(["sent"]));
    await play.clock.advance(5000);
    expect(await done).toMatchObject({
      status: "failed", error: { code: "STEP_OUTCOME_UNKNOWN", message: "Attempt 1 of step.once(sms) timed out; whether it happened is not known", cause: { code: "TIMEOUT" } },
    });
    expect(world.log).toEqual(["sent"]);
  });

  test("an activity that is not idempotent is tried again when it throws, and not when it times out", async () => {
    const play = new Play(mode);
    let turn = await play.begin(ordering);
    turn = await play.pass(0);
    expect(turn.status).toBe("waiting");
    const done = play.pass(0);
    await vi.waitFor(() => expect(world.log).toHaveLength(3));
    await play.clock.advance(5000);
    expect(await done).toMatchObject({ status: "failed", error: { code: "STEP_OUTCOME_UNKNOWN", message: expect.stringContaining("Attempt 3") } });
    expect(world.log).toHaveLength(3);
  });

  test("a heartbeat tells a step that it was given up", async () => {
    const play = new Play(mode);
    const done = play.begin(slow);
    await vi.waitFor(() => expect(world.beat).toBeDefined());
    await play.clock.advance(5000);
    await done;
    expect(world.beat).toThrow("step(slow) timed out after 5 seconds");
  });

  test("the loser of a race is withdrawn and gets its signal", async () => {
    const play = new Play(mode);
    expect(await play.begin(lost)).toMatchObject({ status: "waiting", waits: [{ kind: "listen" }] });
    expect(world.signal?.aborted).toBe(true);
    expect(await play.send("x")).toMatchObject({ value: "fast" });
  });

  test("a step nobody waits for is done before the run ends", async () => {
    expect(await new Play(mode).begin(forgotten)).toMatchObject({ status: "completed", value: "done" });
    expect(world.log).toEqual(["audited"]);
  });

  test("a step that fails with nobody waiting fails the run", async () => {
    expect(await new Play(mode).begin(careless)).toMatchObject({
      status: "failed", error: { code: "UNHANDLED_REJECTION", cause: { message: "no audit" } },
    });
  });

  test("what a step captures must be storable, or the step unrecorded", async () => {
    await expect(new Play(mode).begin(uncaptured)).rejects.toMatchObject({
      code: "NOT_SERIALIZABLE", message: expect.stringContaining("`step(send).fn(socket)` is a WeakMap"),
    });
    const play = new Play(mode);
    await play.begin(unrecorded);
    expect(await play.send("x")).toMatchObject({ value: false });
  });

  test("within() bounds any wait", async () => {
    const play = new Play(mode);
    await play.begin(bounded);
    expect(await play.pass(3_600_000)).toMatchObject({ value: "within() timed out after 1 hour" });
  });

  test("a crash between commits goes on from the last one", async () => {
    const play = new Play(mode);
    await play.begin(waits);
    const crash = new Play(mode, { checkpoint: (frame) => {
      crash.frames.push(frame);
      if (crash.frames.length === 2) throw new Error("crash");
    } });
    crash.last = play.last;
    await expect(crash.pass(10)).rejects.toThrow("crash");
    const again = new Play(mode);
    again.last = { ...play.last, frame: crash.frames[0] as string };
    expect(await again.pass(10)).toMatchObject({ value: "after" });
  });
});
