// The values a frame can hold, each as `[name, make]`; every row is written, read and written again. The golden files in
// fixtures/frames/v1 are made of the same rows, so a name is never given to another value.

import { symbol } from "../../runtime/realm/symbol.ts";
import { serializable } from "../../runtime/codec/classes.ts";

export class Money {
  amount: number;
  currency: string;
  constructor(amount: number, currency = "EUR") {
    this.amount = amount;
    this.currency = currency;
    Money.made++;
  }
  static made = 0;
  get text(): string {
    return `${this.amount} ${this.currency}`;
  }
}
serializable(Money, { name: "test.Money", version: 1 });

/** Its setters throw: reading must define fields, never assign them. */
export class Guarded {
  static calls = 0;
  next: unknown;
  set value(_value: unknown) {
    Guarded.calls++;
  }
}
serializable(Guarded, { name: "test.Guarded", version: 1 });

class HttpError extends Error {
  status: number;
  constructor(message: string, status: number, options?: ErrorOptions) {
    super(message, options);
    this.name = "HttpError";
    this.status = status;
  }
}
serializable(HttpError, { name: "test.HttpError", version: 2, upgrade: (fields) => fields });

const make = <T>(first: T, change: (value: T) => void): T => {
  change(first);
  return first;
};

/** Errors of golden files need a stack that is the same on every machine. */
const still = <E extends Error>(error: E): E => {
  Object.defineProperty(error, "stack", { value: `${error.name}: ${error.message}\n    at flow (shop.ts:1:1)`, enumerable: false });
  return error;
};

type Fixture = readonly [name: string, value: () => unknown];

export const json: readonly Fixture[] = [
  ["null", () => null],
  ["numbers", () => [0, 1, -1, 1.5, 1e300, 5e-324, 2 ** 53]],
  ["texts", () => ["", "a", "ä€😀", '"\\/\n\u0000', "\u2028", "__proto__"]],
  ["tree", () => ({ id: "e-1", lines: [{ price: 1 }, { price: 2 }], empty: {}, none: [] })],
  ["key order", () => ({ z: 1, a: 2, 10: 3, 9: 4 })],
  ["odd keys", () => ({ "": 1, "a.b": 2, 'a"b': 3, toJSON: 4, then: 5, constructor: 6, hasOwnProperty: 7 })],
  ["what looks like tags", () => ({ $ref: 0, $: 1, $$: 2, $$x: 3, $m: [], v: 1, heap: [] })],
  ["texts like tags", () => ["$ref", "$u", '{"$ref":0}']],
  ["own __proto__", () => JSON.parse('{"a":1,"__proto__":{"polluted":true},"b":2}') as unknown],
  ["lone surrogates", () => ["\ud800", "a\udc00b", { "\ud83d": 1 }]],
];

const extra = <T extends object>(value: T): T => Object.defineProperty(Object.assign(value, { extra: [undefined] }), Symbol.for("hidden"), { value });
const twice = (part: symbol): unknown[] => [part, new Map<unknown, unknown>([[part, [part]]]), symbol("shared")];

const scalars: readonly Fixture[] = [
  ["undefined", () => undefined],
  ["undefined inside", () => ({ a: undefined, b: [undefined, 1] })],
  ["numbers JSON lacks", () => [NaN, Infinity, -Infinity, -0]],
  ["bigint", () => [0n, 10n, -7n, 2n ** 300n, -(10n ** 9_999n)]],
  ["symbols", () => [Symbol.for("shop.key"), Symbol.iterator, Symbol.asyncIterator, Symbol.for("")]],
  ["unique symbols", () => [symbol("once"), symbol(), symbol(""), ...twice(symbol("shared"))]],
  ["tag keys beside a rich value", () => ({ a: undefined, $ref: { $: undefined }, $$m: 1, z: 1 })],
  ["own __proto__ with a rich value", () => JSON.parse('{"__proto__":{"x":1}}', (key, value: unknown) => (key === "x" ? 1n : value)) as unknown],
];

