// Sources that nobody should write, and that get written: each gives a coded diagnostic or a correct result, never a crash.

import { begin, resume, type Flow } from "deflow";
import { describe, expect, test } from "vitest";
import { compile, type Compiled } from "../../compiler/index.ts";
import { compiled, flow, load } from "./source.ts";

const head = 'import { deflow, listen } from "deflow";\n';

function codes(source: string, fileName = "a.js"): string[] {
  return compile(source, { fileName })?.diagnostics.map((d) => d.code) ?? [];
}

async function value(source: string, fileName = "a.js", ...answers: unknown[]): Promise<unknown> {
  const { f } = load(source, { fileName }) as { f: Flow<unknown[], unknown> };
  let turn = await begin(f, [1], { reload: true });
  for (const answer of answers) turn = await resume(turn.frame, "x", answer, { reload: true });
  expect(turn).toMatchObject({ status: "completed" });
  return "value" in turn ? turn.value : undefined;
}

describe("flows where nothing can find them again", () => {
  test.each([
    ["a function", "function g() { return deflow(async function f() {}); }", "DF102"],
    ["a default parameter", "export function g(h = deflow(async function f() {})) {}", "DF102"],
    ["an arrow called at once", "(() => { deflow(async function f() {}); })();", "DF102"],
    ["another flow", "export const f = deflow(async function f() { const g = deflow(async function g() {}); });", "DF102"],
    ["a loop", "for (const x of [1, 2]) deflow(async function f() { return x; });", "DF102"],
    ["the head of a loop", "while (deflow(async function f() {})) break;", "DF102"],
    ["a member of a class", "class A { static f = deflow(async function f() {}); }", "DF310"],
    ["a static block", "class A { static { deflow(async function f() {}); } }", "DF310"],
    ["two of one name", "export const a = deflow(async function f() {}), b = deflow(async function f() {});", "DF104"],
    ["a list, without a name", "export const all = [deflow(async () => {})];", "DF103"],
    ["a spread argument", "export const f = deflow(...[async () => {}]);", "DF101"],
  ])("%s", (_, text, code) => {
    expect(codes(head + text)).toEqual([code]);
  });

  test.each([
    ["a condition", "export const f = head ? deflow(async function f() { return 1; }) : deflow(async function g() { return 2; });"],
    ["a block", "export let f; if (head) { f = deflow(async function f() { return 1; }); }"],
  ])("%s is no such place", async (_, text) => {
    expect(await value(`${head}const head = true;\n${text}`)).toBe(1);
  });
});

describe("names", () => {
  test.each([
    ["of our glue", "const $ = 1, $f = 2, $b_x = 3; await listen('x'); return [$, $f, $b_x];", [1, 2, 3]],
    ["`deflow`, as a local", "const deflow = (g) => g(); await listen('x'); return deflow(() => 5);", 5],
    ["`deflow`, as a local that is given an async function", "const deflow = (g) => g; await listen('x'); return typeof deflow(async () => 1);", "function"],
    ["`__proto__`, as a local", "const __proto__ = 1; await listen('x'); return __proto__;", 1],
    ["with escapes", "const \\u0061b = 1; await listen('x'); return ab + \\u{61}b;", 2],
    ["`async` and `of`", "const async = 1, of = 2; await listen('x'); return async + of;", 3],
  ])("%s", async (_, body, expected) => {
    expect(await value(flow(body), "a.js", 0)).toEqual(expected);
  });

  test("`deflow` as a parameter", () => {
    expect(codes(`${head}export function g(deflow) { return deflow(async () => 1); }\nexport const f = deflow(async function f() {});`)).toEqual([]);
  });
});

