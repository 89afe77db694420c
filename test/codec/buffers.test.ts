// Buffers that share memory, also those that Node cuts out of one slab, and large views with properties of their own.

import { expect, it, vi } from "vitest";
import { decode } from "../../runtime/codec/decode.ts";
import { encode } from "../../runtime/codec/encode.ts";

const again = <T>(value: T): T => decode(encode({ value })).value as T;

/** Cut out of a slab. */
function pooled(...bytes: number[]): Buffer {
  const buffer = Buffer.from(bytes);
  expect(buffer.buffer.byteLength).toBe(Buffer.poolSize);
  return buffer;
}

it("a part of a small Buffer still shares its memory", () => {
  const whole = pooled(1, 2, 3, 4);
  const read = again({ whole, tail: whole.subarray(2), same: whole.subarray() });
  read.tail[0] = 9;
  expect([[...read.whole], [...read.tail], [...read.same]]).toEqual([[1, 2, 9, 4], [9, 4], [1, 2, 9, 4]]);
  expect(Buffer.isBuffer(read.tail)).toBe(true);
});

it("neighbours in a slab are stored apart, with nothing of the slab", () => {
  const secret = pooled(...Buffer.from("a secret"));
  const [one, other] = [pooled(1), pooled(2)];
  const text = encode({ value: [one, other] });
  expect(text).not.toContain(secret.toString("base64").slice(0, 8));
  expect(text.length).toBeLessThan(120);
  expect(again([one, other]).map((buffer) => buffer.buffer.byteLength)).toEqual([1, 1]);
});

it("is written the same each time, with what it holds then", () => {
  const whole = pooled(1, 2);
  const value = { whole, part: whole.subarray(1) };
  const before = encode({ value });
  expect(encode({ value })).toBe(before);
  whole[1] = 7;
  expect([...again(value).part]).toEqual([7]);
});

it.each([
  ["the part comes first", (whole: Buffer) => [whole.subarray(1), whole]],
  ["they overlap", (whole: Buffer) => [whole.subarray(0, 3), whole.subarray(2)]],
])("is refused where %s", (_, shared) => {
  expect(() => encode({ value: shared(pooled(1, 2, 3, 4)) })).toThrow(/a Buffer that shares its memory .* `value\[1\]`|`value\[1\]` is a Buffer that shares its memory/);
});

it.each([
  ["a name", (view: object) => Object.assign(view, { note: "kept" })],
  ["a hidden name", (view: object) => Object.defineProperty(view, "note", { value: "kept", configurable: true })],
  ["a symbol", (view: object) => Object.assign(view, { [Symbol.for("note")]: "kept" })],
])("a large view keeps a property under %s", (_, add) => {
  for (const view of [new Uint8Array(20_000), new Float64Array(20_000), Buffer.alloc(20_000)]) {
    const read = again(add(view)) as typeof view;
    expect(Reflect.ownKeys(read).filter((key) => !/^\d/.test(String(key)))).toEqual(Reflect.ownKeys(view).filter((key) => !/^\d/.test(String(key))));
    expect([read.length, Reflect.ownKeys(again(view)).length > 20_000, encode({ value: new Uint8Array(20_000) }).includes("note")]).toEqual([20_000, true, false]);
  }
});

interface Noted {
  note: string;
  third?: number;
}

const noted = (): Uint8Array & Noted => Object.assign(new Uint8Array(20_000), { note: "a", more: { n: 1 } });

it.each([["made", noted, 1], ["read", () => again(noted()), 0]] as const)("the keys of a large view that was %s are asked for where they may be others", (_, make, first) => {
  const view = make();
  const keysOf = (of: object): string[] => Object.getOwnPropertyNames(of).slice(view.length);
  const asked = vi.spyOn(Reflect, "ownKeys");
  const timesAsked = (): number => {
    asked.mockClear();
    expect(keysOf(again(view))).toEqual(keysOf(view));
    return asked.mock.calls.filter(([each]) => each === view).length;
  };
  try {
    expect([timesAsked(), timesAsked()]).toEqual([first, 0]);
    view.note = "another, more: 1";
    expect([timesAsked(), again(view).note]).toEqual([0, view.note]);
    for (const change of [
      () => Object.assign(view, { third: 3 }),
      () => Reflect.deleteProperty(view, "note"),
      () => Object.assign(view, { note: "last" }),
      () => Object.defineProperty(view, "hidden", { value: view.note, enumerable: false, configurable: true }),
      () => delete view.third && Object.assign(view, { third: 3 }),
      () => delete view.third && Object.assign(view, { fourth: 3 }),
      () => Object.assign(view, { [Symbol.iterator]: 1 }),
    ]) {
      change();
      expect([timesAsked(), timesAsked()]).toEqual([1, 0]);
    }
    expect(encode({ value: view })).toContain('{"$w":"iterator"}');
  } finally {
    asked.mockRestore();
  }
});
