// Activities with a queue, carried out by other processes, which are killed or stand still while they do.

import { type ChildProcess, fork } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createEngine, deflow, type Engine, type Store } from "deflow";
import { build } from "esbuild";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { newSchema, type Schema } from "../postgres/schema.ts";
import { describePostgres } from "../postgres/shared.ts";
import { render, type Rendered } from "./kill/activity.ts";
import type { ActivityTask } from "./kill/activity-worker.ts";
import { openStore, type StoreAt } from "./kill/open.ts";

const film = deflow(async function elsewhereFilm(text: string) {
  return await render(text);
});

const lease = 1_500;
const packages = dirname(dirname(createRequire(import.meta.url).resolve("better-sqlite3/package.json")));

function stories(open: (folder: string) => StoreAt): void {
  let folder = "";
  let at: StoreAt;
  let store: Store;
  let app: Engine;
  const children = new Set<ChildProcess>();
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "deflow-activities-"));
    await build({
      entryPoints: [fileURLToPath(new URL("kill/activity-worker.ts", import.meta.url))], outfile: join(folder, "worker.cjs"), bundle: true, platform: "node", format: "cjs",
      external: ["better-sqlite3", "pg", "vitest"], logLevel: "error",
    });
    at = open(folder);
    store = openStore(at);
    app = createEngine({ store, flows: { film }, lease, logger: { debug() {}, info() {}, warn() {}, error() {} } });
    app.work({ queues: ["default"], poll: 20 });
  });
  afterEach(async () => {
    for (const child of children) await kill(child);
  });
  afterAll(async () => {
    await app.close();
    await store.close();
    rmSync(folder, { recursive: true });
  });

  const log = (name: string): Rendered[] => {
    const path = join(folder, name);
    return existsSync(path) ? readFileSync(path, "utf8").trim().split("\n").map((line) => JSON.parse(line) as Rendered) : [];
  };
  const begun = (name: string, times: number): Promise<void> => vi.waitFor(() => expect(log(name)).toHaveLength(times), { timeout: 20_000, interval: 20 });

  async function spawn(task: Omit<ActivityTask, "at" | "log" | "lease">, name: string): Promise<ChildProcess> {
    const given: ActivityTask = { at, log: join(folder, name), lease, ...task };
    const child = fork(join(folder, "worker.cjs"), [JSON.stringify(given)], { execArgv: ["--no-warnings"], env: { ...process.env, NODE_PATH: packages }, stdio: ["ignore", "inherit", "inherit", "ipc"] });
    children.add(child);
    await new Promise((resolve) => child.once("message", resolve));
    return child;
  }

  async function kill(child: ChildProcess): Promise<void> {
    children.delete(child);
    const exit = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await exit;
  }

  it("one that is killed: another makes the next attempt, under the same key, and the flow hears one result", async () => {
    const dead = await spawn({ hangs: true }, "killed");
    const run = await app.start(film, ["lamp"], { id: "killed" });
    await begun("killed", 1);
    const other = await spawn({}, "killed");
    await kill(dead);
    expect(await run.result()).toBe(`lamp by ${other.pid}`);
    expect(log("killed").map(({ pid, key, attempt }) => [pid, key, attempt])).toEqual([[dead.pid, "killed:1:1", 1], [other.pid, "killed:1:1", 2]]);
  });

  it("one that stands still for longer than its lease: what it gives when it wakes is nobody's", async () => {
    const zombie = await spawn({ takes: 200 }, "zombie");
    const run = await app.start(film, ["lamp"], { id: "zombie" });
    await begun("zombie", 1);
    zombie.kill("SIGSTOP");
    const other = await spawn({}, "zombie");
    expect(await run.result()).toBe(`lamp by ${other.pid}`);
    const { version } = (await store.load("zombie:1")) ?? expect.unreachable();
    zombie.kill("SIGCONT");
    await new Promise((resolve) => setTimeout(resolve, 2 * lease));
    expect(await store.load("zombie:1")).toMatchObject({ version, status: "completed" });
    expect(await app.get("zombie")).toMatchObject({ status: "completed", value: `lamp by ${other.pid}` });
    const [first, second] = log("zombie");
    expect(second).toMatchObject({ key: first?.key, attempt: 2 });
    expect(second?.fence).toBeGreaterThan(first?.fence ?? Infinity);
  });

  it("one that takes several leases is left alone by others", async () => {
    const slow = await spawn({ takes: 2 * lease }, "slow");
    const run = await app.start(film, ["lamp"], { id: "slow" });
    await begun("slow", 1);
    await spawn({}, "slow");
    expect(await run.result()).toBe(`lamp by ${slow.pid}`);
    expect(log("slow")).toHaveLength(1);
  });
}

describe("over SQLite", () => stories((folder) => ({ kind: "sqlite", file: join(folder, "runs.db") })));

describePostgres("over Postgres", () => {
  let schema: Schema;
  beforeAll(async () => {
    schema = await newSchema();
  });
  afterAll(() => schema?.drop());
  stories(() => ({ kind: "postgres", url: schema.url, schema: schema.name }));
});
