// The functions that compiled code makes: to callers they are the async functions of the source.

import { begin, deflow, listen } from "deflow";
import { expect, test } from "vitest";
import { modes, Play } from "./turns.ts";

const seen = (fn: (...args: never[]) => unknown): unknown[] => [
  fn.name, fn.length, Object.getPrototypeOf(fn) === Object.getPrototypeOf(async () => {}), Object.hasOwn(fn, "prototype"),
];

const functions = deflow(async function functions() {
  const arrow = async (a: number, b: number): Promise<number> => a + b;
  const object = {
    async method(): Promise<unknown> {
      return this;
    },
    async ["__proto__"](a: unknown): Promise<unknown> {
      return a;
    },
  };
  const counts = async function (_a?: unknown): Promise<number> {
    // oxlint-disable-next-line prefer-rest-params
    return arguments.length;
  };
  const four = async (a: number, b: number, c: number, d: number): Promise<number> => a + b + c + d;
  return [
    seen(arrow), seen(object.method), seen(object["__proto__"]), seen(four), ...[async (a: number) => a].map(seen),
    await arrow(1, 2), (await object.method()) === object, await counts(), await counts(undefined), await (counts as (...args: unknown[]) => Promise<number>)(1, 2), await four(1, 2, 3, 4),
  ];
});

test("name, length, prototype, arguments", async () => {
  expect(await begin(functions, [])).toMatchObject({ value: [
    ["arrow", 2, true, false], ["method", 0, true, false], ["__proto__", 1, true, false], ["four", 4, true, false], ["", 1, true, false],
    3, true, 0, 1, 2, 10,
  ] });
});

const calls = deflow(async function calls(n: number) {
  const all = Array.from({ length: n }, async (_, index) => {
    if (index % 3 > 0) await listen("x");
    return index;
  });
  await listen("y");
  return await Promise.race([all[0], all[3], all[1]]);
});

test("strands start and end in any order", async () => {
  const play = new Play(modes[0] as (typeof modes)[0]);
  await play.begin(calls, 7);
  expect(play.last.waits.map(({ context }) => context)).toEqual(["x", "x", "x", "x", "y"]);
  await play.send("x");
  await play.send("x");
  expect(play.record.strands).toHaveLength(3);
  expect(await play.send("y")).toMatchObject({ value: 0 });
});

const methods = deflow(async function methods() {
  const held = {
    socket: new WeakMap(),
    async blind(): Promise<unknown> {
      return await listen("x");
    },
  };
  const seeing = {
    n: 2,
    async direct(): Promise<number> {
      return this.n + (await listen("x") as number);
    },
    async inside(): Promise<number> {
      const read = (): number => this.n;
      await listen("x");
      return read();
    },
  };
  // The method's strand is all that could keep the object.
  const promises = [held.blind(), seeing.direct(), seeing.inside()];
  return await Promise.all(promises);
});

test("a method keeps the object it is called on only if it asks for it", async () => {
  const play = new Play(modes[0] as (typeof modes)[0]);
  await play.begin(methods);
  expect(play.record.strands.map((strand) => "self" in strand)).toEqual([false, false, true, true]);
  await play.send("x", 1);
  await play.send("x", 2);
  expect(await play.send("x", 3)).toMatchObject({ value: [1, 4, 2] });
});
