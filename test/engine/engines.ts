// The engine's tests run on every store: `onEachStore` gives each test an engine over an empty one.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe } from "vitest";
import type { Flow } from "../../runtime/api/deflow.ts";
import { SimulatedClock } from "../../runtime/realm/clock.ts";
import { createEngine, type Engine } from "../../runtime/engine/engine.ts";
import type { Logger } from "../../runtime/engine/telling/logger.ts";
import type { EngineOptions } from "../../runtime/engine/options.ts";
import type { Store } from "../../runtime/store.ts";
import { memory } from "../../runtime/stores/memory.ts";
import { sqlite } from "../../runtime/stores/sqlite.ts";
import { remote } from "./remote.ts";
import { newSchema, type Schema } from "../postgres/schema.ts";
import { describePostgres } from "../postgres/shared.ts";

const begin = 1_700_000_000_000;

export class Bench {
  readonly clock: SimulatedClock;
  readonly said: { level: keyof Logger; message: string; fields?: object | undefined }[] = [];
  readonly logger: Logger = {
    debug: (message, fields) => this.said.push({ level: "debug", message, fields }),
    info: (message, fields) => this.said.push({ level: "info", message, fields }),
    warn: (message, fields) => this.said.push({ level: "warn", message, fields }),
    error: (message, fields) => this.said.push({ level: "error", message, fields }),
  };
  readonly store: Store;
  readonly #flows: Record<string, Flow<never[], unknown>>;
  readonly #dev: boolean;
  readonly engines: Engine[] = [];

  constructor(store: Store, flows: Record<string, Flow<never[], unknown>>, dev: boolean, clock = new SimulatedClock(begin)) {
    this.store = store;
    this.clock = clock;
    this.#flows = flows;
    this.#dev = dev;
  }

  /** Each is as another process would be. */
  engine(options: Partial<EngineOptions> = {}): Engine {
    const engine = createEngine({ store: this.store, flows: this.#flows, clock: this.clock, logger: this.logger, dev: this.#dev, ...options });
    this.engines.push(engine);
    return engine;
  }

  async close(): Promise<void> {
    for (const engine of this.engines) await engine.close();
    await this.store.close();
  }

  warnings(level: keyof Logger = "warn"): string[] {
    return this.said.filter((one) => one.level === level).map(({ message }) => message);
  }
}

export function onEachStore(flows: Record<string, Flow<never[], unknown>>, tests: (bench: () => Bench) => void): void {
  for (const dev of [false, true]) {
    describe.each([
      ["memory", () => memory()],
      ["sqlite", (folder: string) => sqlite(join(folder, "runs.db"))],
    ] as const)(`%s${dev ? ", dev" : ""}`, (_name, open) => {
      let folder: string;
      let current: Bench;
      beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "deflow-"));
        current = new Bench(open(folder), flows, dev);
      });
      afterEach(async () => {
        await current.close();
        rmSync(folder, { recursive: true });
      });
      tests(() => current);
    });
  }
  // Whether each commit is read back is the engine's own, whatever the store.
  describePostgres("postgres", () => {
    let schema: Schema;
    let current: Bench;
    beforeAll(async () => {
      schema = await newSchema();
    });
    afterAll(() => schema?.drop());
    beforeEach(async () => {
      await schema.empty();
      const { store, clock } = remote(schema.open(), begin);
      current = new Bench(store, flows, false, clock);
    });
    afterEach(() => current.close());
    tests(() => current);
  });
}
