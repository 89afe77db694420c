// Whose code executes: set while a strand or a reaction of a run runs, unset while it waits. A helper called by a strand sees
// its run until the helper's own first await.

import { NotInRunError, RunEndedError } from "../errors/run.ts";
import { shared } from "../realm/shared.ts";
import type { LiveRun } from "../run/step.ts";

/** The run that `operation` is called in; throws NotInRunError, and RunEndedError from what outlived its run. */
export function currentRun(operation: string): LiveRun {
  const run = shared.current?.run;
  if (run === undefined) throw new NotInRunError(operation);
  if (run.closed) throw new RunEndedError(run.ending?.status ?? "stored", { runId: run.id });
  return run;
}
