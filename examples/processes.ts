// For tests: processes one after the other, over one SQLite file. A process that dies is an engine whose clock never moves again:
// its step hangs, its lease runs out, and what it wants to store later is refused.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEngine, type Engine, type EngineOptions, type Logger, type Store } from "deflow";
import { sqlite, type SqliteOptions } from "deflow/sqlite";
import { SimulatedClock } from "deflow/testing";

interface Processes {
  /** The next process, `later` milliseconds after the last one began. */
  next(later?: number): Engine & { readonly clock: SimulatedClock };
  /** The database file. */
  readonly path: string;
}

const errorsOnly: Logger = { debug() {}, info() {}, warn() {}, error: (message, fields) => console.error(message, fields) };

/** Runs `story`, then removes the file. */
export async function processes({ driver, ...options }: Omit<EngineOptions, "store" | "clock"> & Pick<SqliteOptions, "driver">, story: (given: Processes) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "deflow-example-"));
  const path = join(folder, "app.db");
  const stores: Store[] = [];
  let now = Date.UTC(2026, 0, 1);
  try {
    await story({
      path,
      next(later = 0) {
        now += later;
        const [store, clock] = [sqlite(path, driver && { driver }), new SimulatedClock(now)];
        stores.push(store);
        return { ...createEngine({ logger: errorsOnly, ...options, store, clock, dev: true }), clock };
      },
    });
  } finally {
    for (const store of stores) await store.close();
    rmSync(folder, { recursive: true });
  }
}