const builtIns: readonly Fixture[] = [
  ["dates", () => [new Date(0), new Date(1e15), new Date(-1e15), new Date(NaN), new Date(8.64e15)]],
  ["regexp", () => [make(/a(b)?/dgimsuy, (regexp) => (regexp.lastIndex = 3)), /\/[/]\n/, new RegExp("")]],
  ["url", () => [new URL("https://user:pw@example.com:8080/a%20b?q=1#h"), new URL("data:,x")]],
  ["search params", () => new URLSearchParams("a=1&a=2&b=%20")],
  ["map", () => new Map<unknown, unknown>([["a", 1], [{ key: 1 }, [2]], [undefined, NaN], [NaN, new Map()]])],
  ["set", () => new Set<unknown>([1, "1", { a: 1 }, [undefined], new Set()])],
  ["extra properties", () => [extra(new Map([[1, 2]])), extra(new Set([1])), extra(new Date(0)), extra(/a/g), extra(new ArrayBuffer(1)), extra(Object("ab") as object), extra(Object(1) as object)]],
  ["boxed", () => [Object(1), Object("text"), Object(false), Object(10n), Object(Symbol.for("s")), Object(-0)]],
  ["sparse", () => { const list: unknown[] = [, 1, , undefined, ,]; return list; }],
  ["very sparse", () => make([] as unknown[], (list) => { list[100_000] = { a: 1 }; })],
  ["null prototype", () => make(Object.create(null) as Record<string, unknown>, (value) => { value["b"] = 1; value["a"] = { $x: 1n }; })],
  ["frozen", () => [Object.freeze({ a: [1] }), Object.freeze([1, 2]), Object.freeze([]), Object.freeze(new Map([[1, 2]])), Object.freeze(new Money(1))]],
  ["sealed and fixed", () => [Object.seal({ a: 1 }), Object.preventExtensions({ a: 1 }), Object.preventExtensions([1])]],
  ["frozen without prototype", () => Object.freeze(make(Object.create(null) as Record<string, unknown>, (value) => (value["a"] = 1)))],
];

const binary: readonly Fixture[] = [
  ["array buffer", () => [new ArrayBuffer(0), new Uint8Array([0, 255, 128]).buffer]],
  ["typed arrays", () => [
    new Int8Array([-1, 1]), new Uint8Array([255]), new Uint8ClampedArray([300]), new Int16Array([-300]), new Uint16Array([65_535]),
    new Int32Array([-7]), new Uint32Array([2 ** 31]), new Float32Array([1.5]), new Float64Array([Math.PI, -0]),
    new BigInt64Array([-5n]), new BigUint64Array([2n ** 63n]), new Uint8Array(0),
  ]],
  ["data view", () => new DataView(new Uint8Array([1, 2, 3, 4]).buffer, 1, 2)],
  ["part of a buffer", () => new Uint8Array([1, 2, 3, 4, 5]).subarray(1, 4)],
  ["views of one buffer", () => {
    const { buffer } = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]);
    return { bytes: new Uint8Array(buffer), words: new Uint16Array(buffer, 2, 2), view: new DataView(buffer), buffer };
  }],
  ["node buffer", () => [Buffer.alloc(3, 7), Buffer.alloc(0)]],
];

const errors: readonly Fixture[] = [
  ["error", () => still(new Error("broken"))],
  ["error classes", () => [EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError].map((made) => still(new made("m")))],
  ["error with cause", () => still(new Error("outer", { cause: still(new TypeError("inner", { cause: undefined })) }))],
  ["error with fields", () => still(Object.assign(new Error("m"), { code: "E_X", details: { at: new Date(5) }, name: "Custom" }))],
  ["error in a circle", () => make(still(new Error("m")), (error) => { error.cause = error; })],
  ["error without message", () => still(new Error())],
  ["aggregate error", () => still(new AggregateError([still(new Error("a")), 1, undefined], "all"))],
  ["registered error", () => still(new HttpError("gone", 410, { cause: "x" }))],
];

const graphs: readonly Fixture[] = [
  ["shared", () => make({ one: {}, other: {} }, (value) => { value.one = value.other; })],
  ["shared array", () => make([[1], null] as unknown[], (value) => { value[1] = value[0]; })],
  ["object in itself", () => make({} as Record<string, unknown>, (value) => { value["self"] = value; })],
  ["array in itself", () => make([] as unknown[], (value) => { value.push(value, [value]); })],
  ["map in itself", () => make(new Map<unknown, unknown>(), (map) => map.set(map, map).set("x", { map }))],
  ["set in itself", () => make(new Set<unknown>(), (set) => set.add(set).add([set]))],
  ["shared date, regexp, url", () => make([new Date(1), /x/g, new URL("http://a/")] as unknown[], (list) => list.push(...list))],
  ["shared frozen", () => make([Object.freeze({ a: 1 })] as unknown[], (list) => list.push(list[0]))],
  ["frozen in itself", () => { const held: Record<string, unknown> = {}; const whole = Object.freeze({ held }); held["whole"] = whole; return whole; }],
  ["shared key and value", () => { const key = { k: 1 }; return { map: new Map([[key, key]]), key }; }],
  ["class", () => new Money(5)],
  ["shared instance", () => make([new Money(1)], (list) => list.push(list[0] as Money))],
  ["instance in itself", () => make(new Guarded(), (value) => { value.next = value; })],
  ["instances in a circle", () => { const one = new Guarded(); const other = new Guarded(); one.next = other; other.next = [one]; return one; }],
  ["own field named like a setter", () => make(new Guarded(), (value) => { Object.defineProperty(value, "value", { value: 1, writable: true, enumerable: true, configurable: true }); })],
  ["sharing in three places", () => { const a = { n: 1 }; const b = { a }; return [a, b, { b, a }, new Map([[a, b]])]; }],
];

export const all: readonly Fixture[] = [...json, ...scalars, ...builtIns, ...binary, ...errors, ...graphs];
