// TypeScript around and inside flows: what only it can write comes out as code that parses and runs.

import { expect, test } from "vitest";
import { begin, type Flow } from "../../runtime/index.ts";
import { flow, imports, load } from "./source.ts";

type Flows = Record<string, Flow<[], unknown>>;

async function valueOf(source: string, name = "f", fileName = "shop.ts"): Promise<unknown> {
  const result = await begin((load(source, { fileName }) as Flows)[name] as Flow<[], unknown>, []);
  expect(result).toMatchObject({ status: "completed" });
  return (result as { value: unknown }).value;
}

test("a captured function that an assertion hides has no receiver", async () => {
  const source = flow(`
    let g: (() => boolean) | undefined = function (this: unknown) { return this === undefined; };
    const run = () => [g!(), (g as () => boolean)(), (<any>g)(), (g satisfies any)(), g!?.()];
    await Promise.resolve();
    g = g;
    return run();`, "async function f()");
  expect(await valueOf(source)).toEqual([true, true, true, true, true]);
});

test("a function or class that an assertion hides is named by its place", async () => {
  const source = flow(`
    const a = (() => 1) as () => number, b = <any>(async () => 2), c = class {} satisfies unknown, key = "d";
    const o = { [key]: (() => 3)!, e: (function* () {}) as any, [key + 1]: class {} as unknown, f: await Promise.resolve(4) } as any;
    return [a.name, b.name, c.name, o.d.name, o.e.name, o.d1.name];`, "async function f()");
  expect(await valueOf(source)).toEqual(["a", "b", "c", "d", "e", "d1"]);
});

test("several flows in one statement", async () => {
  const source = `${imports}
    export const a = deflow(async () => [1].map((x) => x + 1)), b = deflow(async () => [1].map((x) => x + 2));
    const flows = { c: deflow(async () => [1].map((x) => x + 3)), d: deflow(async () => [1].map((x) => x + 4)) };
    export const { c, d } = flows;
    let e; if (flows) e = deflow(async function e() { return [1].map((x) => x + 5); });
    export { e };`;
  for (const [name, value] of [["a", 2], ["b", 3], ["c", 4], ["d", 5], ["e", 6]] as const) expect(await valueOf(source, name)).toEqual([value]);
});

test("functions of different flows whose names run together", async () => {
  const source = `${imports}
    export const f = deflow(async () => { const g_h = () => 1; return g_h(); });
    export const f_g = deflow(async () => { const h = () => 2; return h(); });
    export const é = deflow(async () => { const h = () => 3; return h(); });
    export const ü = deflow(async () => { const h = () => 4; return h(); });`;
  for (const [name, value] of [["f", 1], ["f_g", 2], ["é", 3], ["ü", 4]] as const) expect(await valueOf(source, name)).toBe(value);
});

test("abstract and decorated classes", async () => {
  const source = `${imports}
    const mark = (tag: string) => (target: object, key?: string) => { Reflect.set(key ? target.constructor : target, key ?? "tag", tag); };
    export const f = deflow(async function f() {
      const n = 5;
      abstract class A { abstract foo(): number; bar() { return this.foo() + n; } }
      class B extends A { override foo() { return 1; } }
      const bar = new B().bar();
      let tag = "outer";
      const get = () => tag;
      await Promise.resolve();
      tag = "later";
      @mark(tag) class C { @mark(tag + n) m() {} }
      { abstract class D { static s = n } @mark(get()) class E extends D { @mark(tag) m() {} } return [bar, Reflect.get(C, "tag"), Reflect.get(C, "m"), E.s, Reflect.get(E, "tag"), Reflect.get(E, "m")]; }
    });`;
  expect(await valueOf(source)).toEqual([6, "later", "later5", 5, "later", "later"]);
});

test("an element that was evaluated before an await of its siblings", async () => {
  const source = `${imports}
    const h = (tag: string, props: object, ...children: unknown[]) => ({ tag, ...props, children });
    export const f = deflow(async () => <a x=<i/> y={await Promise.resolve(1)}><b>{await Promise.resolve(2)}</b>text<c>{await Promise.resolve(3)}</c></a>);`;
  const element = (tag: string, ...children: unknown[]): object => ({ tag, children });
  expect(await valueOf(source, "f", "shop.tsx")).toEqual({ ...element("a", element("b", 2), "text", element("c", 3)), x: element("i"), y: 1 });
});

test("the arguments of the flow in a step function", async () => {
  const source = flow(`
    const inner = async function (...a: number[]) { return await step("count", () => [arguments.length, a.length, (function () { return arguments.length; })()]); };
    return inner(1, 2);`, "async function f()");
  expect(await valueOf(source)).toEqual([2, 2, 0]);
});
