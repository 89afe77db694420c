// What those hear who watch an engine.

import { context, deflow, listen } from "deflow";
import { expect, it } from "vitest";
import { onEachStore } from "./engines.ts";

const word = context<string>("word");
const echo = deflow(async function echo(first: string) {
  return `${first} ${await listen(word)}`;
});

onEachStore({ echo }, (bench) => {
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
