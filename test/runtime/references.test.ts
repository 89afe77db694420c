// What frames name of the module: functions that are called later, and values that were read before a wait.

import { expect, it } from "vitest";
import { begin, type Flow, resume } from "../../runtime/index.ts";
import { flow, imports, load } from "../compiler/source.ts";

const f = (source: string, modules: Record<string, unknown> = {}): Flow<[], unknown> => load(source, { modules })["f"] as Flow<[], unknown>;

it.each([
  ["as", "(fn as any)(await listen('d'))"], ["satisfies", "(fn satisfies Function)(await listen('d'))"], ["<>", "(<any>fn)(await listen('d'))"],
  ["of a tag", "(tag as any)`${await listen('d')}`"], ["of a class", "new (Made as any)(await listen('d')).value"], ["of a value", "[held as any, await listen('d')][1]"],
  ["of what has the method", "(held as any).times(await listen('d'))"], ["a symbol", "fn(mark === mark && await listen('d'), mark)"],
])("an imported name under an assertion is named all the same: %s", async (_, expression) => {
  const modules = { "./m": { fn: (n: number) => n, tag: (_strings: unknown, n: number) => n, Made: class { readonly value: number; constructor(n: number) { this.value = n; } }, held: { times: (n: number) => n }, mark: Symbol("mark") } };
  const read = f(`import { fn, tag, Made, held, mark } from "./m";\n${flow(`return ${expression};`)}`, modules);
  const { frame = "" } = await begin(read, []);
  expect(await resume(frame, "d", 5)).toMatchObject({ status: "completed", value: 5 });
});

it("a module that is not set up yet is no obstacle for the other strands, of which one may set it up", async () => {
  const source = `${imports}let db: any;
    export const connect = () => { db = { save: (x: unknown) => ["saved", x] }; };
    export const f = deflow(async function f() {
      const ask = async () => db.save(await listen("d"));
      const go = async () => { await listen("go"); connect(); };
      return (await Promise.all([ask(), go()]))[0];
    });`;
  const one = load(source);
  (one["connect"] as () => void)();
  const { frame = "" } = await begin(one["f"] as Flow<[], unknown>, []);
  load(source);
  const then = await resume(frame, "go", 0);
  expect(await resume(then.frame ?? "", "d", 5)).toMatchObject({ status: "completed", value: ["saved", 5] });
});

it("a value that was read before the wait is the run's, whatever the module says when it goes on", async () => {
  const source = `${imports}let rate = 7; export const raise = () => { rate++; };
    export const f = deflow(async function f() { return [rate, await listen("d")]; });`;
  const one = load(source);
  (one["raise"] as () => void)();
  const { frame = "" } = await begin(one["f"] as Flow<[], unknown>, []);
  load(source);
  expect(await resume(frame, "d", 1)).toMatchObject({ value: [8, 1] });
});
