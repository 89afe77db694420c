// listen(): waits for input from outside.

import { currentRun } from "../current.ts";
import { type Duration, durationText, milliseconds } from "../duration.ts";
import { operate } from "../operations.ts";
import { permitHash } from "../token.ts";
import type { Context } from "./context.ts";
import type { Durable } from "./durable.ts";

export interface ListenOptions {
  /** Who answers must pass the same. */
  readonly permit?: string;
  /** How long to wait. Without `default` the wait then throws TimeoutError. */
  readonly timeout?: Duration;
  /** For whoever shows the wait to people. */
  readonly prompt?: unknown;
  readonly metadata?: unknown;
  /** A stable name of this wait in the flow. */
  readonly label?: string;
}

/** The context of a `listen()` that names none. */
export const defaultContext = "input";

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
