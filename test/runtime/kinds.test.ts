// The kinds that the runtime adds to the codec.

import { expect, test } from "vitest";
import { builtins } from "../../runtime/codec/builtins.ts";
import { decode } from "../../runtime/codec/decode.ts";
import { encode } from "../../runtime/codec/encode.ts";
import { CancelledError, external, isDeflowError, NotListeningError } from "deflow";
import * as $ from "../../runtime/internal.ts";
import { kindsWith } from "../../runtime/record/kinds/index.ts";

const kinds = kindsWith(undefined);
const again = (value: unknown): unknown => decode(encode({ value }, { kinds }), { kinds })["value"];

test("tags are unique, those of the codec included", () => {
  const tags = [...builtins(), ...kinds].map(({ tag }) => tag);
  expect(tags.toSorted()).toEqual([...new Set(tags)].toSorted());
});

test("functions of the language are kept by name", () => {
  const functions = [Array.prototype.push, Math.max, Map.prototype.get, parseInt, Date, Array.prototype[Symbol.iterator], JSON.stringify];
  expect(again(functions)).toEqual(functions);
  expect(encode({ value: [].push }, { kinds })).toContain('"Array.prototype.push"');
});

test("other functions are refused", () => {
  expect(() => again({ f: () => 1 })).toThrow("`value.f` is");
});

test("cells are shared, and may hold what holds them", () => {
  const cell = $.cell<unknown>();
  const closure = $.code("kinds#self", "cell*", ($e) => () => ($e["cell"] as typeof cell).v)({ cell });
  cell.v = closure;
  const [copy, same] = again([closure, cell]) as [() => unknown, typeof cell];
  expect(copy()).toBe(copy);
  expect(same.v).toBe(copy);
});

test("what the code does not have is told with its path", () => {
  const text = encode({ value: { inner: [Math.max] } }, { kinds });
  expect(() => decode(text.replace("Math.max", "Math.most"), { kinds })).toThrow("`value.inner[0]` is the function `Math.most`");
});

test("what external() was given is kept by name", () => {
  const cache = external("kinds#cache", new Map([[1, { big: true }]]));
  const clock = external("kinds#clock", () => 1);
  const { value: [map, call, same], ...rest } = { value: again([cache, clock, { cache }]) as [unknown, unknown, { cache: unknown }] };
  expect([map === cache, call === clock, same.cache === cache, rest]).toEqual([true, true, true, {}]);
  expect(encode({ value: cache }, { kinds })).toContain('{"$ext":"kinds#cache"}');
  const later = external("kinds#cache", new Map());
  expect(again(cache)).toBe(later);
  expect(() => decode(encode({ value: cache }, { kinds }).replace("kinds#cache", "kinds#gone"), { kinds })).toThrow(expect.objectContaining({ code: "UNKNOWN_EXTERNAL", message: expect.stringContaining("`value` is the object `kinds#gone`") as string }));
  expect(() => external("", {})).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  expect(() => external("n", 1 as never)).toThrow("The external `n` is 1");
});

test("a function's own properties are kept", () => {
  const closure = Object.assign($.code("kinds#own", "", () => () => 1)({}), { label: "x" });
  expect((again(closure) as typeof closure).label).toBe("x");
});

test("the dead zone", () => {
  const cell = again($.cell($.tdz)) as ReturnType<typeof $.cell>;
  expect(() => $.get(cell, "x")).toThrow(new ReferenceError("Cannot access 'x' before initialization"));
});

test("the strings of a template", () => {
  const strings = $.template("kinds~1", ["a", undefined], ["a", "\\u"]);
  expect($.template("kinds~1", ["a", undefined], ["a", "\\u"])).toBe(strings);
  expect(again({ strings })).toEqual({ strings });
  expect((again({ strings }) as { strings: unknown }).strings).toBe(strings);
  expect([Object.isFrozen(strings), strings.raw]).toEqual([true, ["a", "\\u"]]);
});

test("errors of deflow", () => {
  const error = new NotListeningError("a", ["b"], { runId: "r", cause: new TypeError("why") });
  const copy = again(error) as NotListeningError;
  expect(copy).toBeInstanceOf(NotListeningError);
  expect(copy).toBeInstanceOf(Error);
  expect(isDeflowError(copy, "NOT_LISTENING")).toBe(true);
  expect([copy.message, copy.stack, copy.runId, copy.hint, copy.name]).toEqual([error.message, error.stack, "r", error.hint, "NotListeningError"]);
  expect(copy.cause).toBeInstanceOf(TypeError);
  expect((again(new CancelledError("because")) as CancelledError).reason).toBe("because");
});
