// {"$i": "Array.prototype.push"}: the functions, prototypes and namespaces of the language itself, which every process has.
//
// They get into frames as what was read before an await: `list.push(await next())` reads `push` first.

import { fail, type Kind } from "../../codec/kind.ts";
import { textPayload } from "../../codec/fields.ts";
import { UnknownCodeError } from "../../errors/codec.ts";
import { asyncGeneratorPrototype } from "../../values/generators/async.ts";
import { generatorPrototype } from "../../values/generators/generator.ts";

// The global objects of ECMA-262, and what every JavaScript host adds to them.
const GLOBALS = [
  "Object", "Function", "Array", "String", "Number", "Boolean", "Symbol", "BigInt", "Date", "RegExp", "Map", "Set", "WeakMap", "WeakSet", "WeakRef",
  "Promise", "Error", "AggregateError", "EvalError", "RangeError", "ReferenceError", "SyntaxError", "TypeError", "URIError", "ArrayBuffer",
  "SharedArrayBuffer", "DataView", "Int8Array", "Uint8Array", "Uint8ClampedArray", "Int16Array", "Uint16Array", "Int32Array", "Uint32Array",
  "Float32Array", "Float64Array", "BigInt64Array", "BigUint64Array", "Math", "JSON", "Reflect", "Atomics", "Intl", "Proxy", "console", "URL",
  "URLSearchParams", "TextEncoder", "TextDecoder", "parseInt", "parseFloat", "isNaN", "isFinite", "encodeURIComponent", "decodeURIComponent",
  "encodeURI", "decodeURI", "structuredClone", "queueMicrotask", "setTimeout", "clearTimeout", "setInterval", "clearInterval", "fetch",
  "FinalizationRegistry", "Iterator", "SuppressedError", "DisposableStack", "AsyncDisposableStack", "setImmediate", "clearImmediate", "AbortController",
  "AbortSignal", "Event", "EventTarget",
] as const;

const prototypeOf = (value: unknown): unknown => Object.getPrototypeOf(value);

/** What no global name leads to. The generators that flows make are ours. */
function hidden(): [string, unknown][] {
  const async = prototypeOf(async () => Promise.resolve());
  // oxlint-disable-next-line require-yield
  const generator = prototypeOf(function* () { return undefined; });
  // oxlint-disable-next-line require-yield
  const asyncGenerator = prototypeOf(async function* () { return undefined; });
  const array = prototypeOf([][Symbol.iterator]());
  return [
    ["TypedArray", prototypeOf(Uint8Array)], ["AsyncFunction.prototype", async], ["GeneratorFunction.prototype", generator],
    ["AsyncGeneratorFunction.prototype", asyncGenerator], ["ArrayIterator.prototype", array], ["Iterator.prototype", prototypeOf(array)],
    ["Generator.prototype", generatorPrototype], ["AsyncGenerator.prototype", asyncGeneratorPrototype], ["MapIterator.prototype", prototypeOf(new Map()[Symbol.iterator]())], ["SetIterator.prototype", prototypeOf(new Set()[Symbol.iterator]())],
    ["StringIterator.prototype", prototypeOf(""[Symbol.iterator]())], ["RegExpStringIterator.prototype", prototypeOf("".matchAll(/x/g))],
    ["AsyncIterator.prototype", prototypeOf(prototypeOf((asyncGenerator as { prototype: unknown }).prototype))],
  ];
}

interface Tables {
  readonly names: ReadonlyMap<object, string>;
  readonly values: ReadonlyMap<string, object>;
}

let tables: Tables | undefined;

/** Looks at what the language has as it is now. */
export function makeTables(): void {
  intrinsics();
}

// Made at first use, when a frame has an object or a function that no flow made.
function intrinsics(): Tables {
  return (tables ??= collect());
}

function collect(): Tables {
  const names = new Map<object, string>([[globalThis, "globalThis"]]);
  const values = new Map<string, object>([["globalThis", globalThis]]);
  const waiting: [string, object][] = [];
  const add = (name: string, value: unknown): void => {
    if ((typeof value !== "function" && typeof value !== "object") || value === null) return;
    // Another engine may list `Set.prototype.values` before `Set.prototype.keys`, which is the same function.
    if (!values.has(name)) values.set(name, value);
    if (names.has(value)) return;
    names.set(value, name);
    waiting.push([name, value]);
  };
  for (const name of GLOBALS) add(name, (globalThis as Record<string, unknown>)[name]);
  for (const [name, value] of hidden()) add(name, value);
  // Breadth first, so that names are short; the list grows while it is worked off.
  for (const [name, value] of waiting) addOwn(name, value, add);
  return { names, values };
}

/** Functions lead on, and their prototypes; another object is whatever a program put there. */
function addOwn(name: string, object: object, add: (name: string, value: unknown) => void): void {
  for (const key of Reflect.ownKeys(object)) {
    const path = `${name}.${typeof key === "symbol" ? `[${key.description ?? ""}]` : key}`;
    const { value, get, set } = Object.getOwnPropertyDescriptor(object, key) as { value?: unknown; get?: unknown; set?: unknown };
    if (typeof value === "function" || key === "prototype") add(path, value);
    add(`get ${path}`, get);
    add(`set ${path}`, set);
  }
}

export const intrinsicKind: Kind = {
  tag: "$i",
  test: (value) => intrinsics().names.has(value),
  named: true,
  encode: (value) => intrinsics().names.get(value) as string,
  create(payload) {
    const name = textPayload(payload);
    const value = intrinsics().values.get(name);
    if (value === undefined) return fail((path) => new UnknownCodeError(path, name));
    return value;
  },
};
