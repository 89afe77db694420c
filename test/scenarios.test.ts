// Scenarios of the systems before this one that no native function can be the oracle of: calls from outside, cancelling, changed code, the
// outside's view of a run. Each in memory and reloaded at every commit. Those with a native counterpart are behaviour fixtures.

import { begin, callback, deflow, isDeflowError, listen, respond, resume, run, sleep, step, type Flow } from "deflow";
import { describe, expect, test } from "vitest";
import { load } from "./compiler/source.ts";
import { modes, Play } from "./runtime/turns.ts";

const waits = deflow(async function scenarioWaits() {
  return await listen("x");
});

const indexed = deflow(async function scenarioIndexed() {
  run.index({ changing: 0, fixed: "x" });
  await listen("x");
  run.index({ changing: 1 });
  await listen("x");
  run.index({ changing: 2, nested: "key" });
  await listen("x");
});

const handed = deflow(async function scenarioHanded(helper: string) {
  const helpers: Record<string, (work: () => Promise<unknown>) => Promise<unknown>> = {
    now: ordinary, later: async (work) => (await Promise.resolve(), await work()),
  };
  return await helpers[helper]!(async () => await listen("x"));
});

/** What a library does with a callback: a native await of its promise. */
async function ordinary(work: () => Promise<unknown>): Promise<unknown> {
  return await work();
}

const cleaned = deflow(async function scenarioCleaned() {
  const log: string[] = [];
  try {
    await Promise.all(["a", "b"].map(async (name) => {
      try {
        await listen(name);
      } finally {
        log.push(`${name} cleaned`);
        respond(`${name} cleaned`);
      }
    }));
  } finally {
    await step("undo", () => 1);
    respond("undone");
  }
});

const slow = deflow(async function scenarioSlow() {
  try {
    return await step("slow", ({ signal }) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("aborted")))), { timeout: "1 second" });
  } catch (error) {
    return (error as Error).name;
  }
});

const late = deflow(async function scenarioLate() {
  return await Promise.race([listen("a"), listen("b"), sleep("1 hour").then(() => "nobody")]);
});

const token = deflow(async function scenarioToken() {
  const done = callback({ timeout: "1 hour" });
  respond(done.token);
  try {
    return await done;
  } catch (error) {
    return (error as Error).name;
  }
});

describe.each(modes)("$name", (mode) => {
  test("R4 a cancelled run is over, and so is a completed one", async () => {
    const play = new Play(mode);
    await play.begin(waits);
    expect(await play.cancel("enough")).toMatchObject({ status: "cancelled", error: { code: "CANCELLED", message: "Cancelled: enough" } });
    await expect(play.send("x")).rejects.toMatchObject({ code: "RUN_ENDED" });
    await expect(play.cancel("again")).rejects.toMatchObject({ code: "RUN_ENDED" });
  });

  test("R5 the index grows from turn to turn", async () => {
    const play = new Play(mode);
    await play.begin(indexed);
    expect(play.record).toMatchObject({ index: { changing: 0, fixed: "x" } });
    await play.send("x");
    expect(play.record).toMatchObject({ index: { changing: 1, fixed: "x" } });
    await play.send("x");
    expect(play.record).toMatchObject({ index: { changing: 2, fixed: "x", nested: "key" } });
  });

  test.each(["now", "later"])("R21 a wait in a function given to another: refused where ordinary code awaits it, naming both places: %s", async (helper) => {
    const turn = await new Play(mode).begin(handed, helper);
    if (helper === "now") expect(turn).toMatchObject({ status: "failed", error: { code: "HELD_BY_ORDINARY_CODE", message: expect.stringMatching(/scenarios\.test\.ts:\d+:\d+/) as string } });
    else expect(turn.status).toBe("waiting");
  });

  test("S7 continuing a completed run changes nothing", async () => {
    const play = new Play(mode);
    await play.begin(waits);
    const { frame } = await play.send("x", 1);
    await expect(play.send("x", 2)).rejects.toSatisfy((error) => isDeflowError(error, "RUN_ENDED"));
    expect(play.last).toMatchObject({ frame, value: 1 });
  });

  test("S15 a step's timeout is enforced; D21 the deadline of a race arrives", async () => {
    const slowRun = new Play(mode);
    const ended = slowRun.begin(slow);
    await slowRun.clock.advance(1_000);
    expect(await ended).toMatchObject({ value: "TimeoutError" });
    const lateRun = new Play(mode);
    await lateRun.begin(late);
    expect(await lateRun.pass(3_600_000)).toMatchObject({ value: "nobody", waits: [] });
  });

  test("S16 cancel runs each `finally` once, and steps in them", async () => {
    const play = new Play(mode);
    await play.begin(cleaned);
    expect(await play.cancel("stop")).toMatchObject({ status: "cancelled", responses: expect.arrayContaining(["a cleaned", "b cleaned", "undone"]) as string[] });
    expect(play.last.responses).toHaveLength(3);
  });

  test("S26 a token works once, and not after its time", async () => {
    const play = new Play(mode);
    const [secret] = (await play.begin(token)).responses as [string];
    expect(await play.pass(3_600_000)).toMatchObject({ value: "TimeoutError" });
    await expect(play.settle(secret, 1)).rejects.toMatchObject({ code: "RUN_ENDED" });
  });
});

test("R22 a flow called outside any run names what to call instead", () => {
  expect(() => waits()).toThrow(expect.objectContaining({ code: "NOT_IN_RUN", hint: expect.stringMatching(/engine\.start.*begin/) as string }) as Error);
  expect(() => listen("x")).toThrow(expect.objectContaining({ code: "NOT_IN_RUN" }) as Error);
});

describe("S8 changed code under a stopped run", () => {
  const head = 'import { deflow, listen } from "deflow";\n';
  const file = { fileName: "changed.js" };
  const version = (body: string): Flow<[], unknown> => load(`${head}export const f = deflow(async function changed() { ${body} });`, file)["f"] as Flow<[], unknown>;

  test("what comes after the point may change", async () => {
    const { frame } = await begin(version('const a = 1; const b = await listen("x"); return [a, b];'), []);
    version('const a = 2; const b = await listen("x"); await null; return { a, b, more: true };');
    expect(await resume(frame, "x", 5)).toMatchObject({ value: { a: 1, b: 5, more: true } });
  });

  test("a local that the point did not need before is named, and not taken for undefined", async () => {
    const { frame } = await begin(version('await listen("x"); return 1;'), []);
    version('const a = 1; await listen("x"); return a;');
    await expect(resume(frame, "x", 5)).rejects.toMatchObject({ code: "LOCALS_MISFIT", missing: ["a"] });
    version('try { await listen("x"); return 1; } catch { return "caught"; }');
    await expect(resume(frame, "x", 5)).rejects.toMatchObject({ code: "REGION_MISFIT" });
    version('await listen("x"); return 2;');
    expect(await resume(frame, "x", 5)).toMatchObject({ value: 2 });
  });

  test("a point that is gone is named", async () => {
    const { frame } = await begin(version('return await listen("x");'), []);
    version('return await listen("y");');
    await expect(resume(frame, "x", 5)).rejects.toMatchObject({ code: "UNKNOWN_POINT", message: expect.stringMatching(/changed.*listen:x/) as string });
    version('return [await listen("x")];');
    expect(await resume(frame, "x", 5)).toMatchObject({ value: [5] });
  });
});
