// Objects and arrays with more than plain fields: {"$k":{"props":[…],"proto":part}} and {"$k":{"list":[…],"props":[…]}}.
// Other values with properties of their own: {"$k":{"value":part,"props":[…]}}.
//
// A property is [key, value], or [key, value, attributes] where it is not writable, enumerable and configurable, or
// [key, get, set, attributes]; the attributes it has are letters of "wec". A key is a text, or a symbol. `proto` is the
// prototype, absent where it is the usual one. An object has all its properties in `props`, so that their order stays; an
// array what its elements leave.

import { listPayload, objectPayload, textPayload, writeFields } from "../fields.ts";
import { corrupt, via, type At, type Json, type Kind, type Read, type Write } from "../kind.ts";
import { shared } from "../../realm/shared.ts";
import { isExotic, tellsExotic } from "../exotic.ts";
import { isProxy } from "../node.ts";
import { readWith } from "./binary.ts";

export function encodeObject(value: object, write: Write): Json {
  // `Math` and its kind, and `arguments`, are not what their properties are.
  if (!isOrdinary(value)) return writeFields(value, write);
  const prototype = Object.getPrototypeOf(value) as object | null;
  const props = Reflect.ownKeys(value).map((key) => propertyOf(value, key, write));
  return { $k: prototype === Object.prototype ? { props } : { props, proto: write(prototype, via(".__proto__")) } };
}

/** `list` is the array without its extras, which are `keys`. */
export function encodeArray(value: readonly unknown[], list: Json, keys: readonly PropertyKey[], write: Write): Json {
  return { $k: { list, props: keys.map((key) => propertyOf(value, key, write)) } };
}

/** `json` is the value without its extras, which are `keys`. */
export function encodeExtras(value: object, json: Json, keys: readonly PropertyKey[], write: Write): Json {
  return { $k: { value: json, props: keys.map((key) => propertyOf(value, key, write)) } };
}

/** Whether it is an ordinary object made with another as its prototype, rather than an instance of some class. */
export function isDerived(value: object, prototype: object): boolean {
  if (typeof value !== "object" || !isOrdinary(value)) return false;
  for (let base: object | null = prototype; base !== null && base !== Object.prototype; base = Object.getPrototypeOf(base) as object | null) {
    if (isProxy(base) || isOfClass(base)) return false;
  }
  return true;
}

/** A function made in a flow is stored with its prototype. */
function isOfClass(prototype: object): boolean {
  const made = Object.getOwnPropertyDescriptor(prototype, "constructor");
  // Errors are known by what they are, so what only inherits from them is none.
  if (tellsExotic && made?.value === Error) return false;
  return made !== undefined && !(typeof made.value === "function" && shared.tags.has(made.value));
}

/** Only the names of classes are asked for, by no getter: built-in ones cannot be changed. */
function isOrdinary(value: object): boolean {
  for (let base: object | null = value; base !== null; base = Object.getPrototypeOf(base) as object | null) {
    const tag = Object.getOwnPropertyDescriptor(base, Symbol.toStringTag);
    if (tag !== undefined) return tag.writable === true || "get" in tag;
  }
  return Object.prototype.toString.call(value) === "[object Object]" && !isExotic(value);
}

export const kept: Kind = {
  tag: "$k",
  encode: (value, write) => (encodeObject(value, write) as { $k: Json }).$k,
  create(payload, read) {
    const { list, value } = objectPayload(payload);
    if (value !== undefined) return read.own(value, via(""));
    if (list === undefined) return {};
    const array = read.own(list, via(""));
    return Array.isArray(array) ? array : corrupt("expected the elements of an array");
  },
  fill(value, payload, read) {
    const { props, proto } = objectPayload(payload);
    const keys = listPayload(props).map((entry) => readProperty(value, listPayload(entry), read));
    if (ArrayBuffer.isView(value)) readWith(value, keys);
    if (proto === undefined) return;
    const prototype = read(proto, via(".__proto__"));
    if (typeof prototype !== "object") corrupt("expected a prototype");
    Object.setPrototypeOf(value, prototype as object | null);
  },
};

/** One property of `value`, as an entry of `props`. */
export function propertyOf(value: object, key: PropertyKey, write: Write): Json {
  const property = isStackAccessor(value, key) ? stackOf(value as Error) : (Object.getOwnPropertyDescriptor(value, key) as PropertyDescriptor);
  const at = pathOf(key);
  const name = write(key, via(""));
  const attributes = `${property.writable ? "w" : ""}${property.enumerable ? "e" : ""}${property.configurable ? "c" : ""}`;
  if ("value" in property) {
    const part = write(property.value, at);
    return attributes === "wec" ? [name, part] : [name, part, attributes];
  }
  return [name, write(property.get, at), write(property.set, at), attributes];
}

/** Whether it is the stack of an error where V8 shows that by an accessor of its own. */
export function isStackAccessor(value: object, key: PropertyKey): boolean {
  const get = key === "stack" ? Object.getOwnPropertyDescriptor(value, key)?.get : undefined;
  return get !== undefined && !shared.tags.has(get);
}

/** As other versions of V8 show it. */
function stackOf(error: Error): PropertyDescriptor {
  const { enumerable, configurable } = Object.getOwnPropertyDescriptor(error, "stack") as PropertyDescriptor;
  return { value: String(error.stack), writable: !Object.isFrozen(error), enumerable, configurable } as PropertyDescriptor;
}

/** Defines what an entry of `props` says; a key that `replaced` has may be there already. Gives the key. */
export function readProperty(value: object, entry: readonly Json[], read: Read, replaced?: { has(key: PropertyKey): boolean }): PropertyKey {
  const [name, first, second, third] = entry;
  if (entry.length < 2 || entry.length > 4) return corrupt("expected a property");
  const key = read(name ?? null, via(""));
  if (typeof key !== "string" && typeof key !== "symbol") return corrupt("expected the key of a property");
  if (Object.hasOwn(value, key) && replaced?.has(key) !== true && !isGiven(value, key)) return corrupt("a property is there twice");
  const at = pathOf(key);
  if (entry.length === 4) {
    const [get, set] = [read(first ?? null, at), read(second ?? null, at)];
    // V8 up to 12.4 calls a getter that a rest pattern leaves out, unless a value was there before it.
    Object.defineProperty(value, key, { value: undefined, configurable: true });
    Object.defineProperty(value, key, { ...flags(third), get, set } as PropertyDescriptor);
  } else {
    const attributes = second === undefined ? "wec" : second;
    Object.defineProperty(value, key, { ...flags(attributes), writable: textPayload(attributes).includes("w"), value: read(first ?? null, at) });
  }
  return key;
}

/** Functions come with these. */
function isGiven(value: object, key: PropertyKey): boolean {
  return typeof value === "function" && (key === "name" || key === "length" || key === "prototype");
}

function flags(attributes: Json | undefined): { enumerable: boolean; configurable: boolean } {
  const text = textPayload(attributes);
  if (!/^w?e?c?$/.test(text)) corrupt("expected the attributes of a property");
  return { enumerable: text.includes("e"), configurable: text.includes("c") };
}

function pathOf(key: PropertyKey): At {
  return typeof key === "symbol" ? via(`[${String(key)}]`) : String(key);
}
