// With a doorbell what one process stores is begun by another, and its end is known to the first, long before anybody polls.

import { fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createEngine } from "deflow";
import { postgresDispatcher } from "deflow/postgres";
import { build } from "esbuild";
import { expect, it, vi } from "vitest";
import { sleeper } from "../engine/flows.ts";
import { newSchema } from "../postgres/schema.ts";
import { describePostgres } from "../postgres/shared.ts";
import type { WorkerTask } from "./worker.ts";

const poll = 10_000;

describePostgres("over Postgres", () => {
  it("a queued run is through a worker of another process, timer and all, and its result is here, well within the time between two polls", async () => {
    const folder = mkdtempSync(join(tmpdir(), "deflow-latency-"));
    const schema = await newSchema();
    const channel = randomBytes(6).toString("hex");
    await build({ entryPoints: [fileURLToPath(new URL("worker.ts", import.meta.url))], outfile: join(folder, "worker.cjs"), bundle: true, platform: "node", format: "cjs", external: ["better-sqlite3", "pg", "vitest"], logLevel: "error" });
    const store = schema.open({ leaseClock: "database" });
    const dispatcher = postgresDispatcher({ connectionString: schema.url, channel });
    const engine = createEngine({ store, flows: { sleeper }, dispatcher });
    await engine.find();
    const task: WorkerTask = { url: schema.url, schema: schema.name, channel, poll };
    const packages = dirname(dirname(createRequire(import.meta.url).resolve("better-sqlite3/package.json")));
    const child = fork(join(folder, "worker.cjs"), [JSON.stringify(task)], { execArgv: ["--no-warnings"], env: { ...process.env, NODE_PATH: packages } });
    try {
      const ready = new Promise<boolean>((resolve) => child.once("message", () => resolve(true)));
      await vi.waitFor(async () => {
        await dispatcher.ring({ run: "ready?" });
        expect(await Promise.race([ready, Promise.resolve(false)])).toBe(true);
      }, { timeout: 20_000, interval: 100 });
      const times: number[] = [];
      for (let round = 0; round < 5; round++) {
        const begun = performance.now();
        const run = await engine.start(sleeper, [1], { queue: "mail" });
        expect(await run.result()).toBe("awake");
        times.push(performance.now() - begun);
      }
      expect(times.sort((a, b) => a - b)[2]).toBeLessThan(poll / 10);
      expect(times.at(-1)).toBeLessThan(poll / 2);
    } finally {
      child.kill("SIGKILL");
      await engine.close();
      await dispatcher.close();
      await store.close();
      await schema.drop();
      rmSync(folder, { recursive: true });
    }
  });
});
