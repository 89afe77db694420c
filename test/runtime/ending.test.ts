// How runs end: results, cancellation, compensation, what is left over.

import { CancelledError, compensate, deflow, listen, sleep, step } from "deflow";
import { beforeEach, describe, expect, test } from "vitest";
import { modes, Play } from "./turns.ts";

const world = { log: [] as unknown[] };

beforeEach(() => {
  world.log = [];
});

const note = (text: string): void => {
  world.log.push(text);
};

const helper = deflow(async function helper(name: string) {
  try {
    await listen(name);
  } finally {
    await step("clean", () => note(`clean ${name}`));
  }
});

const leaver = deflow(async function leaver() {
  void helper("a").catch(() => {});
  void helper("b").catch(() => {});
  await listen("x");
  return "left";
});

const stubborn = deflow(async function stubborn() {
  try {
    await listen("x");
  } finally {
    await listen("never");
  }
});

const lingering = deflow(async function lingering() {
  void stubborn();
  return "over";
});

const nested = deflow(async function nested() {
  try {
    await Promise.all([helper("a"), helper("b")]);
  } catch (error) {
    note(`root ${(error as Error).message}`);
    throw error;
  } finally {
    note("root finally");
  }
});

const survivor = deflow(async function survivor() {
  try {
    await sleep("1 day");
  } catch (error) {
    return error instanceof CancelledError ? `saved from ${error.reason}` : "?";
  }
  return "slept";
});

const saga = deflow(async function saga(fails: boolean) {
  const booking = await step("book", () => "b1");
  compensate(async () => {
    await step("unbook", () => note(`unbook ${booking}`));
  });
  compensate(() => note("told"));
  compensate(async () => {
    const word = await listen("confirm");
    note(`confirmed ${word}`);
  });
  await listen("x");
  if (fails) throw new Error("no room");
  return "kept";
});

const clumsy = deflow(async function clumsy() {
  for (const n of [1, 2, 3]) {
    compensate(async () => {
      note(`undo ${n}`);
      void listen("left over").catch(() => {});
      if (n !== 2) throw new Error(`cannot undo ${n}`);
    });
  }
  await listen("x");
  throw new Error("no");
});

describe.each(modes)("$name", (mode) => {
  test("when the root is done, strands that still wait get CancelledError and clean up", async () => {
    const play = new Play(mode);
    await play.begin(leaver);
    expect(await play.send("x")).toMatchObject({ status: "completed", value: "left" });
    expect(world.log).toEqual(["clean b", "clean a"]);
  });

  test("a strand that waits on in its finally holds the run until the close timeout", async () => {
    const play = new Play(mode);
    expect(await play.begin(lingering)).toMatchObject({ status: "waiting", nextAt: new Date(1_060_000) });
    expect(await play.pass(59_999)).toMatchObject({ status: "waiting" });
    expect(await play.pass(1)).toMatchObject({ status: "completed", value: "over" });
  });

  test("cancel goes to the waits, youngest first, and travels as an exception", async () => {
    const play = new Play(mode);
    await play.begin(nested);
    expect(await play.cancel("enough")).toMatchObject({ status: "cancelled", error: { code: "CANCELLED", message: "Cancelled: enough" } });
    expect(world.log).toEqual(["clean b", "clean a", "root Cancelled: enough", "root finally"]);
  });

  test("a flow may answer a cancellation with a result", async () => {
    const play = new Play(mode);
    await play.begin(survivor);
    expect(await play.cancel("work")).toMatchObject({ status: "completed", value: "saved from work" });
  });

  test("what goes on after a cancellation is killed at its timeout", async () => {
    const play = new Play(mode);
    await play.begin(stubborn);
    expect(await play.cancel("enough")).toMatchObject({ status: "waiting" });
    expect(await play.cancel("again")).toMatchObject({ status: "waiting", nextAt: new Date(1_060_000) });
    expect(await play.pass(60_000)).toMatchObject({ status: "killed", error: { code: "KILLED" } });
  });

  test("compensations run in reverse, and may wait", async () => {
    const play = new Play(mode);
    await play.begin(saga, true);
    expect(await play.send("x")).toMatchObject({ status: "compensating", waits: [{ context: "confirm" }] });
    expect(await play.send("confirm", "yes")).toMatchObject({ status: "failed", error: { message: "no room" } });
    expect(world.log).toEqual(["confirmed yes", "told", "unbook b1"]);
  });

  test("a compensation that fails keeps no other back, and is told", async () => {
    const play = new Play(mode);
    await play.begin(clumsy);
    expect(await play.send("x")).toMatchObject({
      status: "failed",
      error: { code: "COMPENSATION_FAILED", message: "2 compensations of the run failed: Error: cannot undo 3; Error: cannot undo 1", cause: { message: "no" } },
    });
    expect(world.log).toEqual(["undo 3", "undo 2", "undo 1"]);
  });

  test("a compensation may take longer than the close timeout", async () => {
    const play = new Play(mode);
    await play.begin(saga, true);
    await play.send("x");
    expect(await play.pass(600_000)).toMatchObject({ status: "compensating", nextAt: undefined });
    await play.send("confirm", "late");
    expect(world.log).toEqual(["confirmed late", "told", "unbook b1"]);
  });

  test("a run that completes compensates nothing; a cancelled one does", async () => {
    const play = new Play(mode);
    await play.begin(saga, false);
    expect(await play.send("x")).toMatchObject({ value: "kept" });
    expect(world.log).toEqual([]);
    await play.begin(saga, false);
    await play.cancel("enough");
    expect(await play.send("confirm", "ok")).toMatchObject({ status: "cancelled" });
    expect(world.log).toEqual(["confirmed ok", "told", "unbook b1"]);
  });
});

const limited = deflow({ timeout: "2 days" }, async function limited() {
  await sleep("1 day");
  await listen("x");
});

const limitedSaga = deflow({ timeout: "2 days" }, async function limitedSaga(nap: "1 day" | "2 days") {
  compensate(() => note("undone"));
  await sleep(nap);
  await listen("x");
});

test.each(modes)("its time limit reaches a run whose timers were due with it, $name", async (mode) => {
  for (const nap of ["1 day", "2 days"] as const) {
    const play = new Play(mode);
    world.log = [];
    await play.begin(limitedSaga, nap);
    expect(await play.pass(2 * 86_400_000)).toMatchObject({ status: "waiting", waits: [{ context: "x" }], nextAt: new Date(1_000_000 + 2 * 86_400_000) });
    expect(await play.pass(0)).toMatchObject({ status: "cancelled", error: { message: "Cancelled: it took longer than 2 days" } });
    expect(world.log).toEqual(["undone"]);
  }
});

const limitedNap = deflow({ timeout: "1 day" }, async function limitedNap() {
  await sleep("2 days");
  return "late";
});

test.each(modes)("its time limit comes before timers that are due after it, $name", async (mode) => {
  const play = new Play(mode);
  await play.begin(limitedNap);
  expect(await play.pass(3 * 86_400_000)).toMatchObject({ status: "cancelled" });
});

test.each(modes)("a run that takes longer than its flow may is cancelled, $name", async (mode) => {
  const play = new Play(mode);
  expect(await play.begin(limited)).toMatchObject({ nextAt: new Date(1_000_000 + 86_400_000) });
  expect(await play.pass(86_400_000)).toMatchObject({ status: "waiting", nextAt: new Date(1_000_000 + 2 * 86_400_000) });
  expect(await play.pass(86_400_000)).toMatchObject({ status: "cancelled", error: { message: "Cancelled: it took longer than 2 days" } });
});
