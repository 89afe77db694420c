// What happens to a run or to input for it.

import { DeflowError, type DeflowErrorOptions } from "./error.ts";
import type { Place } from "./table.ts";

/** An operation was called outside a run. */
export class NotInRunError extends DeflowError<"NOT_IN_RUN"> {
  constructor(operation: string, options?: DeflowErrorOptions) {
    super("NOT_IN_RUN", { operation }, options);
  }
}

/** An operation needs a store, and the run has none. */
export class NeedsEngineError extends DeflowError<"NEEDS_ENGINE"> {
  constructor(operation: string, options?: DeflowErrorOptions) {
    super("NEEDS_ENGINE", { operation }, options);
  }
}

/** There is no such run. */
export class NotFoundError extends DeflowError<"NOT_FOUND"> {
  constructor(id: string, options?: DeflowErrorOptions) {
    super("NOT_FOUND", { id }, { runId: id, ...options });
  }
}

/** The run does not listen for what came. */
export class NotListeningError extends DeflowError<"NOT_LISTENING"> {
  constructor(context: string, waits: readonly string[], options?: DeflowErrorOptions) {
    super("NOT_LISTENING", { context, waits }, options);
  }
}

/** The run listens, with another permit. */
export class WrongPermitError extends DeflowError<"WRONG_PERMIT"> {
  constructor(context: string, options?: DeflowErrorOptions) {
    super("WRONG_PERMIT", { context }, options);
  }
}

/** Input that its schema refuses. */
export class InvalidInputError extends DeflowError<"INVALID_INPUT"> {
  /** What the schema says, `path: message` each. */
  readonly issues: readonly string[];

  constructor(what: string, issues: readonly string[], options?: DeflowErrorOptions) {
    super("INVALID_INPUT", { what, issues }, options);
    this.issues = issues;
  }
}

/** A call of this package with a value it cannot take. */
export class InvalidArgumentError extends DeflowError<"INVALID_ARGUMENT"> {
  constructor(what: string, value: string, wanted: string, options?: DeflowErrorOptions) {
    super("INVALID_ARGUMENT", { what, value, wanted }, options);
  }
}

/** The run is over and takes no input. */
export class RunEndedError extends DeflowError<"RUN_ENDED"> {
  constructor(status: string, options?: DeflowErrorOptions) {
    super("RUN_ENDED", { status }, options);
  }
}

/** Another worker took the run over; nothing was committed here. */
export class LeaseLostError extends DeflowError<"LEASE_LOST"> {
  constructor(id: string, options?: DeflowErrorOptions) {
    super("LEASE_LOST", { id }, { runId: id, ...options });
  }
}

/** A wait in ordinary code, which cannot be stored: `wait` is where the flow waits, `holder` who holds its promise. */
export class HeldByOrdinaryCodeError extends DeflowError<"HELD_BY_ORDINARY_CODE"> {
  constructor(wait: Place, holder: string, options?: DeflowErrorOptions) {
    super("HELD_BY_ORDINARY_CODE", { wait, holder }, options);
  }
}

/** A promise of the run was rejected and nobody waited for it; `cause` is the reason. */
export class UnhandledRejectionError extends DeflowError<"UNHANDLED_REJECTION"> {
  constructor(what: string, reason: unknown, options?: DeflowErrorOptions) {
    super("UNHANDLED_REJECTION", { what, reason: String(reason) }, { cause: reason, ...options });
  }
}

/** The strands of a run wait for each other, and nothing can settle any of them. */
export class DeadlockError extends DeflowError<"DEADLOCK"> {
  constructor(flow: string, strands: readonly Place[], options?: DeflowErrorOptions) {
    super("DEADLOCK", { flow, strands }, options);
  }
}

/** A run failed or was cancelled, and so did what should have undone it; `cause` is why it was to be undone. */
export class CompensationFailedError extends DeflowError<"COMPENSATION_FAILED"> {
  /** What the compensations threw, in the order in which they ran. */
  readonly errors: readonly unknown[];

  constructor(errors: readonly unknown[], options?: DeflowErrorOptions) {
    super("COMPENSATION_FAILED", { reasons: errors.map(String) }, options);
    this.errors = errors;
  }
}

/** The run was killed. */
export class KilledError extends DeflowError<"KILLED"> {
  constructor(reason: string, options?: DeflowErrorOptions) {
    super("KILLED", { reason }, options);
  }
}
