// Classes made in flows as text: the form of each, and frames that name them with what does not fit. Such a frame is a typed
// error, and runs nothing but the class's factory.

import { expect, test } from "vitest";
import { class as declareClass } from "../../runtime/values/class.ts";
import { decode } from "../../runtime/codec/decode.ts";
import { encode } from "../../runtime/codec/encode.ts";
import { isDeflowError } from "../../runtime/errors/error.ts";
import { kindsWith } from "../../runtime/record/kinds/index.ts";
import type { ClassFunction } from "../../runtime/strands/registry.ts";
import { Places, whileWriting } from "../../runtime/record/session.ts";
import type { LiveRun } from "../../runtime/run/step.ts";

const kinds = kindsWith(undefined);
const ran: string[] = [];

const makePoint = declareClass("test#Point", "step ~keys~k", ($e, $c) => class Point {
  static { $c.begin(this as unknown as ClassFunction); $c.hidden(["#n"], (o) => #n in o && [(o as Point).#n], (o, v) => { [(o as Point).#n] = v as [number]; }); }
  static made = $c.fresh && (ran.push("static"), 1);
  #n: unknown = $c.reviving || (ran.push("field"), 7);
  x: number;
  constructor(x: number) { if ($c.reviving) { this.x = 0; return; } ran.push("constructor"); this.x = x; }
  [$c.key() as "read"](): unknown { return [$e["step"], this.#n]; }
} as unknown as ClassFunction, { arity: 1, members: "method[0]" });

const makeList = declareClass("test#List", "", (_, $c) => class List extends ($c.base() as ArrayConstructor) {} as unknown as ClassFunction, { base: () => Array });

const read = (text: string): Record<string, unknown> => decode(text, { kinds });
const write = (record: Record<string, unknown>): string => whileWriting(new Places(undefined as unknown as LiveRun, 0), () => encode(record, { kinds }));

const golden = {
  class: '{"v":1,"c":{"$class":{"code":"test#Point","env":{"step":2,"~keys~k":0},"keys":["read"],"own":{"props":[["made",1]]}}},"heap":[]}',
  instance: '{"v":1,"p":{"$new":{"class":{"$ref":0},"made":[[{"$ref":0},7]],"fields":{"x":5}}},"heap":[{"$class":{"code":"test#Point","env":{"step":2,"~keys~k":0},"keys":["read"],"own":{"props":[["made",1]]}}}]}',
  contents: '{"v":1,"l":{"$new":{"class":{"$class":{"code":"test#List"}},"as":[1,2],"props":[["note","n"]]}},"heap":[]}',
  member: '{"v":1,"m":{"$member":[{"$class":{"code":"test#Point","env":{"step":2,"~keys~k":0},"keys":["read"],"own":{"props":[["made",1]]}}},"prototype","read","value"]},"heap":[]}',
};

test("each form is written so, for ever", () => {
  const Point = makePoint({ step: 2, "~keys~k": 0 }, () => "read") as unknown as new (x: number) => { read(): unknown };
  const List = makeList({}, () => Array) as unknown as typeof Array;
  expect(write({ c: Point })).toBe(golden.class);
  expect(write({ p: new Point(5) })).toBe(golden.instance);
  expect(write({ l: Object.assign(List.of(1, 2), { note: "n" }) })).toBe(golden.contents);
  expect(write({ m: (Point.prototype as { read: unknown }).read })).toBe(golden.member);
});

test.each(Object.entries(golden))("%s: read and written again, without running anything of the class", (_, text) => {
  ran.length = 0;
  expect(write(read(text))).toBe(text);
  expect(ran).toEqual([]);
});

test("an instance is what it was", () => {
  const { p } = read(golden.instance) as { p: { x: number; read(): unknown; constructor: { made: number } } };
  expect([p.x, p.read(), p.constructor.made, p instanceof (p.constructor as unknown as typeof Object)]).toEqual([5, [2, 7], 1, true]);
});

const point = '{"$class":{"code":"test#Point","env":{"step":2,"~keys~k":0},"keys":["read"]}}';

test.each([
  '{"$class":null}', '{"$class":{"code":"nope"}}', '{"$class":{"code":"test#Point"}}', '{"$class":{"code":"test#Point","env":{"step":2,"~keys~k":0},"keys":["a","b"]}}',
  '{"$class":{"code":"test#Point","env":{"step":2,"~keys~k":0},"keys":[1]}}', '{"$class":{"code":"test#Point","env":{"step":2,"~keys~k":0},"keys":["read"],"extends":5}}', '{"$class":{"code":"test#Point","env":{"step":2,"~keys~k":0},"keys":["read"],"private":[1]}}',
  '{"$class":{"code":"test#Point","env":{"step":2,"~keys~k":0},"keys":["read"],"own":{"keep":-1}}}', '{"$class":{"code":"test#Point","env":{"step":2,"~keys~k":0},"keys":["read"],"own":{"props":[["length"]]}}}',
  `{"$new":{"class":{"a":1},"fields":{}}}`, `{"$new":{"class":${point},"made":[[5]],"fields":{}}}`, `{"$new":{"class":${point},"made":[[${point},1,2]],"fields":{}}}`,
  `{"$new":{"class":${point},"as":5,"fields":{}}}`, `{"$new":{"class":${point},"as":[],"made":[[${point},1]],"fields":{}}}`, `{"$new":{"proto":5,"fields":{}}}`,
  `{"$member":[5]}`, `{"$member":[${point},"prototype","nope","value"]}`, `{"$member":[${point},"prototype","constructor","value"]}`, `{"$member":[${point},"elsewhere","read","value"]}`,
  `{"$member":[${point},"prototype","read","call"]}`, `{"$member":[${point},"field","read",${point}]}`, `{"$member":[{},"field","read",5]}`,
])("%s is a typed error", (value) => {
  ran.length = 0;
  let thrown: unknown;
  try {
    read(`{"v":1,"a":${value},"heap":[]}`);
  } catch (error) {
    thrown = error;
  }
  expect(isDeflowError(thrown)).toBe(true);
  expect(ran).toEqual([]);
});

test("a class is not stored outside a run", () => {
  expect(() => encode({ c: makePoint({}, () => "read") }, { kinds })).toThrow("outside the flow's run");
});
