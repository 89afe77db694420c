// What flows see and throw themselves.

import { DeflowError, type DeflowErrorOptions } from "./error.ts";

/** A wait took longer than its timeout. `what` completes "… timed out after …", e.g. "listen(decision)". */
export class TimeoutError extends DeflowError<"TIMEOUT"> {
  constructor(what: string, after: string, options?: DeflowErrorOptions) {
    super("TIMEOUT", { what, after }, options);
  }
}

/** Thrown into waiting strands when the run is cancelled or over, and by `cancel(promise)`. */
export class CancelledError extends DeflowError<"CANCELLED"> {
  /** As it was given to `engine.cancel`, or to whatever cancelled. */
  readonly reason: string | undefined;

  constructor(reason?: string, options?: DeflowErrorOptions) {
    super("CANCELLED", { reason }, options);
    this.reason = reason;
  }
}

/** The process that made the attempt did not live to store its outcome, or gave it up when its time was over: `cause`. It is not made again. */
export class StepOutcomeUnknownError extends DeflowError<"STEP_OUTCOME_UNKNOWN"> {
  /** The `key` that the step function was given. */
  readonly key: string;
  /** The number of the attempt that was cut off, from 1. */
  readonly attempt: number;

  constructor(step: string, key: string, attempt: number, options?: DeflowErrorOptions) {
    super("STEP_OUTCOME_UNKNOWN", { step, key, attempt, timedOut: options?.cause !== undefined }, options);
    this.key = key;
    this.attempt = attempt;
  }
}

/** Thrown by a step function: do not try again. */
export class FatalError extends DeflowError<"FATAL"> {
  constructor(message: string, options?: DeflowErrorOptions) {
    super("FATAL", { message }, options);
  }
}
