// A fork goes on from where the original waits, and shares nothing with it but its past.

import { callback, context, deflow, listen, respond, sleep, start, step } from "deflow";
import { describe, expect, it } from "vitest";
import { onEachStore } from "./engines.ts";

const word = context<string>("word");

const collecting = deflow(async function collecting(first: string) {
  const words = [first];
  const add = (said: string): number => words.push(said);
  while (words.at(-1) !== "end") add(await listen(word));
  return words.join(" ");
});

const asking = deflow(async function asking() {
  const answer = callback<string>();
  respond(answer.token);
  return await Promise.race([answer, sleep("1 hour")]) ?? "too late";
});

const guarded = deflow(async function guarded() {
  return await listen(word, { permit: "secret" });
});

const gates: (() => void)[] = [];
const working = deflow(async function working() {
  await listen(word);
  return await step("work", () => new Promise<string>((resolve) => gates.push(() => resolve("done"))));
});

const retrying = deflow(async function retrying() {
  await listen(word);
  return await step("fails", () => Promise.reject(new Error("no")), { retry: { attempts: 2, delay: "1 hour", jitter: false } });
});

const parent = deflow(async function parent() {
  const child = await start(collecting, ["from the child:"], { id: "child" });
  return await child.result();
});

onEachStore({ collecting, asking, guarded, working, retrying, parent }, (bench) => {
  it("goes on by itself, with copies of what the original holds", async () => {
    const engine = bench().engine();
    const run = await engine.start(collecting, ["a"], { id: "original", index: { colour: "red", size: 1 } });
    await engine.continue(run, word, "b");
    const fork = await engine.fork(run, { id: "fork", index: { size: 2 } });
    expect(fork).toMatchObject({ id: "fork", flow: "collecting", status: "waiting", turn: 2, index: { colour: "red", size: 2 }, waits: [{ context: "word" }] });
    await engine.continue(run, word, "c");
    await engine.continue(fork, word, "d");
    expect(await bench().engine().continue(run, word, "end")).toMatchObject({ value: "a b c end" });
    expect(await bench().engine().continue("fork", word, "end")).toMatchObject({ value: "a b d end" });
    expect((await engine.find({ index: { size: 2 } })).runs.map(({ id }) => id)).toEqual(["fork"]);
  });

  it("gives callbacks new tokens", async () => {
    const engine = bench().engine();
    const run = await engine.start(asking, []);
    const [token] = run.responses as unknown as [string];
    const fork = await engine.fork(run);
    const [renewed] = Object.values(fork.tokens);
    expect(Object.keys(fork.tokens)).toEqual([String(fork.waits.find(({ kind }) => kind === "callback")?.operation)]);
    expect(renewed).toMatch(/^[0-9a-f]{64}$/);
    expect(await engine.settle(renewed as string, "to the fork")).toMatchObject({ id: fork.id, value: "to the fork" });
    expect(await engine.get(run)).toMatchObject({ status: "waiting" });
    expect(await engine.settle(token, "to the original")).toMatchObject({ id: run.id, value: "to the original" });
  });

  it("keeps the permits of listens, each for answers that name the run", async () => {
    const engine = bench().engine();
    const run = await engine.start(guarded, []);
    const fork = await engine.fork(run);
    await expect(engine.continue(fork, word, "x")).rejects.toMatchObject({ code: "WRONG_PERMIT" });
    expect(await engine.continue(fork, word, "to the fork", { permit: "secret" })).toMatchObject({ id: fork.id, value: "to the fork" });
    expect(await engine.get(run)).toMatchObject({ status: "waiting" });
    expect(await engine.continue(run, word, "to the original", { permit: "secret" })).toMatchObject({ id: run.id, value: "to the original" });
  });

  it("keeps the deadlines of timers", async () => {
    const engine = bench().engine();
    const run = await engine.start(asking, []);
    await bench().clock.advance(1_800_000);
    const fork = await engine.fork(run);
    expect(fork.nextAt).toEqual(run.nextAt);
    await bench().clock.advance(1_800_000);
    await engine.tick();
    expect(await engine.get(fork)).toMatchObject({ status: "completed", value: "too late" });
  });

  it("hears of the end of a child run too", async () => {
    const engine = bench().engine();
    const run = await engine.start(parent, []);
    await engine.idle();
    const fork = await engine.fork(run);
    await engine.idle();
    await engine.continue("child", word, "end");
    await engine.idle();
    expect(await run.result()).toBe("from the child: end");
    expect(await fork.result()).toBe("from the child: end");
  });

  describe("refuses, and changes nothing", () => {
    it("a run with a step under way, or between two attempts", async () => {
      const engine = bench().engine();
      const run = await engine.start(working, []);
      const turn = engine.continue(run, word, "go");
      while (gates.length === 0) await new Promise((resolve) => setImmediate(resolve));
      await expect(engine.fork(run)).rejects.toMatchObject({ code: "NOT_FORKABLE" });
      gates.pop()?.();
      expect(await turn).toMatchObject({ value: "done" });
      const second = await engine.start(retrying, []);
      await engine.continue(second, word, "go");
      await expect(engine.fork(second)).rejects.toMatchObject({ code: "NOT_FORKABLE", message: expect.stringContaining("the step `fails` is not over") as string });
    });

    it("a queued run, an ended one, an unknown one, and an id that is taken", async () => {
      const engine = bench().engine();
      const queued = await engine.start(collecting, ["a"], { queue: "q" });
      await expect(engine.fork(queued)).rejects.toMatchObject({ code: "NOT_FORKABLE" });
      const ended = await engine.start(collecting, ["end"]);
      await expect(engine.fork(ended)).rejects.toMatchObject({ code: "RUN_ENDED" });
      await expect(engine.fork("nobody")).rejects.toMatchObject({ code: "NOT_FOUND" });
      const run = await engine.start(collecting, ["a"]);
      await expect(engine.fork(run, { id: ended.id })).rejects.toMatchObject({ code: "RUN_EXISTS" });
      expect(await engine.get(ended)).toMatchObject({ value: "end" });
    });
  });
});
