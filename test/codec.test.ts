// The frame codec: every value there and back, the text it becomes, the plain path, limits and depth.

import { describe, expect, test } from "vitest";
import { serializable } from "../runtime/codec/classes.ts";
import { decode } from "../runtime/codec/decode.ts";
import { encode } from "../runtime/codec/encode.ts";
import { isDeflowError } from "../runtime/errors/error.ts";
import { difference } from "./codec/same.ts";
import { all, Guarded, json, Money } from "./codec/values.ts";

const caught = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error("it did not throw");
};

describe("there and back", () => {
  test.each(all)("%s", (_name, make) => {
    const value = make();
    const text = encode({ value });
    const back = decode(text);
    expect(difference(back, { value })).toBeUndefined();
    expect(encode(back), "equal graphs, equal text").toBe(text);
    expect(encode({ value }), "writing changes nothing").toBe(text);
  });

  test("twice in one record, each value keeps its identity", () => {
    for (const [name, make] of all) {
      const value = make();
      const record = { first: value, list: [value], nested: { value } };
      expect(difference(decode(encode(record)), record), name).toBeUndefined();
    }
  });

  test("no constructor and no setter runs", () => {
    const text = encode({ money: new Money(1), guarded: new Guarded() });
    const { made } = Money;
    decode(text);
    expect(Money.made).toBe(made);
    expect(Guarded.calls).toBe(0);
  });

  test("`toJSON` is data when it is a key, and never called", () => {
    const { prototype } = Object as unknown as { prototype: { toJSON?: unknown } };
    prototype.toJSON = () => expect.fail("toJSON was called");
    try {
      // An inherited enumerable key is no key of the object.
      expect(decode(encode({ a: [{ b: 1n, c: "x\n" }, "€"] }))).toEqual({ a: [{ b: 1n, c: "x\n" }, "€"] });
      expect(encode({ a: { b: [1, null, true] } })).toBe('{"v":1,"a":{"b":[1,null,true]},"heap":[]}');
    } finally {
      delete prototype.toJSON;
    }
  });

  test("pooled Buffers are stored without their neighbours", () => {
    const pooled = Buffer.from("secret neighbour").subarray(0, 6);
    expect(encode({ pooled })).toBe('{"v":1,"pooled":{"$t":["Buffer",{"$a":"c2VjcmV0"}]},"heap":[]}');
  });

  test("errors that Node makes", () => {
    const error = caught(() => new URL("nowhere")) as Error & { code: string };
    const back = decode(encode({ error }))["error"] as typeof error;
    expect(back).toBeInstanceOf(TypeError);
    expect([back.message, back.code, back.stack]).toEqual([error.message, "ERR_INVALID_URL", error.stack]);
  });

  test("aborts", () => {
    const error = caught(() => AbortSignal.abort().throwIfAborted()) as DOMException;
    const back = decode(encode({ error }))["error"] as DOMException;
    expect(back).toBeInstanceOf(DOMException);
    expect([back.name, back.message, back.code, back.stack]).toEqual([error.name, error.message, 20, error.stack]);
  });
});