describe("characters", () => {
  const body = "const s = await listen('x'); // a comment\nreturn [s, 1];";
  test.each([
    ["a byte order mark", `\ufeff${flow(body)}`],
    ["a hashbang", `#!/usr/bin/env node\n${flow(body)}`],
    ["CR LF", flow(body).replaceAll("\n", "\r\n")],
    ["CR", flow(body).replaceAll("\n", "\r")],
    ["line separators", flow(body).replaceAll("\n", "\u2028")],
  ])("%s", async (_, source) => {
    const text = source.replace(/^#!.*/, "");
    expect(codes(source)).toEqual([]);
    expect(await value(text, "a.js", 7)).toEqual([7, 1]);
  });

  test("unpaired surrogates and line separators in strings", async () => {
    expect(await value(flow("const s = '\ud800\u2028'; await listen('x'); return s + '\udfff';"), "a.js", 0)).toBe("\ud800\u2028\udfff");
  });

  test("`__proto__` as a key: literal, computed, shorthand", async () => {
    const source = flow("const __proto__ = 3; const o = { __proto__: null, ['__proto__']: await listen('x') }; return [Object.keys(o), o['__proto__'], Object.hasOwn({ __proto__ }, '__proto__')];");
    expect(await value(source, "a.js", 4)).toEqual([["__proto__"], 4, true]);
  });
});

describe("code as text", () => {
  test("direct eval is refused, in functions and classes too", () => {
    expect(codes(flow("eval('a')"))).toEqual(["DF201"]);
    expect(codes(flow("(eval)('a'); eval?.('a'); const g = () => eval('a'); class A { m() { eval('a'); } }"))).toEqual(["DF201", "DF201", "DF201"]);
  });

  test("indirect eval, `eval?.()` among it, and new Function see globals only", async () => {
    expect(await value(flow("const hidden = 1; await listen('x'); return [(0, eval)('typeof hidden'), eval?.('typeof hidden'), new Function('return typeof hidden')()];"), "a.js", 0)).toEqual(["undefined", "undefined", "undefined"]);
  });
});

describe("scripts", () => {
  const script = (body: string): string => `const { deflow, listen } = require("deflow");\nexports.f = deflow(async function f(a) {\n${body}\n});\n`;

  test.each([
    ["with", "with (a) { await listen('x'); }", "DF202"],
    ["arguments.callee", "await listen('x'); return arguments.callee;", "DF108"],
    ["a function in a block", "{ function g() {} } await listen('x'); return g();", "DF108"],
    ["delete of a variable", "delete a; await listen('x');", "DF108"],
    ["an octal literal", "return 010;", "DF107"],
    ["an HTML comment", "<!-- a\nawait listen('x');", "DF107"],
  ])("what only sloppy code has: %s", (_, body, code) => {
    expect(new Set(codes(script(body)))).toEqual(new Set([code]));
  });

  test("strict scripts have none of it", () => {
    expect(codes(`"use strict";\n${script("{ function g() {} } await listen('x'); return arguments[0];")}`)).toEqual([]);
  });
});

describe("size", () => {
  const lines = (n: number, line: (i: number) => string): string => Array.from({ length: n }, (_, i) => line(i)).join("\n");
  const size = (body: string): number => (compiled(flow(body)) as Compiled).code.length;

  test.each([
    ["branches", (n: number) => lines(n, (i) => `if (a > ${i}) { await listen("a${i}"); }`)],
    ["statements", (n: number) => lines(n, (i) => `console.log(${i});`)],
    ["locals that die at once", (n: number) => lines(n, (i) => `const x${i} = await listen("a${i}"); console.log(x${i});`)],
    ["blocks with resources", (n: number) => lines(n, (i) => `{ using x = a(${i}); await listen("a${i}"); }`)],
  ])("%s: twice the source is twice the output", (_, body) => {
    expect(size(body(800)) / size(body(400))).toBeLessThan(2.2);
  });

  // Each point names what it keeps, so n locals that all live at n points take n² names: the frames' schema, and the bound.
  test("locals that all live to the end: the square of their number, and no more", () => {
    const body = (n: number): string => `${lines(n, (i) => `const x${i} = await listen("a${i}");`)}\nreturn [${lines(n, (i) => `x${i},`)}];`;
    expect(size(body(200)) / size(body(100))).toBeLessThan(4.4);
  });
});
