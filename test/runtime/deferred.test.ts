// Promises made by `new Promise` in flows: who can settle them, and what is refused.

import { cancel } from "deflow/patterns";
import { deflow, listen, resume, step } from "deflow";
import { describe, expect, test } from "vitest";
import { modes, Play } from "./turns.ts";

const codeOf = (error: unknown): unknown => (error as { code?: string }).code;

/** What ordinary code kept. */
const kept: { settle?: (value: string) => void } = {};

const both = deflow(async function both() {
  let done!: (value: string) => void;
  const promise = new Promise<string>((resolve) => {
    done = resolve;
    kept.settle = resolve;
  });
  const watch = (async () => {
    await listen("go");
    done("by the strand");
  })();
  const value = await promise;
  await watch;
  return value;
});

const live = deflow(async function live() {
  const given: { settle?: () => void } = {};
  const promise = new Promise<void>((resolve) => {
    given.settle = resolve;
  });
  setTimeout(given.settle as () => void, 1);
  await listen("go");
  await promise;
});

const reaction = deflow(async function reaction() {
  void new Promise<void>((resolve) => {
    kept.settle = resolve as () => void;
  }).then(() => {});
  await listen("go");
});

const forgotten = deflow(async function forgotten() {
  void new Promise<string>((resolve) => {
    kept.settle = resolve;
  });
  await listen("go");
  return "over";
});

const fromStep = deflow(async function fromStep() {
  const gate: { open?: (value: string) => void } = {};
  const opened = new Promise<string>((resolve) => {
    gate.open = resolve;
  });
  try {
    return await Promise.all([opened, step("opens", () => gate.open?.("by a step"))]);
  } catch (error) {
    return (error as { code?: string }).code;
  }
});

const stuck = deflow(async function stuck() {
  await listen("go");
  await new Promise(() => {});
});

const waiting = deflow(async function waiting() {
  const waiters: ((value: string) => void)[] = [];
  const seen: unknown[] = [];
  const watch = (async () => {
    try {
      await listen("go");
      for (const settle of waiters) settle("told");
    } finally {
      seen.push("watch");
    }
  })();
  try {
    await new Promise<string>((resolve) => waiters.push(resolve));
  } catch (error) {
    seen.push(codeOf(error));
  }
  await watch.catch(() => {});
  return seen;
});

const cancelled = deflow(async function cancelled() {
  const waiters: ((value: string) => void)[] = [];
  const promise = new Promise<string>((resolve) => waiters.push(resolve));
  await listen("go");
  cancel(promise, "no more");
  waiters[0]?.("late");
  try {
    return await promise;
  } catch (error) {
    return codeOf(error);
  }
});

describe.each(modes)("$name", (mode) => {
  test("what only a timer could settle is refused where it lives across a wait", async () => {
    await expect(new Play(mode).begin(live)).rejects.toThrow(/`locals\.promise` is a promise that ordinary code is to settle and cannot be stored, in `live` at `listen:go/);
    await expect(new Play(mode).begin(reaction)).rejects.toThrow(/`new Promise\(\)` is to be settled by ordinary code, and something that is stored waits for it/);
  });

  test("ordinary code that settles between turns what the run has stored is told so", async () => {
    const play = new Play(mode);
    await play.begin(both);
    expect(() => kept.settle?.("by ordinary code")).toThrow(expect.objectContaining({ code: "SETTLED_BETWEEN_TURNS" }) as Error);
    expect(await play.send("go")).toMatchObject({ value: "by the strand" });
  });

  test("ordinary code that settles what nobody waits for is not", async () => {
    const play = new Play(mode);
    await play.begin(forgotten);
    kept.settle?.("nobody hears it");
    expect(await play.send("go")).toMatchObject({ value: "over" });
  });

  test("a step does not settle promises of its flow", async () => {
    expect(await new Play(mode).begin(fromStep)).toMatchObject({ value: "SETTLED_BETWEEN_TURNS" });
  });

  test("a wait for what nobody can settle is a deadlock", async () => {
    const play = new Play(mode);
    await play.begin(stuck);
    expect(await play.send("go")).toMatchObject({ status: "failed", error: expect.objectContaining({ code: "DEADLOCK" }) as Error });
  });

  test("a cancellation ends the wait as one for an operation", async () => {
    const play = new Play(mode);
    await play.begin(waiting);
    expect(await play.cancel("stop")).toMatchObject({ value: ["watch", "CANCELLED"] });
  });

  test("cancel() rejects it, and its functions do nothing then", async () => {
    const play = new Play(mode);
    await play.begin(cancelled);
    expect(await play.send("go")).toMatchObject({ value: "CANCELLED" });
  });

  test("a resolving function of anything else is no part of a frame", async () => {
    const play = new Play(mode);
    await play.begin(waiting);
    const { ops } = play.record;
    const listen = ops.findIndex((entry) => "listen" in entry);
    const frame = play.last.frame.replace(/"\$resolve":\{"\$p":\d+\}/, `"$resolve":{"$p":${listen}}`);
    expect(frame).not.toBe(play.last.frame);
    await expect(resume(frame, "go", undefined)).rejects.toMatchObject({ code: "CORRUPT_FRAME" });
  });

  test("its functions are stored by the promise's place", async () => {
    const play = new Play(mode);
    await play.begin(waiting);
    expect(play.record.ops).toContainEqual({ deferred: true, own: true });
    expect(play.last.frame).toMatch(/"\$resolve":\{"\$p":\d+\}/);
  });
});
