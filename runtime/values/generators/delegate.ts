// The inner iteration of a `yield*` in a generator that is not async (ECMA-262 15.5.5): what reaches the outer generator is
// passed on, and the inner's results are handed out as they are.

import { nameOf } from "../call.ts";
import type { Cursor } from "../cursors/cursor.ts";
import { ProtocolCursor } from "../cursors/protocol.ts";
import type { Mode } from "./machine.ts";

/** The inner iteration is over: how the generator goes on after the `yield*`. */
interface Over {
  readonly mode: Mode;
  readonly value: unknown;
}

type Result = IteratorResult<unknown, unknown>;

/** Gives the result, of an iterator by the protocol not looked at, or that it is over. Throws what the inner iterator throws. */
export function passOn(cursor: Cursor, mode: Mode, value: unknown): { readonly result: Result } | Over {
  if (!(cursor instanceof ProtocolCursor)) return walk(cursor, mode, value);
  const method = mode === "next" ? cursor.next : methodOf(cursor.iterator, mode);
  if (method === undefined) return missing(cursor.iterator, mode, value);
  if (typeof method !== "function") throw new TypeError(`${nameOf(method)} is not a function`);
  return { result: Reflect.apply(method, cursor.iterator, [value]) as Result };
}

/** A collection of the language has an iterator with nothing but `next`. */
function walk(cursor: Cursor, mode: Mode, value: unknown): { readonly result: Result } | Over {
  if (mode !== "next") return missing(cursor, mode, value);
  return cursor.advance() ? { result: { value: cursor.value, done: false } } : { mode: "next", value: undefined };
}

function missing(iterator: unknown, mode: Mode, value: unknown): Over {
  if (mode === "return") return { mode, value };
  if ("return" in (iterator as object)) {
    const close = methodOf(iterator, "return");
    if (close !== undefined && !isObject(Reflect.apply(close, iterator, []))) throw new TypeError("The result of the iterator's return is not an object");
  }
  throw new TypeError("The iterator does not provide a 'throw' method.");
}

/** ECMA-262 GetMethod. */
export function methodOf(object: unknown, name: string): ((...args: unknown[]) => unknown) | undefined {
  const method = (object as Record<string, unknown>)[name];
  if (method === undefined || method === null) return undefined;
  if (typeof method !== "function") throw new TypeError(`${nameOf(method)} is not a function`);
  return method as (...args: unknown[]) => unknown;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}
