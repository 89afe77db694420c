// within(): a deadline for any durable promise.

import { race } from "../promises/combinators.ts";
import { currentRun } from "../strands/current.ts";
import { type Duration, durationText, milliseconds } from "../realm/duration.ts";
import { operate } from "../run/operations.ts";
import type { Durable } from "../api/durable.ts";

/**
 * As `promise`, but rejected with TimeoutError when it takes longer. What it waits for is withdrawn then; strands go on.
 * @throws NotInRunError; InvalidArgumentError for what is no duration.
 */
export function within<T>(duration: Duration, promise: PromiseLike<T>): Durable<T> {
  const run = currentRun("within()");
  const at = run.env.now() + milliseconds(duration, "The duration of within()");
  return race([promise, operate(run, { kind: "timer", at, timeout: durationText(duration) })]) as Durable<T>;
}
