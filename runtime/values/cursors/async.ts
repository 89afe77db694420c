// The iteration of `for await`: the machine awaits what `step` gives and asks `more` what it was.
//
//   step ──► await ──► more ──► body        an async iterator: its `next()`, then the result object
//                                           a synchronous one: its value itself (ECMA-262 %AsyncFromSyncIterator%)
//   leaving early:  closing ──► await result ──► closed

import { closesFailedSyncIterators, closesSyncIterators } from "./closes-sync.ts";
import type { Cursor } from "./cursor.ts";
import { ProtocolCursor } from "./protocol.ts";
import { nameOf } from "../call.ts";
import { iterate } from "../cursor.ts";
import { durableOf } from "../../promises/durable.ts";
import { isOperation } from "../../run/operations.ts";
import { following, orClose } from "../../promises/reactions.ts";
import { oneClass } from "../../realm/shared.ts";

class OwnAsyncCursor {
  /** Of a synchronous collection. */
  cursor: Cursor | undefined;
  /** Of an async iterator, whose `next` is read once. */
  iterator: unknown;
  next: unknown;
  value: unknown = undefined;
  done = false;
  /** What the iterator's `return` gave, while it is awaited. */
  result: unknown = undefined;

  constructor(cursor: Cursor | undefined, iterator: unknown, next: unknown) {
    this.cursor = cursor;
    this.iterator = iterator;
    this.next = next;
  }
}

export type AsyncCursor = OwnAsyncCursor;
export const AsyncCursor = oneClass("AsyncCursor", OwnAsyncCursor);

export function iterateAsync(iterable: unknown): AsyncCursor {
  if (iterable === null || iterable === undefined) throw new TypeError(`${nameOf(iterable)} is not async iterable`);
  const method: unknown = (iterable as { [Symbol.asyncIterator]?: unknown })[Symbol.asyncIterator];
  if (method === undefined || method === null) return new AsyncCursor(iterate(iterable), undefined, undefined);
  if (typeof method !== "function") throw new TypeError(`${nameOf(method)} is not a function`);
  const iterator: unknown = Reflect.apply(method, iterable, []);
  if (!isObject(iterator)) throw new TypeError("Result of the Symbol.asyncIterator method is not an object");
  return new AsyncCursor(undefined, iterator, iterator["next"]);
}

/** What to await for the next value. */
export function stepAsync(cursor: AsyncCursor): unknown {
  if (cursor.cursor) return stepSync(cursor, cursor.cursor);
  if (typeof cursor.next !== "function") throw new TypeError(`${nameOf(cursor.next)} is not a function`);
  return Reflect.apply(cursor.next, cursor.iterator, []);
}

/** The value of a synchronous iterator is awaited; in a promise of its own, it takes the ticks of the wrapper's result object. */
function stepSync(cursor: AsyncCursor, source: Cursor): unknown {
  const protocol = source instanceof ProtocolCursor ? source : undefined;
  cursor.done = protocol === undefined ? !source.advance() : !advanced(protocol);
  const { value } = source;
  const closes = protocol !== undefined && !cursor.done && closesSyncIterators() ? protocol : undefined;
  const own = durableOf(value);
  if (own !== undefined) {
    if (closes !== undefined) return orClose(own, closes).native;
    // After a stop no ticks are promised, so who waits for an operation is seen to.
    return isOperation(own.by) ? value : following(own).native;
  }
  return settled(value, closes);
}

function advanced(source: ProtocolCursor): boolean {
  try {
    return source.advance(true);
  } catch (error) {
    if (closesFailedSyncIterators()) source.leave();
    throw error;
  }
}

async function settled(value: unknown, closes: ProtocolCursor | undefined): Promise<unknown> {
  try {
    return await value;
  } catch (error) {
    closes?.abandon();
    throw error;
  }
}

/** Whether there is a value, now that what `step` gave is settled as `settled`. */
export function more(cursor: AsyncCursor, settled: unknown): boolean {
  if (cursor.cursor) {
    cursor.value = settled;
    return !cursor.done;
  }
  if (!isObject(settled)) throw new TypeError(`Iterator result ${nameOf(settled)} is not an object`);
  cursor.done = Boolean(settled["done"]);
  if (!cursor.done) cursor.value = settled["value"];
  return !cursor.done;
}

/** Leaves early; true: `result` is to be awaited. */
export function closing(cursor: AsyncCursor): boolean {
  if (cursor.cursor) {
    cursor.cursor.close();
    cursor.result = Promise.resolve({});
    return true;
  }
  const method = (cursor.iterator as { return?: unknown }).return;
  if (method === undefined || method === null) return false;
  if (typeof method !== "function") throw new TypeError(`${nameOf(method)} is not a function`);
  cursor.result = Reflect.apply(method, cursor.iterator, []);
  return true;
}

/** Leaves by an exception, which wins over whatever closing throws. */
export function quitting(cursor: AsyncCursor): boolean {
  try {
    return closing(cursor);
  } catch {
    return false;
  }
}

export function closed(result: unknown): void {
  if (!isObject(result)) throw new TypeError(`${nameOf(result)} is not an object`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}
