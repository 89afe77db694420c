// Kinds of files, and what stands around flows in them: all of it stays as it is, and the flows run.

import { begin, resume, type Flow } from "deflow";
import { describe, expect, test } from "vitest";
import { compile } from "../../compiler/index.ts";
import { codesOf, compiled, load } from "./source.ts";

type AnyFlow = Flow<unknown[], unknown>;

/** Runs a flow with answers for `listen("x")`. */
async function played(flow: unknown, args: unknown[] = [], ...answers: unknown[]): Promise<unknown> {
  let turn = await begin(flow as AnyFlow, args, { reload: true });
  for (const answer of answers) turn = await resume(turn.frame, "x", answer, { reload: true });
  expect(turn).toMatchObject({ status: "completed" });
  return "value" in turn ? turn.value : undefined;
}

describe("how the package is named in the file", () => {
  test.each<[string, string, string]>([
    ["named imports", 'import { deflow, listen } from "deflow"; export const f = deflow(async (a) => [a, await listen("x")]);', "a.ts"],
    ["aliases", 'import { deflow as flow, listen as hear } from "deflow"; export const f = flow(async (a) => [a, await hear("x")]);', "a.ts"],
    ["a namespace", 'import * as d from "deflow"; export const f = d.deflow(async (a) => [a, await d.listen("x")]);', "a.ts"],
    ["several imports", 'import { deflow } from "deflow"; import { listen } from "deflow"; export const f = deflow(async (a) => [a, await listen("x")]);', "a.js"],
    ["require, taken apart", 'const { deflow, listen: hear } = require("deflow"); exports.f = deflow(async function f(a) { return [a, await hear("x")]; });', "a.cjs"],
    ["require, whole", '"use strict"; const d = require("deflow"); module.exports = { f: d.deflow(async (a) => [a, await d.listen("x")]) };', "a.js"],
  ])("%s", async (_, source, fileName) => {
    const { f } = load(source, { fileName });
    expect(await played(f, [1], 2)).toEqual([1, 2]);
    expect(compiled(source, { fileName }).points).toMatchObject([{ flow: "f", point: "listen:x", locals: ["a"] }]);
  });

  test("what comes from elsewhere is no flow", () => {
    expect(compile('const deflow = (x) => x; export const f = deflow(async () => 1);', { fileName: "a.js" })).toBeNull();
    expect(compile('import { deflow } from "./other"; export const f = deflow(async () => 1);', { fileName: "a.js" })).toBeNull();
    expect(compile('import { listen } from "deflow"; // deflow(', { fileName: "a.js" })).toBeNull();
  });

  test("a script gets a require, a module an import, of the runtime that the options name", () => {
    const script = 'const { deflow } = require("deflow"); exports.f = deflow(async function f() { return 1; });';
    const module = 'import { deflow } from "deflow"; export const f = deflow(async () => 1);';
    expect(compiled(script, { fileName: "a.cjs", runtime: "./rt" }).code).toMatch(/^const \$ = require\("\.\/rt"\); const \{ deflow/);
    expect(compiled(module, { runtime: "./rt" }).code).toMatch(/^import \* as \$ from "\.\/rt"; import \{ deflow/);
  });
});

describe("where a flow stands", () => {
  test("two in one file, calling one another", async () => {
    const { f } = load('import { deflow, listen } from "deflow"; const g = deflow(async (a) => a + await listen("x")); export const f = deflow(async (a) => [await g(a), await g(10)]);', { fileName: "two.js" });
    expect(await played(f, [1], 2, 3)).toEqual([3, 13]);
  });

  test("a default export", async () => {
    const module = load('import { deflow, listen } from "deflow"; export default deflow(async (a: number) => [a, await listen("x")]);', { fileName: "default.ts" });
    expect(await played(module["default"], [1], 2)).toEqual([1, 2]);
  });

  test("properties of an object literal, and names from options", async () => {
    const source = `import { deflow, listen } from "deflow";
      export const flows = { one: deflow(async (a) => [1, await listen("x")]), "two": deflow(async () => 2), three: deflow({ name: "drei" }, async () => 3), four: deflow(async function vier() { return 4; }) };`;
    const { flows } = load(source, { fileName: "object.js" }) as { flows: Record<string, AnyFlow> };
    expect(Object.values(flows).map((f) => f.deflow.id)).toEqual(["one", "two", "drei", "vier"]);
    expect(await played(flows["one"], [], 5)).toEqual([1, 5]);
    expect(await played(flows["four"])).toBe(4);
  });

  test("in parentheses, with `as` and `satisfies`", () => {
    const source = 'import { deflow } from "deflow"; export const f = (deflow(async () => 1) as unknown) satisfies unknown;';
    expect(compiled(source).code).toContain('id: "f"');
  });

  test("keeps its name, length and parameters", async () => {
    const { f } = load('import { deflow } from "deflow"; export const f = deflow(async function approve(this: void, a: number, b: string, c = a, ...d: number[]) { await a; return [a, b, c, d]; });') as { f: AnyFlow };
    expect([f.name, f.length]).toEqual(["approve", 2]);
    expect(await played(f, [1, "b", undefined, 4, 5])).toEqual([1, "b", 1, [4, 5]]);
  });
});

describe("what stands around", () => {
  const flow = 'export const f = deflow(async (a) => {\n  const b = await listen("x");\n  return [a, b];\n});\n';
  const head = 'import { deflow, listen } from "deflow";\n';

  test.each<[string, string, string]>([
    ["a shebang", `#!/usr/bin/env node\n${head}${flow}`, "a.js"],
    ["a directive prologue", `"use strict";\n'use other'\n${head}${flow}`, "a.js"],
    ["a byte order mark", `\ufeff${head}${flow}`, "a.ts"],
    ["CRLF", `${head}${flow}`.replaceAll("\n", "\r\n"), "a.ts"],
    ["no semicolons", `${head}let n = 1\n${flow.replaceAll(";", "")}export const m = n`.replace(/";/g, '"'), "a.ts"],
    ["a licence", `/*! Licence */\n// more\n${head}${flow}`, "a.ts"],
    ["decorators", `${head}const mark = (_: any, __?: any, ___?: any): any => {};\n@mark class A { @mark m() {} @mark p = 1; }\n${flow}export { A };`, "a.ts"],
    ["types, enums, namespaces", `${head}enum E { A }\nnamespace N { export const n = E.A; }\ninterface I { n: typeof N.n }\ntype T<U> = I | U;\n${flow}export type { T };`, "a.ts"],
    ["a flow's name in a string", `const text = "deflow(async () => {})";\n${head}${flow}export { text };`, "a.ts"],
  ])("%s", async (_, source, fileName) => {
    const { code, pieces, diagnostics } = compiled(source, { fileName });
    expect(diagnostics).toEqual([]);
    const outside = pieces.filter((piece) => piece.from >= 0).map((piece) => piece.text).join("");
    const [before = "", after = ""] = source.split(/async \(a\)[^]*?\n\}/);
    expect(outside.startsWith(before)).toBe(true);
    expect(outside.endsWith(after)).toBe(true);
    if (source.startsWith("#!")) expect(code.startsWith("#!/usr/bin/env node\n")).toBe(true);
    if (source.startsWith("\"use strict\"")) expect(code.startsWith("\"use strict\";\n'use other'\nimport * as $")).toBe(true);
    if (source.startsWith("\ufeff")) expect(code.startsWith("\ufeff")).toBe(true);
    const { f } = load(source.replace(/^#!.*/, ""), { fileName });
    expect(await played(f, [1], 2)).toEqual([1, 2]);
  });

  test("line numbers before the first flow stay, even without a map", () => {
    const source = `"use strict";\n\n${head}\n\nconst here = 1;\n${flow}export { here };`;
    expect(compiled(source).code.split("\n").indexOf("const here = 1;")).toBe(source.split("\n").indexOf("const here = 1;"));
  });

  test("`$` used by the file: the prefix grows", async () => {
    const source = `${head}const $ = "$", $$f = "$$f";\nconst $t1 = 3;\nexport const f = deflow(async (a) => \`\${$}\${$$f}\${$t1} \${a} \${await listen("x")}\`);`;
    expect(compiled(source).code).toContain('import * as $$$ from "deflow/internal"');
    expect(await played(load(source, { fileName: "dollar.js" })["f"], [1], 2)).toBe("$$$f3 1 2");
  });

  test("JSX: attributes, spreads and children are evaluated in order", async () => {
    const source = `${head}const log: string[] = []; const say = (x: any) => (log.push(String(x)), x);
      const h = (tag: any, props: any, ...children: any[]) => ({ tag, props, children });
      export const f = deflow(async (a: number) => [<div id={say(a)} {...say({ b: 2 })} c={await listen("x")}>{say(3)} text {await listen("x")}<>{say(4)}</></div>, log]);`
      .replace("<>{say(4)}</>", "<b x>{say(4)}</b>");
    const value = await played(load(source, { fileName: "view.tsx" })["f"], [1], "first", "second");
    expect(value).toEqual([
      { tag: "div", props: { id: 1, b: 2, c: "first" }, children: [3, " text ", "second", { tag: "b", props: { x: true }, children: [4] }] },
      ["1", "[object Object]", "3", "4"],
    ]);
  });

  test("a comment may stand anywhere", async () => {
    const body = `async function f(a, { b = 1, ...c } = {}) {
      let total = 0;
      outer: for (const [i, x] of a.entries()) {
        try {
          if (x > 2) continue outer;
          total += x * (await listen("x")) + [b, ...[i]].length;
        } catch (e) {
          throw e;
        } finally {
          total += 1;
        }
      }
      const add = async (n = 1) => { switch (n) { case 1: return (total += await listen("x")); default: return \`\${n} \${total}\`; } };
      const o = { add, m: async function () { return await add(), total; }, ["k" + b]: c };
      return [await add(1), await add(2), await o.m?.(), o.k1, typeof total, (await add(1), new Date(0)).getTime()];
    }`;
    const plain = `${head}export const f = deflow(${body});`;
    const args = [[1, 2, 3], { b: 1, d: 4 }];
    const answers = [1, 2, 3, 4, 5];
    const expected = await played(load(plain, { fileName: "plain.js" })["f"], args, ...answers);
    expect(expected).toEqual([15, "2 15", 19, { d: 4 }, "number", 0]);
    for (const comment of ["/* c */", "/* c */ /* d */"]) {
      const source = `${head}export const f = deflow(${commented(body, comment)});`;
      expect(await played(load(source, { fileName: "commented.js" })["f"], args, ...answers)).toEqual(expected);
    }
    // Where no line may end (after return, before an arrow) a line comment would change the program itself.
    const lines = `${head}export const f = deflow(${commented(body, "// c\n", /^(?:return|throw|continue|async|\)|\.|\?|.*`.*)$/)});`;
    expect(await played(load(lines, { fileName: "lines.js" })["f"], args, ...answers)).toEqual(expected);
  });
});

/** The text with a comment after every token but those that `not` names; templates stay whole. */
function commented(text: string, comment: string, not = /`/): string {
  const tokens = text.match(/`(?:\$\{[^}]*\}|[^`])*`|"[^"]*"|\w+|\.\.\.|=>|\?\.|\+\+|[+*]=|[^\s\w]/g) ?? [];
  return tokens.map((token) => (not.test(token) ? `${token} ` : `${token} ${comment} `)).join("");
}

test("an empty flow, and one that never waits", async () => {
  const { f, g } = load('import { deflow } from "deflow"; export const f = deflow(async () => {}); export const g = deflow(async (a) => a * 2);', { fileName: "empty.js" });
  expect([await played(f), await played(g, [2])]).toEqual([undefined, 4]);
});

test("a syntax error is told, and nothing is compiled", () => {
  const source = 'import { deflow } from "deflow"; export const f = deflow(async () => { await ; });';
  expect(codesOf(source)).toEqual(["DF107"]);
});
