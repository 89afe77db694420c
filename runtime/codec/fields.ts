// The own properties of an object as a JSON object and back. User keys that start with `$` get one more `$`.

import { corrupt, refuse, type Json, type Read, type Write } from "./kind.ts";

const { getOwnPropertyDescriptor, getOwnPropertyNames, getOwnPropertySymbols } = Object;

type Tree = { [key: string]: Json };

/** Sets a property as data: no setter runs, and `__proto__` is a key like any other. */
export function define(target: object, key: PropertyKey, value: unknown): void {
  Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}

export function put(tree: Tree, key: string, json: Json): void {
  const escaped = key.charCodeAt(0) === 36 ? `$${key}` : key;
  if (escaped === "__proto__") define(tree, escaped, json);
  else tree[escaped] = json;
}

/** The object's own enumerable data properties, added to `tree`; refuses every other sort. */
export function writeFields(value: object, write: Write, tree: Tree = {}): Tree {
  return writePlainFields(value, write, tree) ?? refuseFields(value);
}

// The values of the objects that are being written, outermost first: an array for each would cost more than the check.
const values: unknown[] = [];
let top = 0;

/** As `writeFields`, but gives undefined, and has written nothing, if there is a property of another sort. */
export function writePlainFields(value: object, write: Write, tree: Tree = {}): Tree | undefined {
  const keys = Object.keys(value);
  const { length } = keys;
  // Reflect.ownKeys would tell both at once, in four times the time.
  if (getOwnPropertyNames(value).length !== length || getOwnPropertySymbols(value).length !== 0) return undefined;
  const base = top;
  for (let index = 0; index < length; index++) {
    const key = keys[index] as string;
    const property = getOwnPropertyDescriptor(value, key);
    // Only a proxy that the host does not show can make this happen.
    if (property === undefined) return refuse(`an object that changed while it was read (\`${key}\` is gone)`);
    if (property.writable !== true || property.configurable !== true) if (!("value" in property) || !isSameForAll(value, property)) return undefined;
    values[base + index] = property.value;
  }
  top = base + length;
  try {
    for (let index = 0; index < length; index++) {
      const key = keys[index] as string;
      put(tree, key, write(values[base + index], key));
    }
  } finally {
    while (top > base) values[--top] = undefined;
  }
  return tree;
}

function refuseFields(value: object): never {
  const [symbol] = getOwnPropertySymbols(value);
  if (symbol !== undefined) refuseSymbolKey(symbol);
  for (const key of getOwnPropertyNames(value)) {
    const property = getOwnPropertyDescriptor(value, key) as PropertyDescriptor;
    if (!("value" in property)) refuseAccessor(key);
    if (property.enumerable !== true) refuse(`an object with the hidden property \`${key}\``, plainHint);
    if (!isSameForAll(value, property)) refuse(`an object with the read-only property \`${key}\``, plainHint);
  }
  return refuse("an object that changed while it was read");
}

/** A property may be read-only or fixed only where the whole object is: that is what the mark on it says. */
function isSameForAll(value: object, property: PropertyDescriptor): boolean {
  if (property.writable === true && property.configurable === true) return true;
  return Object.isFrozen(value) || (Object.isSealed(value) && property.writable === true);
}

/** Defines the fields of a tree on an object; `target` may have setters and any prototype. */
export function readFields(tree: Json, target: object, read: Read): void {
  for (const [key, part] of Object.entries(objectPayload(tree))) {
    const name = unescape(key);
    define(target, name, read(part, name));
  }
}

export function unescape(key: string): string {
  if (key.charCodeAt(0) !== 36) return key;
  if (key.charCodeAt(1) !== 36) corrupt(`the key ${JSON.stringify(key)} is not one of this format`);
  return key.slice(1);
}

export function objectPayload(payload: Json | undefined): Tree {
  if (typeof payload !== "object" || payload === null || Array.isArray(payload)) return corrupt("expected an object");
  return payload;
}

export function listPayload(payload: Json | undefined): Json[] {
  if (!Array.isArray(payload)) return corrupt("expected a list");
  return payload;
}

export function textPayload(payload: Json | undefined): string {
  if (typeof payload !== "string") return corrupt("expected a string");
  return payload;
}

/** A whole number from 0 to `below`, exclusive. */
export function indexPayload(payload: Json | undefined, below: number): number {
  if (typeof payload !== "number" || !Number.isInteger(payload) || payload < 0 || payload >= below) {
    return corrupt("expected a whole number in range");
  }
  return payload;
}

/** The own properties beyond those the kind itself keeps. */
export function extraKeys(value: object, isKept: (key: string) => boolean = () => false): readonly PropertyKey[] {
  // Asked for its keys first, the engine has the names of most values at hand: 40 ns for both instead of 100.
  if (Object.keys(value).length === 0 && getOwnPropertyNames(value).length === 0 && getOwnPropertySymbols(value).length === 0) return none;
  return Reflect.ownKeys(value).filter((key) => typeof key === "symbol" || !isKept(key));
}

const none: readonly PropertyKey[] = [];

const plainHint = "Copy its data into a plain object first.";

function refuseSymbolKey(key: symbol): never {
  return refuse(`an object with the symbol key \`${String(key)}\``, "Use a string key: symbol keys are not stored.");
}

function refuseAccessor(key: string): never {
  return refuse(
    `an object with the getter or setter \`${key}\``,
    "A stored copy would be a fixed value: copy what it gives into a plain property, or use a registered class.",
  );
}
