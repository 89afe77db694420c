// Objects and arrays: the plain ones, and the forms of them that JSON cannot say.
//
//   plain object, dense array    themselves
//   sparse array                 {"$sp":[length, [[index, value], …]]}
//   no prototype                 {"$0":{fields}}
//   frozen, sealed, fixed        {"$z":["frozen", value]}

import { define, indexPayload, listPayload, objectPayload, readFields, writeFields } from "./fields.ts";
import { corrupt, refuse, via, type Json, type Kind, type Write } from "./kind.ts";
import { exceed } from "./limits.ts";

/** `present` are the keys of its elements. */
export function writeArray(array: readonly unknown[], write: Write, present: readonly string[]): Json {
  const { length } = array;
  if (present.length < length) return { $sp: sparseEntries(array, present, write) };
  const list: Json[] = [];
  for (let index = 0; index < length; index++) list.push(write(elementOf(array, index), index));
  return list;
}

export const sparse: Kind<unknown[]> = {
  tag: "$sp",
  encode: (value, write) => sparseEntries(value, Object.keys(value), write),
  create(payload) {
    const array: unknown[] = [];
    array.length = indexPayload(listPayload(payload)[0], 2 ** 32);
    return array;
  },
  fill(array, payload, read) {
    const [, entries, ...more] = listPayload(payload);
    if (more.length > 0) corrupt("a sparse array must be its length and its entries");
    for (const entry of listPayload(entries)) {
      const [index, part, ...rest] = listPayload(entry);
      if (part === undefined || rest.length > 0) corrupt("an entry of a sparse array must be an index and a value");
      const at = indexPayload(index, array.length);
      define(array, at, read(part, at));
    }
  },
};

export const bare: Kind = {
  tag: "$0",
  encode: (value, write) => writeFields(value, write),
  create(payload) {
    objectPayload(payload);
    return Object.create(null) as object;
  },
  fill: (value, payload, read) => readFields(payload, value, read),
};

const marks = new Map<Json, (value: object) => object>([
  ["frozen", Object.freeze],
  ["sealed", Object.seal],
  ["fixed", Object.preventExtensions],
]);

/** V8 takes sealed arrays, functions and errors for frozen: it passes over the properties that it computes. */
function isFrozen(value: object): boolean {
  return Object.isFrozen(value) && computed.every((key) => Object.getOwnPropertyDescriptor(value, key)?.writable !== true);
}

const computed = ["length", "prototype", "stack"] as const;

/** The mark of a value that takes no more properties. */
export function markOf(value: object): string {
  return isFrozen(value) ? "frozen" : Object.isSealed(value) ? "sealed" : "fixed";
}

export const marked: Kind = {
  tag: "$z",
  encode: (value) => value as Json,
  create(payload, read) {
    const [mark, part, ...more] = listPayload(payload);
    if (part === undefined || more.length > 0 || !marks.has(mark ?? null)) corrupt("a mark must be frozen, sealed or fixed, and a value");
    return read.own(part ?? null, via(""));
  },
  finish: (value, payload) => closeAs(value, listPayload(payload)[0] ?? null),
};

/** Takes from `value` what its mark says. */
export function closeAs(value: object, mark: Json): void {
  if (ArrayBuffer.isView(value)) closeView(value, mark);
  else marks.get(mark)?.(value);
}

/** Some versions of V8 refuse to seal a view with elements, which is closed all the same: its elements stay as they are. */
function closeView(view: ArrayBufferView, mark: Json): void {
  Object.preventExtensions(view);
  if (mark === "fixed") return;
  for (const key of Reflect.ownKeys(view)) {
    if (typeof key === "string" && isIndex(key, Number.MAX_SAFE_INTEGER)) continue;
    Object.defineProperty(view, key, mark === "frozen" && "value" in (Object.getOwnPropertyDescriptor(view, key) as PropertyDescriptor) ? { writable: false, configurable: false } : { configurable: false });
  }
}

/** Holes that a sparse array declares beyond its entries; the reader adds them up before any is allocated. */
export function holesOf(payload: Json): number {
  const [length, entries] = listPayload(payload);
  return indexPayload(length, 2 ** 32) - listPayload(entries).length;
}

function sparseEntries(array: readonly unknown[], present: readonly string[], write: Write): Json {
  return [array.length, present.map((key) => [Number(key), write(elementOf(array, Number(key)), Number(key))])];
}

function elementOf(array: readonly unknown[], index: number): unknown {
  const property = Object.getOwnPropertyDescriptor(array, index);
  if (property === undefined) return refuse("an array that changed while it was read");
  if (!("value" in property)) return refuse(`an array with a getter or setter at ${index}`);
  const { writable, enumerable, configurable } = property;
  if (!enumerable || ((!writable || !configurable) && !Object.isFrozen(array) && !(writable && Object.isSealed(array)))) refuse(`an array whose element ${index} is hidden, read-only or fixed`, "Freeze the whole array, or keep a plain one.");
  return property.value;
}

/** The keys of properties that are no elements. `present` are all that are shown. */
export function extrasOf(array: readonly unknown[], present: readonly string[]): readonly PropertyKey[] {
  // Index keys come first, so that an extra property is the last key. Hidden extras exist on template objects, which are
  // frozen; listing all names costs four times as much as the keys.
  const last = present.at(-1);
  const length = Object.getOwnPropertyDescriptor(array, "length") as PropertyDescriptor;
  if (length.writable !== true && !Object.isFrozen(array)) refuse("an array whose length is read-only", "Freeze the whole array, or keep a plain one.");
  const shown = last !== undefined && !isIndex(last, array.length);
  if (!shown && Object.isExtensible(array) && Object.getOwnPropertySymbols(array).length === 0 && Object.getOwnPropertyNames(array).length === present.length + 1) return none;
  const hidden = Object.getOwnPropertyNames(array).find((key) => isIndex(key, array.length) && !Object.prototype.propertyIsEnumerable.call(array, key));
  if (hidden !== undefined) refuse(`an array whose element ${hidden} is hidden`, "Keep a plain array.");
  return Reflect.ownKeys(array).filter((key) => key !== "length" && (typeof key === "symbol" || !isIndex(key, array.length)));
}

const none: readonly PropertyKey[] = [];

export function isIndex(key: string, length: number): boolean {
  return /^(0|[1-9]\d*)$/.test(key) && Number(key) < length;
}

export function checkHoles(total: number, limit: number): void {
  if (total > limit) exceed(`sparse arrays with ${total} holes`, limit);
}
