// The inner iteration of a `yield*` in an async generator (ECMA-262 15.5.5 and %AsyncFromSyncIteratorPrototype%): each result is
// awaited; of an iterator that is not async the value is awaited first.

import { nameOf } from "../call.ts";
import type { AsyncCursor } from "../cursors/async.ts";
import { closesFailedSyncIterators, closesSyncIterators } from "../cursors/closes-sync.ts";
import type { Cursor } from "../cursors/cursor.ts";
import { ProtocolCursor } from "../cursors/protocol.ts";
import type { AsyncActivation } from "./async.ts";
import { isObject, methodOf } from "./delegate.ts";
import { deliver, run, waitFor } from "./drive.ts";
import type { Mode } from "./machine.ts";

/** Passes a request on. What fails on the way is thrown at the `yield*`. */
export function pass(generator: AsyncActivation, mode: Mode, value: unknown): unknown {
  const delegate = generator.delegate as AsyncCursor;
  generator.received = mode;
  if (delegate.cursor !== undefined) return passToSync(generator, delegate.cursor, mode, value);
  let result: unknown;
  try {
    const method = mode === "next" ? delegate.next : methodOf(delegate.iterator, mode);
    if (method === undefined && mode !== "next") return missing(generator, delegate.iterator, mode, value);
    if (typeof method !== "function") throw new TypeError(`${nameOf(method)} is not a function`);
    result = Reflect.apply(method, delegate.iterator, [value]);
  } catch (error) {
    return run(generator, "throw", error);
  }
  return waitFor(generator, "inner", result);
}

/** Without a `return` the generator itself is left; without a `throw` the iterator is closed, and that is an error. */
function missing(generator: AsyncActivation, iterator: unknown, mode: Mode, value: unknown): unknown {
  if (mode === "return") {
    generator.delegate = undefined;
    return waitFor(generator, "leaving", value);
  }
  const close = methodOf(iterator, "return");
  if (close === undefined) throw violation();
  return waitFor(generator, "closing", Reflect.apply(close, iterator, []));
}

function violation(): TypeError {
  return new TypeError("The iterator does not provide a 'throw' method.");
}

/** What to throw when the iterator is closed for want of a `throw`. */
export function closed(result: unknown): TypeError {
  return isObject(result) ? violation() : new TypeError(`${nameOf(result)} is not an object`);
}

/** The delegate's result, awaited: a value to hand out as it is, or the end. */
export function handedOut(generator: AsyncActivation, result: unknown): unknown {
  let done: boolean;
  let value: unknown;
  try {
    if (!isObject(result)) throw new TypeError(`Iterator result ${nameOf(result)} is not an object`);
    done = Boolean(result["done"]);
    value = result["value"];
  } catch (error) {
    return run(generator, "throw", error);
  }
  if (!done) return deliver(generator, value);
  return run(generator, generator.received === "return" ? "return" : "next", value);
}

/** The result that the wrapper of an iterator which is not async makes of an awaited value. */
export function wrapped({ ended }: AsyncActivation, value: unknown): IteratorResult<unknown, unknown> {
  return { value, done: ended };
}

/** The wrapper's methods fail by a rejected promise. */
function passToSync(generator: AsyncActivation, cursor: Cursor, mode: Mode, value: unknown): unknown {
  let result: unknown;
  let asked = false;
  try {
    const method = cursor instanceof ProtocolCursor ? (mode === "next" ? cursor.next : (cursor.iterator as Record<Mode, unknown>)[mode]) : undefined;
    if (mode !== "next" && (method === undefined || method === null)) {
      if (mode === "throw") throw closesSyncIterators() ? withoutThrow(cursor) : value;
      return waitFor(generator, "inner", { value, done: true });
    }
    asked = true;
    result = cursor instanceof ProtocolCursor ? called(cursor.iterator, method, value) : { done: !cursor.advance(), value: cursor.value };
    generator.ended = Boolean((result as { done?: unknown }).done);
    result = (result as { value?: unknown }).value;
  } catch (error) {
    if (asked && mode !== "return" && closesFailedSyncIterators()) cursor.abandon();
    return waitFor(generator, "inner", Promise.reject(error));
  }
  return waitFor(generator, "value", result);
}

/** An iterator without a `throw` is closed, which may fail itself. */
function withoutThrow(cursor: Cursor): TypeError {
  cursor.close();
  return violation();
}

/** The value of an iterator that is not async was rejected. */
export function valueRejected(generator: AsyncActivation, error: unknown): unknown {
  const cursor = generator.delegate?.cursor;
  if (!generator.ended && generator.received !== "return" && closesSyncIterators()) cursor?.abandon();
  return waitFor(generator, "inner", Promise.reject(error));
}

function called(iterator: unknown, method: unknown, value: unknown): object {
  if (typeof method !== "function") throw new TypeError(`${nameOf(method)} is not a function`);
  const result: unknown = Reflect.apply(method, iterator, [value]);
  if (!isObject(result)) throw new TypeError(`Iterator result ${nameOf(result)} is not an object`);
  return result;
}
