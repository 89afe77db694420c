// Processes killed with SIGKILL, while their runs wait and while steps run; others go on with the runs.

import { type ChildProcess, fork } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createEngine, type Engine } from "../../runtime/engine/engine.ts";
import type { Store } from "../../runtime/store.ts";
import { sqlite } from "../../runtime/stores/sqlite.ts";
import { consoleLogger } from "../../runtime/engine/telling/logger.ts";
import { chain, deadly, single } from "./kill/chain.ts";

const loader = pathToFileURL(createRequire(import.meta.url).resolve("tsx/esm")).href;
const program = fileURLToPath(new URL("kill/program.ts", import.meta.url));

let folder: string;
let store: Store;
let engine: Engine;
const children = new Set<ChildProcess>();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "deflow-"));
  store = sqlite(join(folder, "runs.db"));
  engine = createEngine({ store, flows: { chain, deadly, single }, lease: 300, logger: { ...consoleLogger, warn() {} } });
});

afterEach(async () => {
  for (const child of children) await kill(child);
  await engine.close();
  await store.close();
  rmSync(folder, { recursive: true });
});

async function spawn(mode: "work" | "hang"): Promise<ChildProcess> {
  const child = fork(program, [join(folder, "runs.db"), join(folder, "log"), mode], { execArgv: ["--import", loader], stdio: ["ignore", "inherit", "inherit", "ipc"] });
  children.add(child);
  await new Promise((resolve) => child.once("message", resolve));
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  children.delete(child);
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await exit;
}

interface Entry {
  readonly n: number;
  readonly key: string;
  readonly fence: number;
  readonly attempt: number;
}

function log(): Entry[] {
  const path = join(folder, "log");
  if (!existsSync(path)) return [];
  return readFileSync(path, "utf8").trim().split("\n").filter(Boolean).map((line) => JSON.parse(line) as Entry);
}

async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 1500; tries++) {
    if (await what()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  expect.unreachable("it took too long");
}

it("while a step runs: another process runs it again, with the same key and a higher fence", { timeout: 30_000 }, async () => {
  const run = await engine.start(chain, [], { queue: "q" });
  const victim = await spawn("hang");
  await engine.send(run, "word", "go");
  await until(() => log().some(({ n }) => n === 2));
  await kill(victim);
  expect(await engine.get(run)).toMatchObject({ status: "running" });
  await spawn("work");
  expect(await run.result()).toBe(10);
  const seconds = log().filter(({ n }) => n === 2);
  expect(seconds.map(({ key }) => key)).toEqual([seconds[0]?.key, seconds[0]?.key]);
  expect(seconds[1]?.fence).toBeGreaterThan(seconds[0]?.fence ?? Infinity);
  expect(log().map(({ n, attempt }) => [n, attempt])).toEqual([[1, 1], [2, 1], [2, 2], [3, 1], [4, 1]]);
});

it("twice while a step runs: each attempt has its number", { timeout: 30_000 }, async () => {
  const run = await engine.start(chain, [], { queue: "q" });
  await engine.send(run, "word", "go");
  for (const attempt of [1, 2]) {
    const victim = await spawn("hang");
    await until(() => log().some((entry) => entry.n === 2 && entry.attempt === attempt));
    await kill(victim);
  }
  await spawn("work");
  expect(await run.result()).toBe(10);
  expect(log().filter(({ n }) => n === 2).map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
});

it("while step.once runs: it is not made again, and the run is told", { timeout: 30_000 }, async () => {
  const run = await engine.start(single, [], { queue: "q" });
  const victim = await spawn("hang");
  await engine.send(run, "word", "go");
  await until(() => log().length > 0);
  await kill(victim);
  await spawn("work");
  await expect(run.result()).rejects.toMatchObject({ code: "STEP_OUTCOME_UNKNOWN", key: `${run.id}:2`, attempt: 1 });
  expect(log()).toHaveLength(1);
});

it("by a turn that ends its process each time: after five the run has failed, keeps its event, and keeps no worker busy", { timeout: 60_000 }, async () => {
  const [run, other] = [await engine.start(deadly, []), await engine.start(chain, [])];
  await store.deliver([{ to: run.id, kind: "event", now: Date.now(), body: '{"v":1,"context":"word","data":"go"}' }]);
  for (let processes = 0; (await engine.get(run)).status !== "failed"; processes++) {
    expect(processes).toBeLessThan(10);
    const victim = await spawn("hang");
    await until(async () => victim.signalCode !== null || (await engine.get(run)).status === "failed");
    await kill(victim);
  }
  expect(await engine.get(run)).toMatchObject({ status: "failed", error: { code: "TURN_CRASHED" } });
  expect(log()).toHaveLength(5);
  await spawn("work");
  await store.deliver([{ to: other.id, kind: "event", now: Date.now(), body: '{"v":1,"context":"word","data":"go"}' }]);
  expect(await other.result()).toBe(10);
  expect(log().filter(({ n }) => n === 0)).toHaveLength(5);
  // What it was sent is given again, to code that does not end its process.
  expect(await engine.retry(run)).toMatchObject({ status: "failed", error: { message: "spared" } });
});

it("again and again while many runs go on: none is lost, none is done twice", { timeout: 60_000 }, async () => {
  const runs = await Promise.all(Array.from({ length: 40 }, () => engine.start(chain, [])));
  await Promise.all(runs.map((run) => store.deliver([{ to: run.id, kind: "event", eventId: "go", now: Date.now(), body: '{"v":1,"context":"word","data":"go"}' }])));
  let kills = 0;
  for (const delay of [5, 30, 60, 90, 20]) {
    const victim = await spawn("work");
    await new Promise((resolve) => setTimeout(resolve, delay));
    await kill(victim);
    kills++;
  }
  await spawn("work");
  expect(await Promise.all(runs.map((run) => run.result()))).toEqual(runs.map(() => 10));
  const done = log();
  for (const run of runs) {
    const keys = done.filter(({ key }) => key.startsWith(`${run.id}:`)).map(({ key }) => key);
    expect([...new Set(keys)]).toEqual([2, 3, 4, 5].map((n) => `${run.id}:${n}`));
  }
  // A kill may repeat the steps that were under way, of at most four runs.
  expect(done.length - 160).toBeLessThanOrEqual(4 * kills);
});
