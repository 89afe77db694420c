// What several benchmarks measure with: a folder that is gone afterwards, and the time of something asynchronous.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Gives the path of a database file in a folder of its own. */
export async function inFolder<T>(measure: (path: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "deflow-bench-"));
  try {
    return await measure(join(folder, "runs.db"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** In milliseconds. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - start) / 1e6;
}
