// Iterators that can be stored, for `for..of` and destructuring across a wait. A collection whose iteration is the built-in
// one is walked by a cursor of ours with the built-in's live semantics; anything else is driven by the protocol, and can be
// stored if its iterator can.

import { ArrayCursor, isTypedArray, typedLength } from "./cursors/array.ts";
import { CollectionCursor } from "./cursors/collection.ts";
import type { Cursor } from "./cursors/cursor.ts";
import { KeyCursor } from "./cursors/keys.ts";
import { ProtocolCursor } from "./cursors/protocol.ts";
import { StringCursor } from "./cursors/string.ts";
import { nameOf } from "./call.ts";
import * as pristine from "./cursors/pristine.ts";

export type { Cursor };
type Walk = "keys" | "values" | "entries";

export function isCursor(value: unknown): value is Cursor {
  return value instanceof ArrayCursor || value instanceof StringCursor || value instanceof CollectionCursor || value instanceof KeyCursor || value instanceof ProtocolCursor;
}

/** What `for (… of iterable)` gets, or with `walk` what `for (… of iterable[walk]())` gets. */
export function iterate(iterable: unknown, walk?: Walk): Cursor {
  if (iterable === null || iterable === undefined) throw new TypeError(`${nameOf(iterable)} is not iterable`);
  if (walk !== undefined) return iterateBy(iterable as Walkable, walk);
  const method = (iterable as { [Symbol.iterator]?: unknown })[Symbol.iterator];
  if (typeof method !== "function") throw new TypeError(`${nameOf(iterable)} is not iterable`);
  return builtIn(iterable, method, pristine.defaultWalk(method)) ?? protocol(iterable, method as () => unknown);
}

type Walkable = Record<Walk, unknown> & object;

function iterateBy(iterable: Walkable, walk: Walk): Cursor {
  const method = iterable[walk];
  if (typeof method !== "function") throw new TypeError(`${nameOf(iterable)}.${walk} is not a function`);
  const known = builtIn(iterable, method, walk);
  if (known !== undefined && pristine.iteratorReturnsItself()) return known;
  return iterate(Reflect.apply(method, iterable, []));
}

function builtIn(iterable: unknown, method: unknown, walk: Walk | undefined): Cursor | undefined {
  if (walk === undefined) return undefined;
  if (pristine.isArrayMethod(method, walk)) {
    return new ArrayCursor(Object(iterable) as ArrayLike<unknown>, walk);
  }
  if (pristine.isTypedArrayMethod(method, walk) && isTypedArray(iterable)) {
    typedLength(iterable);
    return new ArrayCursor(iterable, walk);
  }
  if (pristine.isMapMethod(method, walk) && iterable instanceof Map) return new CollectionCursor(iterable, walk);
  if (pristine.isSetMethod(method, walk) && iterable instanceof Set) return new CollectionCursor(iterable, walk);
  if (pristine.isStringMethod(method) && typeof iterable === "string") return new StringCursor(iterable);
  return undefined;
}

function protocol(iterable: unknown, method: (...args: never[]) => unknown): Cursor {
  const iterator: unknown = Reflect.apply(method, iterable, []);
  if ((typeof iterator !== "object" || iterator === null) && typeof iterator !== "function") {
    throw new TypeError("Result of the Symbol.iterator method is not an object");
  }
  return new ProtocolCursor(iterator, (iterator as { next?: unknown }).next);
}

/** What `for (… in object)` gets. */
export function keys(object: unknown): Cursor {
  return KeyCursor.of(object);
}

/** Steps on; true: `cursor.value` is the next value. */
export function advance(cursor: Cursor): boolean {
  return cursor.advance();
}

/** Leaves a loop early by `break`, `return` or an outer `continue`. */
export function close(cursor: Cursor): void {
  cursor.close();
}

/** Leaves a loop by an exception, which wins over whatever closing throws. */
export function abandon(cursor: Cursor): void {
  cursor.abandon();
}
