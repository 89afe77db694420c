// How often a step is tried, and how long it waits in between.

import { type Duration, milliseconds } from "../realm/duration.ts";
import { isDeflowError } from "../errors/error.ts";
import { InvalidArgumentError } from "../errors/run.ts";
import type { RunEnv } from "./step.ts";

/** How the delay grows from attempt to attempt: d, 2d, 4d …; d, 2d, 3d …; d, d, d … */
export type Backoff = "exponential" | "linear" | "constant";

/** `5` is `{ attempts: 5 }`; what is left out is exponential, 1 second, at most 1 minute, with jitter. */
export type Retry = number | {
  /** In all, 5 if absent: the first included, and those that a crash cut off. When the last one was cut off, StepOutcomeUnknownError is thrown. */
  readonly attempts?: number;
  /** Delays d, 2d, 4d … ("exponential", if absent) or d, 2d, 3d … or d, d, d … */
  readonly backoff?: Backoff;
  /** d: before the second attempt; 1 second if absent. */
  readonly delay?: Duration;
  /** No delay is longer; 1 minute if absent. */
  readonly maxDelay?: Duration;
  /** Whether chance takes up to half of each delay, so that many runs do not return at once; true if absent. */
  readonly jitter?: boolean;
  /** Whether `error` of attempt `attempt`, from 1, is worth another one; if absent every error is, but FatalError. */
  readonly when?: (error: unknown, attempt: number) => boolean;
};

/** As it is stored with the step; times in milliseconds. */
export interface RetryPolicy {
  readonly attempts: number;
  readonly backoff: Backoff;
  readonly delay: number;
  readonly maxDelay: number;
  readonly jitter: boolean;
  readonly when?: ((error: unknown, attempt: number) => unknown) | undefined;
}

export function retryPolicy(retry: Retry): RetryPolicy {
  const given = typeof retry === "number" ? { attempts: retry } : retry;
  const { attempts = 5, backoff = "exponential", delay = "1 second", maxDelay = "1 minute", jitter = true, when } = given;
  if (!(attempts >= 1)) throw new InvalidArgumentError("`attempts` of a retry", String(attempts), "a number from 1");
  if (!["exponential", "linear", "constant"].includes(backoff)) {
    throw new InvalidArgumentError("`backoff` of a retry", String(backoff), "\"exponential\", \"linear\" or \"constant\"");
  }
  const policy = { attempts, backoff, delay: milliseconds(delay, "`delay` of a retry"), maxDelay: milliseconds(maxDelay, "`maxDelay` of a retry"), jitter };
  return when === undefined ? policy : { ...policy, when };
}

/** The step says so; or it did its work and gave what cannot be stored, which doing it again would not change. */
const hopeless = ["FATAL", "INVALID_TX", "NOT_SERIALIZABLE", "STORE_WITHOUT_TX", "TOO_LARGE"] as const;

/** When to try again after `attempt` failed with `error`; undefined: the error stands. */
export function nextAttemptAt(policy: RetryPolicy | undefined, attempt: number, error: unknown, env: RunEnv): number | undefined {
  if (policy === undefined || attempt >= policy.attempts || hopeless.some((code) => isDeflowError(error, code))) return undefined;
  if (policy.when !== undefined && !policy.when(error, attempt)) return undefined;
  return env.now() + delayAfter(policy, attempt, env);
}

function delayAfter({ backoff, delay, maxDelay, jitter }: RetryPolicy, attempt: number, env: RunEnv): number {
  const factor = { exponential: 2 ** (attempt - 1), linear: attempt, constant: 1 }[backoff];
  // No delay stays none: 0 times a factor beyond all numbers is not one.
  const whole = delay === 0 ? 0 : Math.min(delay * factor, maxDelay);
  if (!jitter) return whole;
  const { buffer, byteOffset } = env.random(4);
  const chance = new DataView(buffer, byteOffset).getUint32(0) / 2 ** 32;
  return Math.round(whole / 2 + (whole / 2) * chance);
}