describe("the text", () => {
  test.each([
    ["nothing", {}, '{"v":1}'],
    ["plain", { a: 1, b: ["x", null] }, '{"v":1,"a":1,"b":["x",null]}'],
    ["rich", { a: 1, d: new Date(0) }, '{"v":1,"a":1,"d":{"$d":"1970-01-01T00:00:00.000Z"},"heap":[]}'],
    ["escaped keys", { o: { $ref: 1n } }, '{"v":1,"o":{"$$ref":{"$b":"1"}},"heap":[]}'],
    ["map", { m: new Map([["k", [1]]]) }, '{"v":1,"m":{"$m":[["k",[1]]]},"heap":[]}'],
    ["class", { m: new Money(2) }, '{"v":1,"m":{"$c":["test.Money@1",{"amount":2,"currency":"EUR"}]},"heap":[]}'],
  ])("%s", (_name, record, text) => {
    expect(encode(record)).toBe(text);
  });

  test("what is shared moves to the heap, the rest stays a tree", () => {
    const shared = { n: 1 };
    expect(encode({ a: shared, b: { c: shared, d: 2 } })).toBe('{"v":1,"a":{"$ref":0},"b":{"c":{"$ref":0},"d":2},"heap":[{"n":1}]}');
  });

  test.each(json)("plain JSON needs no heap: %s", (_name, make) => {
    const record = { value: make() };
    expect(encode(record)).toBe(`{"v":1,${JSON.stringify(record).slice(1)}`);
  });

  test("nothing in a frame without heap is a tag", () => {
    expect(decode('{"v":1,"a":{"$ref":7,"$nope":[]}}')).toEqual({ a: { $ref: 7, $nope: [] } });
  });

  test("integer keys of a record", () => {
    const record = { 5: undefined, a: 1 };
    expect(difference(decode(encode(record)), record)).toBeUndefined();
  });
});

describe("depth", () => {
  const listOf = (length: number): unknown => {
    let list: unknown = null;
    for (let index = 0; index < length; index++) list = { list };
    return list;
  };

  test.each([399, 400, 401, 402, 5_000, 190_000])("a list of %i objects", (length) => {
    const record = { list: listOf(length) };
    const text = encode(record);
    const back = decode(text);
    expect(difference(back, record)).toBeUndefined();
    expect(encode(back)).toBe(text);
  });

  test("deep through every container", () => {
    let value: unknown = "end";
    for (let index = 0; index < 6_000; index++) {
      const inner = value;
      value = [() => new Map([[index, inner]]), () => new Set([inner]), () => [inner], () => new Error("e", { cause: inner }), () => Object.freeze({ inner })][index % 5]?.();
      if (value instanceof Error) value.stack = "";
    }
    const text = encode({ value });
    expect(encode(decode(text))).toBe(text);
  });

  test("what lies deep and is met again keeps its identity", () => {
    const shared = { s: 1 };
    let deep: unknown = shared;
    for (let index = 0; index < 1_000; index++) deep = [deep, shared];
    const record = { deep, shared };
    expect(difference(decode(encode(record)), record)).toBeUndefined();
  });
});

