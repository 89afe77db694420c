// The extension point: kinds of the caller, as the runtime uses it for closures, cells, durable promises and templates.

import { describe, expect, test } from "vitest";
import { decode } from "../../runtime/codec/decode.ts";
import { encode } from "../../runtime/codec/encode.ts";
import { fail, refuse, type Kind } from "../../runtime/codec/kind.ts";
import { isoText } from "../../runtime/codec/kinds/text.ts";
import { UnknownCodeError } from "../../runtime/errors/codec.ts";
import { isDeflowError } from "../../runtime/errors/error.ts";
import { random } from "./random.ts";

class Cell {
  value: unknown;
  finished = 0;
  constructor(value?: unknown) {
    this.value = value;
  }
}

const cells: Kind<Cell> = {
  tag: "$cell",
  prototypes: [Cell.prototype],
  encode: (cell, write) => write(cell.value, "value"),
  create: () => new Cell(),
  fill(cell, payload, read) {
    cell.value = read(payload, "value");
  },
  finish(cell) {
    cell.finished++;
  },
};

type Adder = (() => Cell) & { readonly cell?: Cell };
const captured = new WeakMap<object, { total: Cell }>();
const adder = (capture: { total: Cell }): Adder => {
  const made = (): Cell => capture.total;
  captured.set(made, capture);
  return made;
};

const closures: Kind<Adder> = {
  tag: "$add",
  test: (value) => captured.has(value),
  encode: (closure, write) => ({ id: "add", total: write(captured.get(closure)?.total, "total") }),
  create(payload) {
    const { id } = payload as { id: string };
    if (id !== "add") return fail((path) => new UnknownCodeError(path, id));
    return adder({ total: undefined as never });
  },
  fill(closure, payload, read) {
    (captured.get(closure) as { total: Cell }).total = read((payload as { total: never }).total, "total") as Cell;
  },
};

const globals = new Map<string, object>([["config", { debug: true }]]);
const names = new Map<object, string>([...globals].map(([name, object]) => [object, name]));
const externals: Kind = {
  tag: "$global",
  instances: names,
  named: true,
  encode: (object) => names.get(object) as string,
  create: (payload) => globals.get(payload as string) as object,
};

const kinds: readonly Kind[] = [cells, closures, externals];
const roundTrip = (record: Record<string, unknown>): Record<string, unknown> => {
  const text = encode(record, { kinds });
  const back = decode(text, { kinds });
  expect(encode(back, { kinds })).toBe(text);
  return back;
};

describe("kinds of the caller", () => {
  test("two closures share a cell with the frame", () => {
    const total = new Cell(1);
    const back = roundTrip({ total, one: adder({ total }), two: adder({ total }) }) as { total: Cell; one: Adder; two: Adder };
    expect(back.one()).toBe(back.total);
    expect(back.two()).toBe(back.total);
    expect(back.total).toMatchObject({ value: 1, finished: 1 });
  });

  test("a closure that captures itself", () => {
    const total = new Cell();
    total.value = adder({ total });
    const back = roundTrip({ total }) as { total: Cell };
    expect((back.total.value as Adder)()).toBe(back.total);
  });

  test("a chain of 50,000 cells", () => {
    let cell = new Cell("end");
    for (let index = 0; index < 50_000; index++) cell = new Cell(cell);
    let back = (roundTrip({ cell }) as { cell: Cell }).cell;
    for (let index = 0; index < 50_000; index++) back = back.value as Cell;
    expect(back.value).toBe("end");
  });

  test("a named object keeps its identity, even a plain one in a plain record, and is never in the heap", () => {
    const config = globals.get("config");
    expect(encode({ a: { config } }, { kinds })).toBe('{"v":1,"a":{"config":{"$global":"config"}},"heap":[]}');
    const back = roundTrip({ a: config, b: [config, new Cell(config)] }) as { a: object; b: [object, Cell] };
    expect([back.a, back.b[0], back.b[1].value]).toEqual([config, config, config]);
    expect(back.a).toBe(config);
    expect(encode({ a: config, b: config }, { kinds })).not.toContain("$ref");
  });

  test("frozen ones are frozen when they are complete", () => {
    const back = roundTrip({ cell: Object.freeze(new Map([["cell", new Cell(1)]])) }) as { cell: Map<string, Cell> };
    expect(Object.isFrozen(back.cell)).toBe(true);
    expect(back.cell.get("cell")?.value).toBe(1);
  });

  test("errors of kinds have the path", () => {
    expect(() => encode({ a: [new Cell({ f() {} })] }, { kinds })).toThrow("`a[0].value.f` is the function `f`");
    expect(() => decode('{"v":1,"a":[{"$add":{"id":"gone"}}],"heap":[]}', { kinds })).toThrow("`a[0]` is the function `gone`");
    const strict: Kind<Cell> = { ...cells, encode: () => refuse("a cell of another run") };
    expect(() => encode({ a: [new Cell()] }, { kinds: [strict] })).toThrow("`a[0]` is a cell of another run and cannot be stored");
  });

  test("a kind that throws is named with its place and cause", () => {
    const cause = new Error("oops");
    const broken: Kind<Cell> = { ...cells, encode: () => { throw cause; }, create: () => { throw cause; } };
    for (const work of [() => encode({ a: new Cell() }, { kinds: [broken] }), () => decode('{"v":1,"a":{"$cell":1},"heap":[]}', { kinds: [broken] })]) {
      const error = ((): unknown => { try { return work(); } catch (thrown) { return thrown; } })() as Error & { path: string };
      expect(isDeflowError(error)).toBe(true);
      expect([error.path, error.cause]).toEqual(["a", cause]);
    }
  });

  test("a tag belongs to one kind", () => {
    expect(() => encode({ a: undefined }, { kinds: [cells, { ...cells }] })).toThrow("two kinds have the tag $cell");
  });
});

test("dates are written as toISOString does", () => {
  const { integer } = random(3);
  for (let round = 0; round < 20_000; round++) {
    const date = new Date((integer(2 ** 31) - 2 ** 30) * 10 ** (integer(6) + 1) + integer(1_000));
    expect(isoText(date)).toBe(date.toISOString());
  }
});
