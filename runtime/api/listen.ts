// listen(): waits for input from outside.

import { currentRun } from "../strands/current.ts";
import { type Duration, durationText, milliseconds } from "../realm/duration.ts";
import { operate } from "../run/operations.ts";
import { permitHash } from "../run/token.ts";
import type { Context } from "./context.ts";
import type { Durable } from "./durable.ts";

/** Of `listen()`. With `default` beside them the wait gives that after `timeout`, `null` and `undefined` included. */
export interface ListenOptions {
  /** A secret of the flow's: whoever answers must pass the same text. Stored as its SHA-256 hash, compared in constant time. Default: none is asked for. */
  readonly permit?: string;
  /** How long to wait, from the call on; never less. Without `default` the wait then throws TimeoutError. Default: for ever. */
  readonly timeout?: Duration;
  /** The question, for whoever shows the wait to people: anything that can be stored. Default: none. */
  readonly prompt?: unknown;
  /** What else they need: anything that can be stored. Default: none. */
  readonly metadata?: unknown;
  /** The name of this wait in `run.waits`, and of its resume point: it stays when the code around it changes. Default: the point is named after the context. */
  readonly label?: string;
}

/** The context of a `listen()` that names none. */
const defaultContext = "input";

/**
 * Waits for input for `context`, which `engine.continue` and `engine.send` give, and gives what its schema makes of it. A context may be given by
 * its name, and then gives `unknown`; absent, it is "input". After `timeout` the wait gives `default`, where there is one.
 * @throws NotInRunError; InvalidArgumentError for a timeout that is no duration, or a permit that is no text. The wait: TimeoutError after
 * `timeout` without `default`; CancelledError.
 */
export function listen<T, D>(context: Context<T, unknown>, options: ListenOptions & { readonly default: D }): Durable<T | D>;
export function listen<T>(context: Context<T, unknown>, options?: ListenOptions): Durable<T>;
export function listen(context?: string, options?: ListenOptions & { readonly default?: unknown }): Durable<unknown>;
export function listen(
  context: Context<unknown> | string = defaultContext,
  options: ListenOptions & { readonly default?: unknown } = {},
): Durable<unknown> {
  const run = currentRun("listen()");
  const { permit, timeout, prompt, metadata, label } = options;
  return operate(run, {
    kind: "listen",
    context: typeof context === "string" ? context : context.name,
    permit: permit === undefined ? undefined : permitHash(permit),
    prompt,
    metadata,
    label,
    ...(timeout === undefined ? {} : { timeout: durationText(timeout), at: run.env.now() + milliseconds(timeout, "The timeout of listen()") }),
    ...("default" in options ? { default: { value: options.default } } : {}),
  });
}
