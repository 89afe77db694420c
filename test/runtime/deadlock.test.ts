// Strands that wait for each other: natively a program that is over without having settled.

import { compensate, deflow, isDeflowError, listen, sleepUntil, step } from "deflow";
import { expect, test } from "vitest";
import { isDeadlocked } from "../../runtime/run/deadlock.ts";
import { input } from "../../runtime/run/input.ts";
import type { CompiledFlow } from "../../runtime/strands/registry.ts";
import { startRun } from "../../runtime/run/start.ts";
import { modes, Play } from "./turns.ts";

const undone: string[] = [];

const circle = deflow(async function circle(first: "go" | undefined) {
  compensate(() => {
    undone.push("circle");
  });
  let b: Promise<unknown> = Promise.resolve();
  const a = (async () => {
    try {
      if (first !== undefined) await listen(first);
      return await b;
    } finally {
      undone.push("finally");
    }
  })();
  b = Promise.all([a.then((value) => value), 1]);
  await b;
});

const itself = deflow(async function itself() {
  let own: Promise<unknown> = Promise.resolve();
  const started = (async () => {
    await listen("go");
    return own;
  })();
  own = started.finally(() => {});
  await Promise.all([own, 1]);
});

const alive = deflow(async function alive() {
  let b: Promise<unknown> = Promise.resolve();
  const a = (async () => {
    await listen("go");
    await b;
  })();
  b = (async () => {
    await a;
  })();
  return await Promise.race([b, listen("other")]);
});

const stepping = deflow(async function stepping() {
  let own: Promise<unknown> = Promise.resolve();
  void step("beside", () => undone.push("step"));
  own = (async () => {
    await listen("go");
    await own;
  })();
  await own;
});

const undoing = deflow(async function undoing(waiting: boolean) {
  compensate(() => {
    undone.push("first");
  });
  compensate(async () => {
    if (waiting) await listen("go");
    let b: Promise<unknown> = Promise.resolve();
    const a = (async () => {
      await step("looks", () => undone.push("step"));
      await b;
    })();
    b = Promise.all([a.then(() => 1), 1]);
    await b;
  });
  await listen("begin");
  throw new Error("no");
});

const far = deflow(async function far() {
  const told: unknown[] = [];
  for (const time of [1e20, -1e20, 8.64e15 + 1, Infinity, NaN]) {
    try {
      await sleepUntil(time);
    } catch (error) {
      told.push(isDeflowError(error, "INVALID_ARGUMENT") ? error.code : error);
    }
  }
  await sleepUntil(8.64e15);
  return told;
});

test.each(modes)("a run whose strands wait for each other has failed, with their names ($name)", async (mode) => {
  const play = new Play(mode);
  undone.length = 0;
  await play.begin(circle, "go");
  const over = await play.send("go");
  expect(over).toMatchObject({ status: "failed", error: { code: "DEADLOCK" } });
  expect((over as { error: Error }).error.message).toMatch(/: `circle` at `.*deadlock\.test\.ts:27:\d+\), `circle#.*` at `.*deadlock\.test\.ts:21:\d+\)$/);
  expect(undone).toEqual(["circle"]);
  const alone = new Play(mode);
  await alone.begin(itself);
  expect(await alone.send("go")).toMatchObject({ status: "failed", error: { code: "DEADLOCK" } });
});

test.each(modes)("a run that something can still move waits ($name)", async (mode) => {
  const play = new Play(mode);
  await play.begin(alive);
  expect(await play.send("go")).toMatchObject({ status: "waiting" });
  expect(await play.send("other", 5)).toMatchObject({ status: "completed", value: 5 });
  undone.length = 0;
  const beside = new Play(mode);
  await beside.begin(stepping);
  expect(await beside.send("go")).toMatchObject({ status: "failed", error: { code: "DEADLOCK" } });
  expect(undone).toEqual(["step"]);
});

test.each(modes)("in a compensation is that one's failure, and the others run ($name)", async (mode) => {
  for (const [waiting, cause] of [[false, "no"], [true, "no"], [true, "CANCELLED"]] as const) {
    undone.length = 0;
    const play = new Play(mode);
    await play.begin(undoing, waiting);
    let turn = cause === "no" ? await play.send("begin") : await play.cancel("enough");
    if (waiting) {
      expect(turn.status).toBe("compensating");
      turn = await play.send("go");
    }
    expect(turn).toMatchObject({ status: "failed", error: { code: "COMPENSATION_FAILED", cause: cause === "no" ? { message: "no" } : { code: cause } } });
    expect((turn as { error: Error }).error.message).toMatch(/^A compensation of the run failed: DeadlockError: Nothing can settle what `undoing` waits for; its strands wait for each other: `undoing#/);
    expect(undone).toEqual(["step", "first"]);
  }
});

const waits = deflow(async function waits(count: number, strands: boolean) {
  const names = Array.from({ length: count }, (_, index) => `word ${index}`);
  await Promise.all(strands ? names.map(async (name) => await listen(name)) : names.map((name) => listen(name)));
});

/** How often its promises and the members of its Promise.all are read when a run with so many waits, some of them over, is looked at. */
async function looks(count: number, strands: boolean, answered: readonly number[]): Promise<number> {
  const run = startRun(waits as unknown as CompiledFlow, [count, strands], { now: () => 0, random: (size) => new Uint8Array(size) }, { id: "run" });
  await run.quiet();
  for (const index of answered) {
    input(run, { event: `word ${index}`, data: 1 });
    await run.quiet();
  }
  let read = 0;
  const counted = (of: object, key: string): void => {
    const value: unknown = Reflect.get(of, key);
    Object.defineProperty(of, key, { get: () => (read++, value) });
  };
  const all = [...run.strands][0]?.on?.by as unknown as { readonly members: readonly { readonly source?: object }[] };
  for (const promise of run.operations.values()) counted(promise, "state");
  for (const member of all.members) {
    if (strands && member.source) counted(member.source, "state");
    counted(member, "source");
  }
  expect(isDeadlocked(run)).toBe(false);
  return read;
}

test.each([true, false])("to see that a run waits takes no more looks the wider it is (strands: %s)", async (strands) => {
  for (const answered of [[], [0, 1, 2, 3, 4, 5, 6], [19, 18, 17, 16, 15, 14]]) {
    const few = await looks(20, strands, answered);
    expect(await looks(400, strands, answered)).toBe(few);
    expect(few).toBeLessThan(5);
  }
});

test("a time beyond all Dates is refused where it is given", async () => {
  const play = new Play(modes[0] as (typeof modes)[number]);
  expect(await play.begin(far)).toMatchObject({ status: "waiting", nextAt: new Date(8.64e15) });
});
