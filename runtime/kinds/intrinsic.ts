// {"$i": "Array.prototype.push"}: the functions and the constructors of the language itself, which every process has.
//
// They get into frames as what was read before an await: `list.push(await next())` reads `push` first.

import type { Kind } from "../codec/kind.ts";
import { textPayload } from "../codec/fields.ts";
import { UnknownCodeError } from "../errors/codec.ts";
import { asyncGeneratorPrototype } from "../generators/async.ts";
import { generatorPrototype } from "../generators/generator.ts";

type Intrinsic = (...args: never[]) => unknown;

// The global objects of ECMA-262, and what every JavaScript host adds to them.
const GLOBALS = [
  "Object", "Function", "Array", "String", "Number", "Boolean", "Symbol", "BigInt", "Date", "RegExp", "Map", "Set", "WeakMap", "WeakSet", "WeakRef",
  "Promise", "Error", "AggregateError", "EvalError", "RangeError", "ReferenceError", "SyntaxError", "TypeError", "URIError", "ArrayBuffer",
  "SharedArrayBuffer", "DataView", "Int8Array", "Uint8Array", "Uint8ClampedArray", "Int16Array", "Uint16Array", "Int32Array", "Uint32Array",
  "Float32Array", "Float64Array", "BigInt64Array", "BigUint64Array", "Math", "JSON", "Reflect", "Atomics", "Intl", "Proxy", "console", "URL",
  "URLSearchParams", "TextEncoder", "TextDecoder", "parseInt", "parseFloat", "isNaN", "isFinite", "encodeURIComponent", "decodeURIComponent",
  "encodeURI", "decodeURI", "structuredClone", "queueMicrotask", "setTimeout", "clearTimeout", "setInterval", "clearInterval", "fetch",
] as const;

interface Tables {
  readonly names: ReadonlyMap<object, string>;
  readonly values: ReadonlyMap<string, Intrinsic>;
}

let tables: Tables | undefined;

// Made at first use, when a frame has a function that no flow made.
function intrinsics(): Tables {
  return (tables ??= collect());
}

function collect(): Tables {
  const names = new Map<object, string>();
  const values = new Map<string, Intrinsic>();
  const add = (name: string, value: unknown): void => {
    if (typeof value !== "function" || names.has(value)) return;
    names.set(value, name);
    values.set(name, value as Intrinsic);
  };
  const addOwn = (name: string, object: object): void => {
    for (const key of Reflect.ownKeys(object)) {
      const text = typeof key === "symbol" ? `[${key.description ?? ""}]` : key;
      const property = Reflect.getOwnPropertyDescriptor(object, key);
      if (property !== undefined && "value" in property) add(`${name}.${text}`, property.value);
    }
  };
  for (const name of GLOBALS) {
    const value: unknown = (globalThis as Record<string, unknown>)[name];
    add(name, value);
    if ((typeof value !== "object" && typeof value !== "function") || value === null) continue;
    addOwn(name, value);
    const prototype: unknown = (value as { prototype?: unknown }).prototype;
    if (typeof prototype === "object" && prototype !== null) addOwn(`${name}.prototype`, prototype);
  }
  addOwn("TypedArray.prototype", Object.getPrototypeOf(Uint8Array.prototype) as object);
  // Of the generators that flows make, which are ours.
  addOwn("Generator.prototype", generatorPrototype);
  addOwn("AsyncGenerator.prototype", asyncGeneratorPrototype);
  addOwn("AsyncIterator.prototype", Object.getPrototypeOf(asyncGeneratorPrototype) as object);
  addOwn("Iterator.prototype", Object.getPrototypeOf(generatorPrototype) as object);
  return { names, values };
}

export const intrinsicKind: Kind<Intrinsic> = {
  tag: "$i",
  test: (value) => typeof value === "function" && intrinsics().names.has(value),
  named: true,
  encode: (value) => intrinsics().names.get(value) as string,
  create(payload) {
    const name = textPayload(payload);
    const value = intrinsics().values.get(name);
    if (value === undefined) throw new UnknownCodeError("", name);
    return value;
  },
};
