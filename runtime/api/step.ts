// step(): a side effect whose result is recorded.

import { currentRun } from "../current.ts";
import { type Duration, milliseconds } from "../duration.ts";
import { InvalidArgumentError } from "../errors/run.ts";
import { operate } from "../operations.ts";
import { type Retry, retryPolicy } from "../retry.ts";
import { runUnrecorded } from "../unrecorded.ts";
import type { Durable } from "./durable.ts";

export interface StepContext {
  /** The same at every attempt: give it to whoever can recognise a repetition. */
  readonly key: string;
  /** From 1. */
  readonly attempt: number;
  /** Aborts when the step times out or its run is cancelled or over. */
  readonly signal: AbortSignal;
  /** Higher in every later attempt by another worker: what is written with a lower one is stale. */
  readonly fence: number;
  log(...values: unknown[]): void;
  /** Says that the step is alive, and keeps the run for this worker. */
  heartbeat(): void;
}

export interface StepOptions {
  /** Absent: one attempt. A number: so many, with delays of 1 s, 2 s, 4 s … up to 1 minute, half of each by chance. */
  readonly retry?: Retry;
  /** Of one attempt. */
  readonly timeout?: Duration;
  /** False: runs at once and leaves no trace, so it may capture what cannot be stored; it has no retries. */
  readonly record?: boolean;
}

type StepFunction<T> = (context: StepContext) => T;

export function step<T>(fn: StepFunction<T>, options?: StepOptions): Durable<Awaited<T>>;
export function step<T>(name: string, fn: StepFunction<T>, options?: StepOptions): Durable<Awaited<T>>;
export function step(first: unknown, second?: unknown, third?: unknown): unknown {
  const run = currentRun("step()");
  const [name, fn, options] = typeof first === "string"
    ? [first, second, (third ?? {}) as StepOptions]
    : [(first as { name?: string } | undefined)?.name || "step", first, (second ?? {}) as StepOptions];
  if (typeof fn !== "function") throw new InvalidArgumentError(`The function of step(${name})`, typeof fn, "a function");
  const timeout = options.timeout === undefined ? undefined : milliseconds(options.timeout, `The timeout of step(${name})`);
  if (options.record === false) return runUnrecorded(run, name, fn as StepFunction<unknown>);
  const retry = options.retry === undefined ? undefined : retryPolicy(options.retry);
  return operate(run, { kind: "step", name, fn: fn as StepFunction<unknown>, attempt: 1, retry, timeout });
}
