// callback(): a promise that whoever holds its token settles, once.

import { showToken } from "../promises/durable.ts";
import { currentRun } from "../strands/current.ts";
import { type Duration, durationText, milliseconds } from "../realm/duration.ts";
import { operate } from "../run/operations.ts";
import { newToken } from "../run/token.ts";
import type { Context } from "./context.ts";
import type { Durable } from "./durable.ts";

export interface Callback<T> extends Durable<T> {
  /** 64 hexadecimal digits. Whoever knows them settles the promise; they work once, while it is pending. */
  readonly token: string;
}

/** Of `callback()`. */
export interface CallbackOptions<T> {
  /** How long it may stay pending, from the call on: then it is rejected with TimeoutError. Default: for ever. */
  readonly timeout?: Duration;
  /** The context whose schema checks what `engine.settle` gives, and whose output the promise gives. Default: anything is taken as it is. */
  readonly schema?: Context<T, unknown>;
}

/**
 * A promise that whoever holds its `token` settles: by `engine.settle(token, data)`, or `resume(frame, { token, data })`.
 * @throws NotInRunError; InvalidArgumentError for a timeout that is no duration. The wait: TimeoutError after `timeout`; CancelledError.
 */
export function callback<T = unknown>({ timeout, schema }: CallbackOptions<T> = {}): Callback<T> {
  const run = currentRun("callback()");
  const promise = operate(run, {
    kind: "callback",
    token: newToken(run.env),
    schema: schema?.name,
    ...(timeout === undefined ? {} : { timeout: durationText(timeout), at: run.env.now() + milliseconds(timeout, "The timeout of callback()") }),
  });
  showToken(promise);
  return promise as unknown as Callback<T>;
}
