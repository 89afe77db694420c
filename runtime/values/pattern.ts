// Destructuring step by step, for patterns that await inside.

import { append } from "../realm/append.ts";
import { nameOf } from "./call.ts";
import type { Cursor } from "./cursor.ts";
import { ProtocolCursor } from "./cursors/protocol.ts";

/** ECMA-262 RequireObjectCoercible, with the error of an object pattern. */
export function object(value: unknown): void {
  if (value === null || value === undefined) throw new TypeError(`Cannot destructure '${nameOf(value)}' as it is ${nameOf(value)}.`);
}

/** ECMA-262 ToPropertyKey: a computed key is converted where it stands, once. */
export function key(value: unknown): PropertyKey {
  if (typeof value === "symbol" || typeof value === "string") return value;
  const primitive: unknown = typeof value === "object" || typeof value === "function" ? toPrimitive(value) : value;
  return typeof primitive === "symbol" ? primitive : String(primitive);
}

let last: PropertyKey;

/** The key of a property whose value is a function that takes its name from it; `lastKey` is called right after. */
export function nameKey(value: unknown): PropertyKey {
  last = key(value);
  return last;
}

export function lastKey(): PropertyKey {
  return last;
}

/** A computed member name converts its object exactly as a property access does, symbols included. */
function toPrimitive(value: unknown): PropertyKey {
  return Reflect.ownKeys({ [value as PropertyKey]: 0 })[0] as PropertyKey;
}

/** `...rest` of an object pattern: own enumerable properties but those taken. */
export function rest(value: object, taken: readonly PropertyKey[]): object {
  const without = Object.create(null) as { [name: PropertyKey]: true };
  for (let index = 0; index < taken.length; index++) without[taken[index] as PropertyKey] = true;
  const result: Record<PropertyKey, unknown> = {};
  const source = Object(value) as Record<PropertyKey, unknown>;
  const names = Reflect.ownKeys(source);
  for (let index = 0; index < names.length; index++) {
    const name = names[index] as PropertyKey;
    if (without[name] === true || Reflect.getOwnPropertyDescriptor(source, name)?.enumerable !== true) continue;
    Object.defineProperty(result, name, { value: source[name], writable: true, enumerable: true, configurable: true });
  }
  return result;
}

/** The next element of an array pattern; undefined where there is none. */
export function element(cursor: Cursor): unknown {
  return cursor.advance() ? cursor.value : undefined;
}

/** A hole of an array pattern: steps on, and does not ask an iterator's result for its value. */
export function skip(cursor: Cursor): void {
  if (cursor instanceof ProtocolCursor) cursor.skip();
  else cursor.advance();
}

/** `...rest` of an array pattern. */
export function remaining(cursor: Cursor): unknown[] {
  const values: unknown[] = [];
  while (cursor.advance()) append(values, cursor.value);
  return values;
}
