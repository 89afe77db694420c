// step(): a side effect whose result is recorded. step.once(): the same, at most once. step.tx(): the
// same, in the transaction of the store.

import { currentRun } from "../strands/current.ts";
import { type Duration, milliseconds } from "../realm/duration.ts";
import { InvalidArgumentError, NeedsEngineError } from "../errors/run.ts";
import { operate } from "../run/operations.ts";
import { type Retry, retryPolicy } from "../run/retry.ts";
import type { LiveRun } from "../run/step.ts";
import { runUnrecorded } from "./unrecorded.ts";
import type { TxContext } from "../turn/transaction.ts";
import type { Durable } from "./durable.ts";
import type { Log } from "./log.ts";
import type { Register } from "./respond.ts";

/** What a step's function is called with: `step("pay", async ({ key, signal }) => …)`. */
export interface StepContext {
  /** The same at every attempt: give it to whoever can recognise a repetition. */
  readonly key: string;
  /** From 1. Attempts that a crash cut off count. */
  readonly attempt: number;
  /** Aborts when the step times out or its run is cancelled or over. */
  readonly signal: AbortSignal;
  /** Higher in every later attempt by another worker: what is written with a lower one is stale. */
  readonly fence: number;
  /** As `run.log`, with the step's name and attempt. */
  readonly log: Log;
  /** Says that the step is alive: see `heartbeat` of StepOptions. Throws the signal's reason once the attempt has been given up. */
  heartbeat(): void;
}

/** Of `step()`. Times are durations: milliseconds as a number, or a text like "30 seconds". */
export interface StepOptions {
  /**
   * How often the step is tried. Absent: an attempt that fails is the last, one that a crash cuts off is made again. A number: so many attempts in
   * all, those that were cut off among them, with delays of 1 s, 2 s, 4 s … up to 1 minute, half of each by chance.
   */
  readonly retry?: Retry;
  /** Of one attempt: then it fails with TimeoutError, its signal is aborted, and what it gives later is dropped. Default: none. */
  readonly timeout?: Duration;
  /** An attempt that does not call `heartbeat()` for so long fails with TimeoutError, as after `timeout`. Default: it need not call it. */
  readonly heartbeat?: Duration;
  /**
   * False: runs at once and leaves no trace, so it may capture what cannot be stored; it has no retries, and happens again where its turn
   * is made again. Default: true.
   */
  readonly record?: boolean;
  /** The name of its resume point, where released code has equal ones and an edit makes unclear which is which. Default: it is named after the step. */
  readonly label?: string;
}

/** Of step.once. */
export type StepOnceOptions = Pick<StepOptions, "timeout" | "heartbeat" | "label">;

/** Of step.tx. */
export type StepTxOptions = Pick<StepOptions, "retry" | "label">;

/** What a step does. It may be async; what it gives is stored, and so are the variables that it captures. */
export type StepFunction<T> = (context: StepContext) => T;

/**
 * A side effect, whose result is stored: it is at hand at once when the run goes on after a stop. Happens at least once, under one
 * key. `name` is that of the function if it is left out.
 * @throws what `fn` throws at its last attempt; StepOutcomeUnknownError when with `retry` the last attempt was cut off by a crash;
 * TimeoutError; NotSerializableError for a result or a captured variable that cannot be stored.
 */
export function step<T>(fn: StepFunction<T>, options?: StepOptions): Durable<Awaited<T>>;
export function step<T>(name: string, fn: StepFunction<T>, options?: StepOptions): Durable<Awaited<T>>;
export function step(first: unknown, second?: unknown, third?: unknown): unknown {
  const { run, name, fn, options, times } = called("step", first, second, third);
  if (options.record === false) return runUnrecorded(run, name, fn);
  const retry = options.retry === undefined ? undefined : retryPolicy(options.retry);
  return operate(run, { kind: "step", name, fn, attempt: 1, retry, ...times });
}

/** A step that happens at most once. */
step.once = once as StepOnce;
/** A step in the store's own transaction, which happens exactly once. */
step.tx = tx as StepTx;

/**
 * A step that happens at most once. That it begins is stored before it does; if it is then cut off by a crash, it is not made again.
 * @throws what `fn` throws; StepOutcomeUnknownError when it was cut off, or timed out, for then it may still happen; NotSerializableError
 * as `step`.
 */
export interface StepOnce {
  <T>(fn: StepFunction<T>, options?: StepOnceOptions): Durable<Awaited<T>>;
  <T>(name: string, fn: StepFunction<T>, options?: StepOnceOptions): Durable<Awaited<T>>;
}

function once(first: unknown, second?: unknown, third?: unknown): unknown {
  const { run, name, fn, options, times } = called("step.once", first, second, third);
  for (const option of ["retry", "record"] as const) {
    if (options[option] !== undefined) throw new InvalidArgumentError(`\`${option}\` of step.once(${name})`, "given", "left out: it is stored, and made once");
  }
  return operate(run, { kind: "step", name, fn, attempt: 1, once: true, ...times });
}

/** What step.tx gives unless its function says: declare `interface Register { client: PoolClient }` in module "deflow". */
type Client = Register extends { readonly client: infer C } ? C : unknown;

/**
 * A step inside the store's own transaction: what `fn` writes with `client` and its result are stored in one commit, so it happens
 * exactly once. On SQLite `client` is the store's database handle, and `fn` must not be async. It is valid inside `fn` only.
 * @throws what `fn` throws, when it has been rolled back; NeedsEngineError; StoreWithoutTxError; InvalidTxError.
 */
// Named, for declarations are made of the type of a property: there `Client` would be what it is without anybody's `Register`.
export interface StepTx {
  <T, C = Client>(fn: (client: C, context: TxContext) => T, options?: StepTxOptions): Durable<Awaited<T>>;
  <T, C = Client>(name: string, fn: (client: C, context: TxContext) => T, options?: StepTxOptions): Durable<Awaited<T>>;
}

function tx(first: unknown, second?: unknown, third?: unknown): unknown {
  const { run, name, fn, options } = called("step.tx", first, second, third);
  if (!run.env.engine) throw new NeedsEngineError("step.tx()", { runId: run.id });
  for (const option of ["timeout", "heartbeat", "record"] as const) {
    if (options[option] !== undefined) throw new InvalidArgumentError(`\`${option}\` of step.tx(${name})`, "given", "left out: the transaction has none");
  }
  const retry = options.retry === undefined ? undefined : retryPolicy(options.retry);
  return operate(run, { kind: "step", name, fn, attempt: 1, tx: true, retry });
}

interface Called {
  readonly run: LiveRun;
  readonly name: string;
  readonly fn: StepFunction<unknown>;
  readonly options: StepOptions;
  /** Milliseconds. */
  readonly times: { readonly timeout?: number | undefined; readonly heartbeat?: number | undefined };
}

/** What the three of them have in common. */
function called(operation: string, first: unknown, second: unknown, third: unknown): Called {
  const run = currentRun(`${operation}()`);
  const [name, fn, options] = typeof first === "string"
    ? [first, second, (third ?? {}) as StepOptions]
    : [(first as { name?: string } | undefined)?.name || "step", first, (second ?? {}) as StepOptions];
  if (typeof fn !== "function") throw new InvalidArgumentError(`The function of ${operation}(${name})`, typeof fn, "a function");
  const time = (option: "timeout" | "heartbeat"): number | undefined =>
    options[option] === undefined ? undefined : milliseconds(options[option], `The ${option} of ${operation}(${name})`);
  return { run, name, fn: fn as StepFunction<unknown>, options, times: { timeout: time("timeout"), heartbeat: time("heartbeat") } };
}
