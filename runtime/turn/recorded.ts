// What a step gave, as the run will have it: read back from its text, so that it is the same now and after a stop.

import { decode } from "../codec/decode.ts";
import { encode } from "../codec/encode.ts";
import { deepestCause, textOf } from "../record/error-info.ts";
import { codecOf } from "../record/kinds/index.ts";
import type { RunEnv } from "../run/step.ts";

/** Throws NotSerializableError, TooLargeError. */
export function recordedValue(value: unknown, env: RunEnv): unknown {
  const options = codecOf(env);
  return decode(encode({ value }, options), options)["value"];
}

/** An error is recorded whatever it carries: fields that cannot be stored are left out, an unknown class becomes its name. */
export function recordedError(error: unknown, env: RunEnv, depth = 0): unknown {
  const whole = attempt(() => error, env);
  if (whole !== undefined) return whole.value;
  if (!(error instanceof Error)) return new Error(textOf(() => error));
  const plain = new Error(textOf(() => error.message));
  define(plain, "name", textOf(() => error.name));
  define(plain, "stack", textOf(() => error.stack ?? ""));
  if ("cause" in error && depth < deepestCause) define(plain, "cause", recordedError(error.cause, env, depth + 1));
  for (const name of Object.keys(error)) {
    const field = attempt(() => (error as unknown as Record<string, unknown>)[name], env);
    if (field !== undefined && !(name in plain)) Object.defineProperty(plain, name, { value: field.value, writable: true, enumerable: true, configurable: true });
  }
  return plain;
}

/** Undefined for what cannot be read or stored, for whatever reason: its error must not take the place of the one at hand. */
function attempt(read: () => unknown, env: RunEnv): { readonly value: unknown } | undefined {
  try {
    return { value: recordedValue(read(), env) };
  } catch {
    return undefined;
  }
}

function define(error: Error, name: string, value: unknown): void {
  Object.defineProperty(error, name, { value, writable: true, enumerable: false, configurable: true });
}
