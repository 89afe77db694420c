// All that a program can find out about a value without calling it, as text lines: keys in their order with their attributes,
// prototypes, extensibility, contents. Functions are told by their code, what the language has by its name.

import { types } from "node:util";
import { shared } from "../../runtime/realm/shared.ts";

export function structure(value: unknown): string[] {
  const lines: string[] = [];
  const places = new Map<unknown, number>();
  const waiting: unknown[] = [];
  const refer = (part: unknown): string => {
    if ((typeof part !== "object" || part === null) && typeof part !== "function") return typeof part === "symbol" ? String(part) : `${typeof part} ${Object.is(part, -0) ? "-0" : String(part)}`;
    const own = native(part);
    if (own !== undefined) return own;
    let place = places.get(part);
    if (place === undefined) {
      places.set(part, (place = places.size));
      waiting.push(part);
    }
    return `#${place}`;
  };
  lines.push(refer(value));
  for (const part of waiting) describe(part as object, lines, refer);
  return lines;
}

function describe(value: object, lines: string[], refer: (part: unknown) => string): void {
  lines.push(`-- ${refer(value)} ${kindOf(value)} of ${refer(Object.getPrototypeOf(value))} ${Object.isExtensible(value) ? "" : "closed"}`);
  for (const key of Reflect.ownKeys(value)) {
    const { value: part, get, set, writable, enumerable, configurable } = Object.getOwnPropertyDescriptor(value, key) as PropertyDescriptor;
    const attributes = `${writable ? "w" : ""}${enumerable ? "e" : ""}${configurable ? "c" : ""}`;
    // Some versions of V8 show the stack by an accessor; of a copy, by a value.
    if (key === "stack" && showsStackByAccessor && (get === undefined || shared.tags.get(get) === undefined)) lines.push(`${key} = ${refer((value as Error).stack)}`);
    else lines.push(get === undefined && set === undefined ? `${String(key)} = ${refer(part)} ${attributes}` : `${String(key)} get ${refer(get)} set ${refer(set)} ${attributes}`);
  }
  for (const part of contents(value)) lines.push(refer(part));
}

const showsStackByAccessor = Object.getOwnPropertyDescriptor(new Error(), "stack")?.get !== undefined;

function kindOf(value: object): string {
  if (typeof value === "function") {
    const tag = shared.tags.get(value);
    return tag !== undefined && "id" in tag ? `function ${tag.id}` : "a function";
  }
  const names = ["isMap", "isSet", "isDate", "isRegExp", "isNativeError", "isTypedArray", "isBoxedPrimitive", "isPromise", "isArrayBuffer", "isDataView", "isArgumentsObject"] as const;
  return Array.isArray(value) ? "array" : names.find((name) => types[name](value)) ?? "object";
}

function contents(value: object): unknown[] {
  if (types.isMap(value)) return [...Map.prototype.entries.call(value)].flat();
  if (types.isSet(value)) return [...Set.prototype.values.call(value)];
  if (types.isDate(value)) return [Date.prototype.getTime.call(value)];
  if (types.isRegExp(value)) return [RegExp.prototype.toString.call(value)];
  if (types.isBoxedPrimitive(value)) return [String(Object.getOwnPropertyDescriptor(value, "length")?.value ?? "")];
  if (types.isArrayBuffer(value)) return [...new Uint8Array(value)];
  if (types.isTypedArray(value)) return [value.byteOffset, ...new Uint8Array(value.buffer, value.byteOffset, value.byteLength)];
  if (value instanceof URL || value instanceof URLSearchParams) return [value.toString()];
  if (value instanceof DOMException) return [value.message, value.name, value.stack];
  return [];
}

let names: Map<unknown, string> | undefined;

function native(value: object): string | undefined {
  if (names === undefined) {
    names = new Map();
    for (const key of Object.getOwnPropertyNames(globalThis)) {
      const found: unknown = Object.getOwnPropertyDescriptor(globalThis, key)?.value;
      if (typeof found !== "function") continue;
      names.set(found, key);
      const prototype: unknown = Object.getOwnPropertyDescriptor(found, "prototype")?.value;
      if (typeof prototype === "object") names.set(prototype, `${key}.prototype`);
    }
    names.set(Function.prototype, "Function.prototype");
  }
  const known = names.get(value);
  if (known !== undefined) return known;
  if (typeof value !== "function" || shared.tags.has(value)) return undefined;
  return /\[native code\]/.test(Function.prototype.toString.call(value)) ? `native ${value.name}` : undefined;
}
