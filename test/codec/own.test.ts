// Lists that the caller made for the call: what is in their objects is checked and written as everywhere else.

import { expect, test } from "vitest";
import { decode } from "../../runtime/codec/decode.ts";
import { encode } from "../../runtime/codec/encode.ts";

const own = ["strands", "ops"];

function there(record: Record<string, unknown>): Record<string, unknown> {
  return decode(encode(record, { own }));
}

test.each([
  ["a date in a list of the caller's", { strands: [{ at: new Date(5) }], ops: [] }],
  ["a date beside them, as deep", { strands: [], ops: [], responses: [new Date(5), { at: [new Date(6)] }] }],
  ["a map as a field", { strands: [], ops: [], ending: { value: new Map([["a", 1n]]) } }],
  ["undefined and negative zero", { strands: [{ locals: { none: undefined, zero: -0 } }], ops: [{ value: undefined }] }],
  ["keys that look like tags", { strands: [{ locals: { $d: "x", __proto__: null } }], ops: [] }],
])("%s", (_, record) => {
  expect(there(record)).toStrictEqual(record);
});

test("an object that two of them share is one object again, and a plain frame stays plain", () => {
  const order = { n: 1 };
  const { strands } = there({ strands: [{ locals: { order } }, { locals: { order } }], ops: [] }) as { strands: { locals: { order: object } }[] };
  expect(strands[0]?.locals.order).toBe(strands[1]?.locals.order);
  expect(encode({ id: "a", strands: [{ locals: { order } }], ops: [{ listen: "x" }] }, { own })).toBe('{"v":1,"id":"a","strands":[{"locals":{"order":{"n":1}}}],"ops":[{"listen":"x"}]}');
});

test("errors name the path through them", () => {
  expect(() => encode({ strands: [{ locals: { order: { socket: new WeakMap() } } }], ops: [] }, { own })).toThrow("`strands[0].locals.order.socket`");
});
