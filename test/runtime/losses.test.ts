// Each kind of value, changed in each way that the language has: what a stop gives back is the same down to attributes,
// prototypes and extensibility, or the stop names the value that it cannot keep. Nothing is lost in silence.

import { describe, expect, test } from "vitest";
import { decode } from "../../runtime/codec/decode.ts";
import { encode } from "../../runtime/codec/encode.ts";
import { class as declareClass } from "../../runtime/values/class.ts";
import { NotListeningError } from "deflow";
import { isDeflowError } from "../../runtime/errors/error.ts";
import * as $ from "../../runtime/internal.ts";
import { kindsWith } from "../../runtime/record/kinds/index.ts";
import type { ClassFunction } from "../../runtime/strands/registry.ts";
import { Places, whileWriting } from "../../runtime/record/session.ts";
import type { LiveRun } from "../../runtime/run/step.ts";
import { structure } from "./structure-of.ts";

const kinds = kindsWith(undefined);
const meta = (id: string) => ({ contract: $.contract, id, name: id, length: 1, file: "losses.js", points: {} });

const makeOld = $.code("losses#Old", "", () => function Old(this: { a: number }, a: number) { this.a = a; } as never);
const makeArrow = $.code("losses#arrow", "", () => ({ arrow: (a: unknown) => a }).arrow as never);
const makeMethod = $.code("losses#method", "", () => ({ method() { return this; } }).method as never);
const makeAsync = $.strand(meta("losses#async"), (async () => {}) as never);
const makeGenerator = $.generator(meta("losses#generator"), (function* () {}) as never);
const makeClass = declareClass("losses#Point", "", (_, $c) => class Point {
  static { $c.begin(this as unknown as ClassFunction); }
  x = 1;
  read(): number { return this.x; }
} as unknown as ClassFunction, {});
const makeList = declareClass("losses#List", "", (_, $c) => class List extends ($c.base() as ArrayConstructor) {} as unknown as ClassFunction, { base: () => Array });
const helper = $.code("losses#helper", "", () => ({ helper() { return 1; } }).helper as never);

type Maker = new (...args: unknown[]) => object;
const old = (): Maker => makeOld({}) as unknown as Maker;

const values: Record<string, () => object> = {
  object: () => ({ a: 1, b: [2] }),
  "empty object": () => ({}),
  "bare object": () => Object.assign(Object.create(null) as object, { a: 1 }),
  array: () => [1, 2, 3],
  "sparse array": () => [1, , 3], // oxlint-disable-line no-sparse-arrays
  map: () => new Map([["k", 1]]),
  set: () => new Set([1]),
  date: () => new Date(0),
  regexp: () => /a/gi,
  url: () => new URL("http://a.example/?b=1"),
  params: () => new URLSearchParams("a=1"),
  number: () => Object(1) as object,
  text: () => Object("ab") as object,
  buffer: () => new ArrayBuffer(2),
  bytes: () => new Uint8Array([1, 2]),
  floats: () => new Float64Array(1),
  view: () => new DataView(new ArrayBuffer(2)),
  "node buffer": () => Buffer.alloc(2),
  error: () => new Error("m", { cause: 1 }),
  "type error": () => new TypeError("m"),
  aggregate: () => new AggregateError([1], "m"),
  "error of deflow": () => new NotListeningError("a", ["b"], { runId: "r" }),
  exception: () => new DOMException("m", "AbortError"),
  arguments: () => $.arguments([1, 2]),
  function: () => makeOld({}),
  arrow: () => makeArrow({}),
  method: () => makeMethod({}),
  "async function": () => makeAsync({}),
  "generator function": () => makeGenerator({}),
  "prototype of a function": () => old().prototype as object,
  "prototype of a generator function": () => (makeGenerator({}) as unknown as Maker).prototype as object,
  "instance of a function": () => new (old())(1),
  class: () => makeClass({}),
  "prototype of a class": () => makeClass({}).prototype,
  "instance of a class": () => new (makeClass({}) as unknown as Maker)(),
  "instance of a list": () => new (makeList({}, () => Array) as unknown as Maker)(),
  generator: () => (makeGenerator({}) as unknown as () => object)(),
};

