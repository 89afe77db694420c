// What those hear who watch an engine.

import { context, deflow, listen, step } from "deflow";
import { expect, it } from "vitest";
import { onEachStore } from "./engines.ts";

const word = context<string>("word");
const echo = deflow(async function echo(first: string) {
  return `${first} ${await listen(word)}`;
});

const paying = deflow(async function paying() {
  const paid = await step("pay", ({ attempt }) => {
    throw new Error(`no money ${attempt}`);
  }, { retry: { attempts: 2, delay: "1 second", jitter: false } }).catch(() => "unpaid");
  await step("note", () => paid);
});

onEachStore({ echo, paying }, (bench) => {
  it("commits, after they are stored, until they no longer listen", async () => {
    const engine = bench().engine();
    const heard: unknown[] = [];
    const stop = engine.on("commit", ({ runId, flow, version, status, waits, at }) => {
      heard.push([runId, flow, version, status, [...waits], at.getTime() - bench().clock.now()]);
    });
    const run = await engine.start(echo, ["a"], { id: "r" });
    await engine.continue(run, word, "b");
    await engine.start(echo, ["a"], { id: "q", queue: "later" });
    await engine.kill("q");
    stop();
    await engine.start(echo, ["a"]);
    expect(heard).toEqual([
      ["r", "echo", 1, "waiting", ["word"], 0],
      ["r", "echo", 2, "completed", [], 0],
      ["q", "echo", 1, "queued", [], 0],
      ["q", "echo", 2, "killed", [], 0],
    ]);
  });

  it("attempts of steps: begun with the commit that begins them, ended or failed with the one that holds that", async () => {
    const engine = bench().engine();
    const heard: unknown[] = [];
    engine.on("commit", ({ version }) => heard.push(version));
    const stop = engine.on("step", ({ at, error, retryAt, ...event }) => {
      heard.push({ ...event, at: at.getTime() - began, ...(error ? { error: error.message } : {}), ...(retryAt ? { retryAt: retryAt.getTime() - began } : {}) });
    });
    const began = bench().clock.now();
    await engine.start(paying, [], { id: "r" });
    await bench().clock.advance(1_000);
    await engine.tick();
    await engine.idle();
    const about = { runId: "r", flow: "paying", name: "pay", key: "r:1" };
    expect(heard).toEqual([
      1, { ...about, stage: "begun", attempt: 1, at: 0 },
      2, { ...about, stage: "failed", attempt: 1, at: 0, error: "no money 1", retryAt: 1_000 },
      3, { ...about, stage: "begun", attempt: 2, at: 1_000 },
      4, { ...about, stage: "failed", attempt: 2, at: 1_000, error: "no money 2" },
      { runId: "r", flow: "paying", name: "note", key: "r:2", stage: "begun", attempt: 1, at: 1_000 },
      5, { runId: "r", flow: "paying", name: "note", key: "r:2", stage: "ended", attempt: 1, at: 1_000 },
    ]);
    stop();
    await engine.start(paying, [], { id: "q" });
    expect(heard.filter((event) => typeof event === "object")).toHaveLength(6);
    expect((await bench().store.load("r"))?.parts.size).toBe(0);
  });

  it("nothing of what the store refused", async () => {
    const engine = bench().engine();
    const heard: string[] = [];
    engine.on("commit", ({ runId }) => heard.push(runId));
    await engine.start(echo, ["a"], { id: "r", queue: "q" });
    await engine.start(echo, ["a"], { id: "r", queue: "q" });
    expect(heard).toEqual(["r"]);
  });

  it("and what they throw is logged, and changes nothing", async () => {
    const engine = bench().engine();
    const heard: string[] = [];
    engine.on("commit", () => {
      throw new Error("no metrics today");
    });
    engine.on("commit", async () => {
      await Promise.resolve();
      throw new Error("nor later");
    });
    engine.on("commit", ({ status }) => heard.push(status));
    expect(await engine.start(echo, ["a"])).toMatchObject({ status: "waiting" });
    await new Promise((resolve) => setImmediate(resolve));
    expect(heard).toEqual(["waiting"]);
    expect(bench().warnings("error")).toEqual(["A listener for `commit` failed: Error: no metrics today", "A listener for `commit` failed: Error: nor later"]);
  });

  it("a function that is added twice is called twice, and each ending ends its own", async () => {
    const engine = bench().engine();
    let calls = 0;
    const count = (): void => void calls++;
    const [first, second] = [engine.on("commit", count), engine.on("commit", count)];
    await engine.start(echo, ["a"]);
    expect(calls).toBe(2);
    first();
    first();
    await engine.start(echo, ["a"]);
    expect(calls).toBe(3);
    second();
    await engine.start(echo, ["a"]);
    expect(calls).toBe(3);
  });
});
