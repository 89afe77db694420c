// compensate(): what to undo when the run fails or is cancelled. The last one registered runs first, each is waited for.

import { append } from "../realm/append.ts";
import { currentRun } from "../strands/current.ts";
import { InvalidArgumentError } from "../errors/run.ts";

/**
 * Registers what undoes a thing that was done. `undo` is stored with the run, so it must be a function made in a flow; it may use steps and all
 * other operations.
 * @throws NotInRunError; InvalidArgumentError for what is no function.
 */
export function compensate(undo: () => unknown): void {
  const run = currentRun("compensate()");
  if (typeof undo !== "function") throw new InvalidArgumentError("The argument of compensate()", typeof undo, "a function");
  append(run.compensations, undo);
}
