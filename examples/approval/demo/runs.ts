// The runs as the SQLite file has them. The file is opened for each look and closed after it, so that nobody but the service
// has it open when the service is killed.

import { setTimeout as pause } from "node:timers/promises";
import type { Inspection, Run } from "deflow";
import type { sqlite } from "deflow/sqlite";
import type { Outcome } from "../src/flow.ts";
import type { Workshop } from "./workshop.ts";

type StoredRun = NonNullable<Awaited<ReturnType<ReturnType<typeof sqlite>["load"]>>>;

export interface Seen {
  readonly id: string;
  readonly run: Run<Outcome>;
  /** The row: the frame as text, the version, the lease. */
  readonly row: StoredRun;
  readonly strands: Inspection["strands"];
}

export type Runs = ReadonlyMap<string, Seen>;

export async function look(workshop: Workshop): Promise<Runs> {
  const { approve, createEngine, sqlite } = await workshop.built();
  const store = sqlite(workshop.path("runs.db"));
  const engine = createEngine({ store, flows: { approve } });
  try {
    const { runs } = await engine.find({ limit: 1000 });
    const seen = await Promise.all(runs.map(async ({ id }): Promise<Seen> => {
      const row = await store.load(id);
      const { run, strands } = await engine.inspect(id);
      if (row === undefined) throw new Error(`The run ${id} is gone`);
      return { id, run: run as Run<Outcome>, row, strands };
    }));
    return new Map(seen.map((one) => [one.id, one]));
  } finally {
    await engine.close();
    await store.close();
  }
}

export function unfinished(runs: Runs): Seen[] {
  return [...runs.values()].filter(({ run }) => run.status !== "completed");
}

/** Waits until, on a clock that is so many days ahead, no run has anything to do, except those that may be busy. */
export async function quiet(workshop: Workshop, daysAhead: number, busy: readonly string[] = []): Promise<Runs> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const runs = await look(workshop);
    const moving = [...runs.values()].filter(({ id, run, row }) => !busy.includes(id) && (run.status === "running" || isDue(row, daysAhead)));
    if (moving.length === 0) return runs;
    if (Date.now() > deadline) throw new Error(`After 20 seconds these runs still have something to do: ${moving.map(({ id }) => id).join(", ")}`);
    await pause(50);
  }
}

function isDue({ wake }: StoredRun, daysAhead: number): boolean {
  return wake !== null && wake.at <= Date.now() + daysAhead * 24 * 60 * 60 * 1000;
}
