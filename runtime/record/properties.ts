// The properties that a program gave to a durable promise. They are stored as an object that has the same ones and is as closed.

import { shared } from "../realm/shared.ts";

const { defineProperty, getOwnPropertyDescriptor, isExtensible, ownKeys, preventExtensions } = Reflect;

/** Undefined where there is nothing to store. */
export function propertiesOf(native: object): object | undefined {
  const keys = ownKeys(native).filter(isOfProgram);
  if (keys.length === 0 && isExtensible(native)) return undefined;
  return given({}, native, keys);
}

export function restoreProperties(native: object, stored: object): void {
  given(native, stored, ownKeys(stored));
}

function given(target: object, from: object, keys: readonly PropertyKey[]): object {
  for (const key of keys) defineProperty(target, key, getOwnPropertyDescriptor(from, key) as PropertyDescriptor);
  if (!isExtensible(from)) preventExtensions(target);
  return target;
}

/** Node marks promises by symbols of its own, for its async hooks and local storages. */
function isOfProgram(key: PropertyKey): boolean {
  return typeof key !== "symbol" || shared.symbols.has(key) || Symbol.keyFor(key) !== undefined || wellKnown.has(key);
}

const wellKnown: ReadonlySet<symbol> = new Set(ownKeys(Symbol).flatMap((name) => {
  const value: unknown = getOwnPropertyDescriptor(Symbol, name)?.value;
  return typeof value === "symbol" ? [value] : [];
}));
