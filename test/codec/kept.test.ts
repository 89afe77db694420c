// Objects and arrays with more than plain fields.

import { describe, expect, test } from "vitest";
import { decode } from "../../runtime/codec/decode.ts";
import { encode } from "../../runtime/codec/encode.ts";
import { kindsWith } from "../../runtime/record/kinds/index.ts";
import * as $ from "../../runtime/internal.ts";

const kinds = kindsWith(undefined);
const text = (value: unknown): string => encode({ value }, { kinds });

/** Read back, after the law that the same text comes of it. */
function again<T>(value: T): T {
  const frame = text(value);
  const record = decode(frame, { kinds });
  expect(encode(record, { kinds })).toBe(frame);
  return record["value"] as T;
}

const closure = (id: string, fn: ($e: Record<string, unknown>) => (this: never, ...args: never[]) => unknown) => $.code(`kept#${id}`, id === "next" ? "n*" : "", fn);

test("symbol keys, with their order and attributes", () => {
  const object = Object.defineProperty({ a: 1, [Symbol.for("k")]: [undefined], [Symbol.toStringTag]: "Mine" }, Symbol.for("hidden"), { value: 2 });
  const copy = again(object);
  expect(Reflect.ownKeys(copy)).toEqual(Reflect.ownKeys(object));
  expect(Object.getOwnPropertyDescriptors(copy)).toEqual(Object.getOwnPropertyDescriptors(object));
  expect(String(copy)).toBe("[object Mine]");
});

test("unique symbols made in a flow, as values and as keys", () => {
  const [one, other] = [$.symbol("k"), $.symbol("k")];
  const copy = again({ one, list: [other, one], keyed: { [one]: 1, [other]: 2 }, map: new Map<unknown, unknown>([[one, 3]]) });
  expect([copy.list[1], typeof copy.one, copy.one.description]).toEqual([copy.one, "symbol", "k"]);
  expect(Reflect.ownKeys(copy.keyed)).toEqual([copy.one, copy.list[0]]);
  expect([copy.keyed[copy.one], copy.map.get(copy.one), copy.one === one, copy.one === copy.list[0]]).toEqual([1, 3, false, false]);
});

test("an iterator made in a flow goes on", () => {
  const n = $.cell(0);
  const next = closure("next", ($e) => () => ({ done: false, value: ($e["n"] as { v: number }).v++ }))({ n });
  const self = closure("self", () => function (this: unknown) { return this; })({});
  const iterator = { next, [Symbol.iterator]: self } as unknown as Iterator<number> & Iterable<number>;
  iterator.next();
  const copy = again(iterator);
  expect(copy[Symbol.iterator]()).toBe(copy);
  expect([copy.next().value, copy.next().value]).toEqual([1, 2]);
});

test("accessors of compiled functions", () => {
  const get = closure("get", () => function (this: { n: number }) { return this.n; })({});
  const object = Object.defineProperty({ n: 3 }, "twice", { get: get as () => unknown, enumerable: true, configurable: true }) as { n: number; twice: number };
  const copy = again(object);
  copy.n = 4;
  expect([copy.twice, Object.keys(copy), Object.getOwnPropertyDescriptor(copy, "twice")?.set]).toEqual([4, ["n", "twice"], undefined]);
});

test("attributes, hidden and read-only, in their order", () => {
  const object = Object.defineProperties({}, { b: { value: 1 }, a: { value: { deep: NaN }, enumerable: true }, $c: { value: 2, writable: true }, ["__proto__"]: { value: 3 } });
  const copy = again(object);
  expect(Reflect.ownKeys(copy)).toEqual(["b", "a", "$c", "__proto__"]);
  expect(Object.getOwnPropertyDescriptors(copy)).toEqual(Object.getOwnPropertyDescriptors(object));
  expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
});

test("frozen objects with symbol keys", () => {
  const copy = again(Object.freeze({ [Symbol.for("k")]: { a: 1 }, b: 2 }));
  expect(Object.isFrozen(copy)).toBe(true);
  expect(copy).toEqual({ [Symbol.for("k")]: { a: 1 }, b: 2 });
});

describe("prototypes", () => {
  test("are shared, and may be cyclic through a field", () => {
    const base: Record<string, unknown> = { greet: "hello" };
    const [one, two] = [Object.create(base) as Record<string, unknown>, Object.create(base) as Record<string, unknown>];
    base["first"] = one;
    one["own"] = 1;
    const copy = again({ two, one, base });
    expect(Object.getPrototypeOf(copy.one)).toBe(copy.base);
    expect(Object.getPrototypeOf(copy.two)).toBe(copy.base);
    expect([copy.two["greet"], copy.base["first"] === copy.one, Object.keys(copy.one)]).toEqual(["hello", true, ["own"]]);
  });

  test("of null, with a symbol key", () => {
    const copy = again(Object.assign(Object.create(null) as object, { [Symbol.for("k")]: 1 }));
    expect(Object.getPrototypeOf(copy)).toBeNull();
  });

  test("of a class are not", () => {
    class Mine {}
    expect(() => text(Object.create(new Mine()))).toThrow("cannot be stored");
    expect(() => text(new Mine())).toThrow("which is not registered");
  });
});

test("extra properties of arrays", () => {
  const match = /(?<first>b)(c)?/.exec("abc") as RegExpExecArray;
  const copy = again(match);
  expect([copy.index, copy.input, copy.groups?.["first"], copy.length, [...copy]]).toEqual([1, "abc", "b", 3, [...match]]);
  const sparse = Object.assign(new Array<number>(3), { 1: 7, note: "x", [Symbol.for("k")]: 1 });
  const other = again(sparse);
  expect([other.length, 0 in other, other[1], Reflect.ownKeys(other)]).toEqual([3, false, 7, ["1", "length", "note", Symbol.for("k")]]);
});

test("shared and within itself", () => {
  const object: Record<PropertyKey, unknown> = {};
  object[Symbol.for("self")] = object;
  const copy = again([object, object]);
  expect(copy[0]).toBe(copy[1]);
  expect((copy[0] as typeof object)[Symbol.for("self")]).toBe(copy[0]);
});

test.each([
  { $k: 1 }, { $k: {} }, { $k: { props: [["a"]] } }, { $k: { props: [[1, 2]] } }, { $k: { props: [["a", 1, "x"]] } }, { $k: { props: [["a", 1, "e"], ["a", 1, "e"]] } },
  { $k: { props: [["a", 1, 2, "e"]] } }, { $k: { props: [], proto: 1 } }, { $k: { props: [], list: {} } }, { $k: { props: [], proto: { $ref: 0 } } },
])("corrupt: %j", (value) => {
  const frame = JSON.stringify({ v: 1, value: { $ref: 0 }, heap: [value] });
  expect(() => decode(frame, { kinds })).toThrow("Corrupt frame");
});
