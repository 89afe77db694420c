// run: what a flow says and asks about its own run.

import { currentRun } from "../current.ts";
import type { IndexValue } from "../step.ts";

export const run = {
  /** The same from start to end; steps' keys begin with it. */
  get id(): string {
    return currentRun("run.id").id;
  },

  /** Adds to what the run can be found by. */
  index(values: Readonly<Record<string, IndexValue>>): void {
    const run = currentRun("run.index()");
    run.index = { ...run.index, ...values };
  },

  /** What the run is doing, for people. */
  progress(text: string): void {
    currentRun("run.progress()").progress = text;
  },

  log(...values: unknown[]): void {
    const run = currentRun("run.log()");
    run.env.log?.({ runId: run.id, values });
  },
};
