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
import { consoleLogger } from "../../runtime/engine/logger.ts";
import { chain } from "./kill/chain.ts";

const loader = pathToFileURL(createRequire(import.meta.url).resolve("tsx/esm")).href;
const program = fileURLToPath(new URL("kill/program.ts", import.meta.url));

let folder: string;
let store: Store;
let engine: Engine;
const children = new Set<ChildProcess>();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "deflow-"));
  store = sqlite(join(folder, "runs.db"));
  engine = createEngine({ store, flows: { chain }, lease: 300, logger: { ...consoleLogger, warn() {} } });
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

function log(): { n: number; key: string; fence: number }[] {
  const path = join(folder, "log");
  if (!existsSync(path)) return [];
  return readFileSync(path, "utf8").trim().split("\n").filter(Boolean).map((line) => JSON.parse(line) as { n: number; key: string; fence: number });
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
  expect(log().map(({ n }) => n)).toEqual([1, 2, 2, 3, 4]);
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
