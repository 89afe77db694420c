// What a frame cannot hold, with the path and the words that say so. Nothing of the user's runs while it is found out.

import { EventEmitter } from "node:events";
import { createServer, Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { encode } from "../../runtime/codec/encode.ts";
import { isDeflowError } from "../../runtime/errors/error.ts";

class Unregistered {
  a = 1;
}
class Secret {
  #hidden = 1;
  peek(): number {
    return this.#hidden;
  }
}
function* generator(): Generator<number> {
  yield 1;
}
async function* asyncGenerator(): AsyncGenerator<number> {
  yield 1;
}
const withGetter = (enumerable: boolean): object =>
  Object.defineProperty({}, "now", { enumerable, configurable: true, get: () => expect.fail("a getter ran") });

const rows: readonly (readonly [name: string, make: () => unknown, type: string | RegExp])[] = [
  ["function", () => function named() {}, "the function `named`"],
  ["arrow", () => [(): void => {}][0], "the function `(anonymous)`"],
  ["async function", () => async function later() {}, "the function `later`"],
  ["class", () => Unregistered, "the class `Unregistered`"],
  ["promise", () => Promise.resolve(1), "a promise"],
  ["WeakMap", () => new WeakMap(), "a WeakMap"],
  ["WeakSet", () => new WeakSet(), "a WeakSet"],
  ["WeakRef", () => new WeakRef({}), "a WeakRef"],
  ["array iterator", () => [1].values(), "a native Array Iterator"],
  ["map iterator", () => new Map().entries(), "a native Map Iterator"],
  ["text iterator", () => "ab"[Symbol.iterator](), "a native String Iterator"],
  ["generator", () => generator(), "a generator"],
  ["async generator", () => asyncGenerator(), "an async generator"],
  ["unique symbol", () => Symbol("mine"), "the unique symbol `Symbol(mine)`"],
  ["getter", () => withGetter(true), "the function `get`"],
  ["hidden getter", () => withGetter(false), "the function `get`"],
  ["setter", () => ({ set x(_value: number) {} }), "the function `set x`"],
  ["getter in an array", () => Object.defineProperty([1], 1, { get: () => undefined, enumerable: true }), "an array with a getter or setter at 1"],
  ["class instance", () => new Unregistered(), "an instance of the class `Unregistered`, which is not registered"],
  ["class with #private", () => new Secret(), "an instance of the class `Secret`, which is not registered"],
  ["subclass of Map", () => new (class Dictionary extends Map {})(), "an instance of the class `Dictionary`, which is not registered"],
  ["subclass of Error", () => new (class PayError extends Error {})("m"), "an instance of the class `PayError`, which is not registered"],
  ["pretended Date", () => Object.create(Date.prototype) as object, /could not be read/],
  ["pretended Map", () => Object.create(Map.prototype) as object, /could not be read/],
  ["Proxy", () => new Proxy({}, { ownKeys: () => expect.fail("a trap ran"), getPrototypeOf: () => expect.fail("a trap ran") }), "a Proxy"],
  ["Proxy of an array", () => new Proxy([1], {}), "a Proxy"],
  ["Proxy of a function", () => new Proxy(() => 1, {}), "a Proxy"],
  ["SharedArrayBuffer", () => new Uint8Array(new SharedArrayBuffer(1)), "a SharedArrayBuffer"],
  ["resizable buffer", () => new (ArrayBuffer as new (length: number, options: object) => ArrayBuffer)(1, { maxByteLength: 2 }), "a resizable ArrayBuffer"],
  ["socket", () => new Socket(), "a net.Socket"],
  ["server", () => createServer(), "a net.Server"],
  ["emitter", () => new EventEmitter(), "a events.EventEmitter"],
  ["abort signal", () => new AbortController().signal, "an AbortSignal"],
  ["timer", () => { const timer = setTimeout(() => {}, 0); clearTimeout(timer); return timer; }, /`Timeout`/],
  ["global", () => globalThis, /./],
  ["Math", () => Math, /./],
  ["arguments", () => (function list(..._: unknown[]) { return arguments; })(1), /./],
  ["Intl", () => new Intl.NumberFormat("en"), /`NumberFormat`/],
];

function refusal(work: () => unknown): Error & { path: string; type: string; hint: string } {
  try {
    work();
  } catch (error) {
    if (isDeflowError(error, "NOT_SERIALIZABLE")) return error as never;
    throw error;
  }
  throw new Error("it was not refused");
}

describe("refused, naming path and type", () => {
  test.each(rows)("%s", (_name, make, type) => {
    const { path, type: found, message, hint } = refusal(() => encode({ locals: { order: { items: [1, { value: make() }] } } }));
    expect(found).toMatch(type);
    const within = /^value(\.buffer|\.now|\.x)?$/.exec(path.slice("locals.order.items[1].".length));
    expect(within, path).not.toBeNull();
    expect(message).toBe(`\`${path}\` is ${found} and cannot be stored`);
    expect(hint).toMatch(/\.$/);
  });

  test.each(rows)("%s beside rich values", (_name, make, type) => {
    expect(refusal(() => encode({ rich: undefined, value: make() })).type).toMatch(type);
  });
});

describe("paths", () => {
  const bad = Symbol("bad");
  const deep = (length: number): unknown => {
    let value: unknown = bad;
    for (let index = 0; index < length; index++) value = { n: value };
    return value;
  };

  test.each([
    ["names and places", { a: [{ "b c": { d1: bad } }] }, 'a[0]["b c"].d1'],
    ["a map by its key", { cache: new Map([["user", { socket: bad }]]) }, 'cache.get("user").socket'],
    ["a map by place", { cache: new Map([[{}, bad]]) }, "cache.values()[0]"],
    ["a key of a map", { cache: new Map([[[bad], 1]]) }, "cache.keys()[0][0]"],
    ["a set", { set: new Set([1, bad]) }, "set.values()[1]"],
    ["a cause", { error: new Error("m", { cause: { bad } }) }, "error.cause.bad"],
    ["a field of an error", { error: Object.assign(new Error("m"), { request: { bad } }) }, "error.request.bad"],
    ["a boxed primitive", { value: Object(bad) as object }, "value"],
    ["deeper than the inline tree", deep(1_000) as Record<string, unknown>, "n" + ".n".repeat(999)],
    ["the record", { v: 1 }, ""],
  ])("%s", (_name, record, path) => {
    expect(refusal(() => encode(record)).path).toBe(path);
  });

  test("start where the caller says", () => {
    expect(refusal(() => encode({ a: [bad] }, { root: "strands[0].locals" })).path).toBe("strands[0].locals.a[0]");
  });

  test("a shared value is named where it was met first", () => {
    const shared = { bad };
    expect(refusal(() => encode({ one: [shared], two: shared })).path).toBe("one[0].bad");
  });
});

test("a refusal leaves nothing behind", () => {
  const value = { list: [1, { a: 1 }], bad: Symbol("bad") as unknown };
  refusal(() => encode(value));
  value.bad = 1;
  expect(encode(value)).toBe('{"v":1,"list":[1,{"a":1}],"bad":1}');
});
