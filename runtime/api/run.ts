// run: what a flow says and asks about its own run.

import { currentRun } from "../strands/current.ts";
import { logOf } from "./log.ts";
import type { IndexValue } from "../run/step.ts";

/** @throws NotInRunError where no run executes: outside flows, in step functions, after a helper's own first await. */
export const run = {
  /** The same from start to end; steps' keys begin with it. */
  get id(): string {
    return currentRun("run.id").id;
  },

  /** Adds to what `engine.find` finds the run by, with the run's next commit. */
  index(values: Readonly<Record<string, IndexValue>>): void {
    const run = currentRun("run.index()");
    run.index = { ...run.index, ...values };
  },

  /** Says what the run is doing, for people: `progress` of what `engine.get` gives, from the next commit on. */
  progress(text: string): void {
    currentRun("run.progress()").progress = text;
  },

  /**
   * Says something to the engine's logger, with the run's id: `run.log("sent", { count })`, `run.log.warn("slow")`. The last lines are
   * kept with the run: `engine.logs(id)`.
   */
  log: logOf(() => ({ run: currentRun("run.log()") })),
};
