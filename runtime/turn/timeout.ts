// The end of a turn that moves for too long: an ordinary promise does not settle.
//
// Whether one ever will, nobody can tell. But a strand that waits for an operation meanwhile, and holds what cannot be stored, is often the
// one that was to settle it after a stop, which never comes: so the error names that slot.

import { durationText } from "../realm/duration.ts";
import { pristine } from "../realm/intrinsics.ts";
import { deflowError } from "../errors/classes.ts";
import type { DeflowError } from "../errors/error.ts";
import { refusalOf } from "../record/frame.ts";
import { isOperation } from "../run/operations.ts";
import type { LiveRun } from "../run/step.ts";

/** TURN_TIMEOUT. `after`: in milliseconds. */
export function timedOut(run: LiveRun, after: number): DeflowError {
  const told = { after: durationText(after) };
  try {
    return deflowError("TURN_TIMEOUT", { ...told, held: unstorable(run) }, { runId: run.id });
  } catch (cause) {
    // Code of the author's that stores its values. The turn must end all the same.
    return deflowError("TURN_TIMEOUT", told, { runId: run.id, cause });
  }
}

/** What the strands that wait for operations hold and cannot be stored, with its slot. */
export function unstorable(run: LiveRun): string | undefined {
  const waiting = [...run.strands].filter(({ on }) => isOperation(on?.by));
  return pristine(() => refusalOf(run, waiting))?.message;
}
