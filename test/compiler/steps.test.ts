// Ordinary code of a flow: what step functions and decorated classes take from the function around them.

import { expect, test } from "vitest";
import { begin, resume, type Flow } from "../../runtime/index.ts";
import { flow, load } from "./source.ts";

/** The value of a flow, stored at its stops in between. */
async function valueOf(body: string): Promise<unknown> {
  const { f } = load(flow(body, "async function f()")) as { f: Flow<[], unknown> };
  let turn = await begin(f, []);
  while (turn.status === "waiting") turn = await resume(turn.frame, "go", 0);
  expect(turn).toMatchObject({ status: "completed" });
  return (turn as { value: unknown }).value;
}

test("a computed key, a base and a decorator belong to what is around the class or the literal", async () => {
  expect(await valueOf(`
    class Base { base() { return "base"; } }
    const above = { key() { return "key" + this.n; }, get Base() { return Base; } };
    const o = {
      __proto__: above, n: 1,
      async literal(...given: string[]) { return step("literal", () => Object.keys({ [this.n]: 1, [arguments[0]]() {}, get [super.key()]() { return 2; } })); },
      async class(...given: string[]) {
        return step("class", () => {
          class A extends super.Base { [super.key()]() { return super.base() + this.m; } [arguments[1]] = "field"; m = 3; static [this.n] = new.target === undefined; }
          const a: any = new A();
          return [a.key1(), a.two, (A as any)[1]];
        });
      },
      nested() { return step("nested", () => new (class { [new (class { [super.key()]() { return "inner"; } })().key1()]() { return "outer"; } } as any)().inner()); },
    };
    return [await o.literal("one"), await o.class("one", "two"), await o.nested()];`)).toEqual([["1", "one", "key1"], ["base3", "field", true], "outer"]);
});

test("a tagged template has one strings object, before a stop and after it", async () => {
  expect(await valueOf(`
    const keep = (strings: TemplateStringsArray) => strings;
    const mark = (strings: TemplateStringsArray) => (target: object) => { Reflect.set(target, "mark", strings); };
    const site = () => step("site", () => { const found = keep\`in a \${"step"}\`; return found.raw.join("|"); });
    const make = () => { @mark\`decorated\` class A { static own() { return keep\`in a \${"class"}\`; } } return [(A as any).mark, A.own()]; };
    const first = make();
    const text = await site();
    await listen("go");
    const second = make();
    return [text, await site(), first.map((one, i) => one === second[i]), first[0] === first[1]];`)).toEqual(["in a |", "in a |", [true, true], false]);
});