describe("limits", () => {
  const big = { strands: [{ locals: { report: "x".repeat(9_000_000 / 2), notes: "y".repeat(100_000), small: 1 } }, { locals: { other: "z".repeat(4_000_000) } }] };

  test("a frame over the limit names the largest locals", () => {
    const error = caught(() => encode(big, { limits: { string: 1e7 } })) as { message: string; largest: { path: string }[] };
    expect(isDeflowError(error, "TOO_LARGE")).toBe(true);
    expect(error.largest.map(({ path }) => path)).toEqual(["strands[0].locals.report", "strands[1].locals.other", "strands[0].locals.notes"]);
    expect(error.message).toContain("`strands[0].locals.report` 4395 KB");
  });

  test("and so does a rich one, through the heap", () => {
    const shared = [new Map([["text", "x".repeat(5_000)]])];
    const error = caught(() => encode({ strands: [{ locals: { shared } }], again: shared }, { limits: { frame: 1_000 } })) as { largest: { path: string }[] };
    expect(error.largest[0]?.path).toBe("strands[0].locals.shared");
  });

  test("bytes count, not characters", () => {
    expect(encode({ a: "€".repeat(100) }, { limits: { frame: 400 } })).toContain("€");
    expect(isDeflowError(caught(() => encode({ a: "€".repeat(100) }, { limits: { frame: 300 } })), "TOO_LARGE")).toBe(true);
  });

  test("large frames are told about", () => {
    const told: number[] = [];
    const onLarge = ({ bytes, largest }: { bytes: number; largest(): readonly { path: string }[] }): void => {
      told.push(bytes);
      expect(largest()[0]?.path).toBe("a");
    };
    encode({ a: "x".repeat(300_000) }, { onLarge });
    encode({ a: "x".repeat(200_000) }, { onLarge });
    expect(told).toEqual([300_014]);
  });

  test.each([
    ["string", { a: { b: "x".repeat(11) } }, { string: 10 }, "a.b"],
    ["rich string", { u: undefined, a: ["x".repeat(11)] }, { string: 10 }, "a[0]"],
    ["values", { a: [[1, 2, 3, 4, 5, 6], {}] }, { nodes: 5 }, "a[0]"],
    ["digits", { a: [1n, 10n ** 10n] }, { digits: 10 }, "a[1]"],
    ["holes", { a: Array.from({ length: 2 }, () => new Array(6)) }, { holes: 10 }, "a[1]"],
  ])("%s", (_name, record, limits, path) => {
    const error = caught(() => encode(record, { limits })) as { path: string };
    expect(isDeflowError(error, "TOO_LARGE")).toBe(true);
    expect(error.path).toContain(path);
  });

  test.each([
    ["values", { a: [[1, 2, 3, 4, 5, 6], undefined] }, { nodes: 5 }],
    ["digits", { a: [1n, -(10n ** 10n)] }, { digits: 10 }],
    ["holes", { a: Array.from({ length: 2 }, () => new Array(6)) }, { holes: 10 }],
    ["text", { a: "12345" }, { frame: 10 }],
  ])("when reading: %s", (_name, record, limits) => {
    expect(isDeflowError(caught(() => decode(encode(record), { limits })), "TOO_LARGE")).toBe(true);
  });

  test("a bigint of a million digits is refused at once", () => {
    const start = process.hrtime.bigint();
    const value = 1n << 3_300_000n;
    caught(() => encode({ value }));
    expect(Number(process.hrtime.bigint() - start) / 1e6).toBeLessThan(100);
  });
});

describe("serializable", () => {
  test("upgrades from any older version, with complete values", () => {
    class Order {
      lines: unknown[] = [];
      total = 0;
    }
    const seen: unknown[] = [];
    serializable(Order, {
      name: "test.Order",
      version: 3,
      upgrade(fields, from) {
        seen.push([from, fields["items"]]);
        return { lines: fields["items"], total: 7 };
      },
    });
    const text = '{"v":1,"a":{"$ref":0},"b":{"$ref":0},"heap":[{"$c":["test.Order@1",{"items":[{"$d":null},{"$ref":0}]}]}]}';
    const { a, b } = decode(text) as { a: Order; b: Order };
    expect(a).toBe(b);
    expect(a).toBeInstanceOf(Order);
    expect(a.total).toBe(7);
    expect(a.lines[1]).toBe(a);
    expect(seen).toEqual([[1, [new Date(NaN), a]]]);
    expect(Object.keys(a)).toEqual(["lines", "total"]);
  });

  test("a class may be registered again under its own name", () => {
    expect(serializable(Money, { name: "test.Money", version: 1 })).toBe(Money);
  });

  class Hidden {
    #secret = 1;
    peek(): number {
      return this.#secret;
    }
  }
  class Heir extends Hidden {}
  class Text {
    note = "a # b"; // and #here
    pattern = `#${"x"}`;
  }

  test.each([
    ["#private names", () => serializable(Hidden), /#private/],
    ["#private names of a base", () => serializable(Heir), /#private/],
    ["state in slots", () => serializable(class Dictionary extends Map {}), /extends Map/],
    ["no name", () => serializable(class {}), /no name/],
    ["a name that is taken", () => serializable(class Other {}, { name: "test.Money" }), /another class/],
    ["no version", () => serializable(class Other {}, { version: 0 }), /version/],
  ])("refuses %s", (_name, register, message) => {
    const error = caught(register) as Error;
    expect(isDeflowError(error, "INVALID_CLASS")).toBe(true);
    expect(error.message).toMatch(message);
  });

  test("a # in texts and comments is none", () => {
    expect(serializable(Text, { name: "test.Text" })).toBe(Text);
  });
});