const changes: Record<string, (value: object) => void> = {
  nothing: () => {},
  "an extra property": (value) => define(value, "extra", 1),
  "a hidden property": (value) => define(value, "extra", 1, { enumerable: false }),
  "a read-only property": (value) => define(value, "extra", 1, { writable: false }),
  "a fixed property": (value) => define(value, "extra", 1, { configurable: false }),
  "a symbol key": (value) => define(value, Symbol.for("extra"), 1),
  "a hidden symbol key": (value) => define(value, Symbol.for("extra"), 1, { enumerable: false }),
  "an own toString": (value) => define(value, "toString", helper({}), { enumerable: false }),
  "an accessor": (value) => Object.defineProperty(value, "extra", { get: helper({}), enumerable: true, configurable: true } as PropertyDescriptor),
  "an own constructor": (value) => define(value, "constructor", helper({}), { enumerable: false }),
  frozen: (value) => Object.freeze(value),
  sealed: (value) => Object.seal(value),
  closed: (value) => Object.preventExtensions(value),
  "without a prototype": (value) => Object.setPrototypeOf(value, null),
  "with an object as prototype": (value) => Object.setPrototypeOf(value, { base: 1 }),
  "with a class's prototype": (value) => Object.setPrototypeOf(value, makeClass({}).prototype),
  "with a function's prototype": (value) => Object.setPrototypeOf(value, old().prototype as object),
  "with a function as prototype": (value) => Object.setPrototypeOf(value, helper({})),
  "with Error.prototype": (value) => Object.setPrototypeOf(value, Error.prototype),
  "with Map.prototype": (value) => Object.setPrototypeOf(value, Map.prototype),
  "the first property gone": (value) => void Reflect.deleteProperty(value, Reflect.ownKeys(value)[0] ?? ""),
  "the first property hidden": (value) => redefine(value, { enumerable: false }),
  "the first property shown": (value) => redefine(value, { enumerable: true }),
  "the first property read-only": (value) => redefine(value, { writable: false }),
  "the first property fixed": (value) => redefine(value, { configurable: false }),
  "the first property again at the end": (value) => {
    const [key = ""] = Reflect.ownKeys(value);
    const property = Object.getOwnPropertyDescriptor(value, key);
    if (property !== undefined && Reflect.deleteProperty(value, key)) Object.defineProperty(value, key, property);
  },
  "another length": (value) => void Reflect.defineProperty(value, "length", { value: 1 }),
  "a fixed length": (value) => void Reflect.defineProperty(value, "length", { writable: false }),
  "another name": (value) => void Reflect.defineProperty(value, "name", { value: "other" }),
  "another message": (value) => void Reflect.defineProperty(value, "message", { value: "other", enumerable: true }),
  "another prototype property": (value) => void Reflect.defineProperty(value, "prototype", { value: { mine: 1 } }),
  "more in its prototype": (value) => {
    const prototype: unknown = Object.getOwnPropertyDescriptor(value, "prototype")?.value;
    if (typeof prototype === "object" && prototype !== null) define(prototype, "more", helper({}));
  },
  "a frozen prototype property": (value) => Object.freeze(Object.getOwnPropertyDescriptor(value, "prototype")?.value),
};

function define(object: object, key: PropertyKey, value: unknown, attributes: PropertyDescriptor = {}): void {
  Reflect.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true, ...attributes });
}

function redefine(value: object, attributes: PropertyDescriptor): void {
  const [key] = Reflect.ownKeys(value);
  if (key !== undefined) Reflect.defineProperty(value, key, attributes);
}

// Of arrays in records that are otherwise plain these are not looked for: it would cost each element.
const unseen = /^array: (a hidden property|an own constructor|an own toString|another name|another prototype property|the first property (fixed|read-only))$/;

const cases = Object.entries(values).flatMap(([name, make]) => Object.entries(changes).map(([how, change]) => [name, how, make, change] as const));

const write = (record: Record<string, unknown>): string => whileWriting(new Places(undefined as unknown as LiveRun, 0), () => encode(record, { kinds }));

describe("kept exactly, or refused by name", () => {
  test.each(cases)("%s: %s", (name, how, make, change) => {
    const value = make();
    try {
      change(value);
    } catch (error) {
      // The language itself refuses: a typed array cannot be frozen.
      expect(error).toBeInstanceOf(TypeError);
    }
    const before = structure(value);
    let text: string;
    try {
      text = write(unseen.test(`${name}: ${how}`) ? { value, rich: undefined } : { value });
    } catch (error) {
      expect(isDeflowError(error, "NOT_SERIALIZABLE"), String(error)).toBe(true);
      expect((error as { path: string }).path).toMatch(/^value/);
      expect(how).not.toBe("nothing");
      return;
    }
    const copy = decode(text, { kinds })["value"];
    expect(structure(copy)).toEqual(before);
    if (text.startsWith('{"v":1,"value":') && !text.includes('"rich"')) expect(write({ value: copy })).toBe(text);
    // Beside what makes the rest of the record rich, and met twice.
    const { twice } = decode(write({ rich: undefined, twice: [value, value] }), { kinds }) as { twice: [object, object] };
    expect(twice[0]).toBe(twice[1]);
    expect(structure(twice[0])).toEqual(before);
  });
});
