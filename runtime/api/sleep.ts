// sleep() and sleepUntil(): timers that outlive the process. The deadline is fixed when they are called.

import { currentRun } from "../strands/current.ts";
import { type Duration, milliseconds } from "../realm/duration.ts";
import { InvalidArgumentError } from "../errors/run.ts";
import { operate } from "../run/operations.ts";
import type { Durable } from "./durable.ts";

/**
 * Waits for a duration, milliseconds or a text such as "3 days", and never for less.
 * @throws NotInRunError; InvalidArgumentError for what is no duration, or a negative one. The wait: CancelledError.
 */
export function sleep(duration: Duration): Durable<void> {
  const run = currentRun("sleep()");
  return operate(run, { kind: "timer", at: run.env.now() + milliseconds(duration, "The duration of sleep()") }) as Durable<void>;
}

/**
 * Waits until a time; a number is milliseconds since the epoch. One that is past wakes in the next turn.
 * @throws NotInRunError; InvalidArgumentError for an invalid Date. The wait: CancelledError.
 */
export function sleepUntil(time: Date | number): Durable<void> {
  const run = currentRun("sleepUntil()");
  const at = Number(time);
  if (!Number.isFinite(at)) throw new InvalidArgumentError("The time of sleepUntil()", String(time), "a valid Date or a number of milliseconds");
  return operate(run, { kind: "timer", at: Math.ceil(at) }) as Durable<void>;
}
