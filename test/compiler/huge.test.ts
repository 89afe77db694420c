// Sources of a size that nobody writes by hand, and generators do: no crash, output in proportion, and a diagnostic where
// the nesting is deeper than the compiler's own stack.

import { describe, expect, test } from "vitest";
import { isFatal } from "../../compiler/index.ts";
import { compiled, flow } from "./source.ts";

const lines = (n: number, line: (i: number) => string): string => Array.from({ length: n }, (_, i) => line(i)).join("\n");
const nested = (n: number, open: string, inner: string, close: string): string => open.repeat(n) + inner + close.repeat(n);

/** Bytes of output per byte of source. */
const growth = (source: string): number => compiled(source).code.length / source.length;

describe("long flows", () => {
  test.each([
    ["statements", 10_000, (i: number) => `console.log(${i});`],
    ["awaits of one thing", 10_000, () => 'await listen("a");'],
    ["awaits of different things", 2_000, (i: number) => `await listen("a${i}");`],
    ["awaits in loops", 1_000, (i: number) => `for (const x of a) await listen("a${i}");`],
    ["awaits in try", 1_000, (i: number) => `try { await listen("a${i}"); } catch { a(); } finally { a(${i}); }`],
    ["nested async functions", 1_000, (i: number) => `await Promise.all(a.map(async (x: number) => listen("a${i}")));`],
    ["functions", 2_000, (i: number) => `const f${i} = () => a(${i});`],
    ["locals", 10_000, (i: number) => `const x${i} = a + ${i}; console.log(x${i});`],
    ["branches", 3_000, (i: number) => `if (a > ${i}) { await listen("a${i}"); }`],
  ])("%s, %i of them: output in proportion", (_, n, line) => {
    const few = growth(flow(lines(n / 10, line)));
    const many = growth(flow(lines(n, line)));
    expect(many).toBeLessThan(few * 1.3);
  });

  const kept = (n: number): string => flow(`${lines(n, (i) => `const x${i} = await listen("x${i}");`)}\nreturn [${lines(n, (i) => `x${i},`)}];`);

  test("4,000 locals that live at 4,000 stops: output in proportion, and few are written by name at a stop", () => {
    expect(growth(kept(4_000))).toBeLessThan(growth(kept(1_000)) * 1.4);
    const [last = ""] = compiled(kept(1_000)).code.match(/\$\.stop\(\$f, "listen:x999", .*/) ?? [];
    expect(last.length).toBeLessThan(1_000);
    expect(compiled(kept(1_000)).points.at(-1)?.locals).toHaveLength(999);
  });

  test("of which some are dead: no group is all alive", () => {
    const some = (n: number): string => flow(`${lines(n, (i) => `const x${i} = await listen("x${i}");`)}\nreturn [${lines(n, (i) => (i % 5 === 0 ? "" : `x${i},`))}];`);
    expect(growth(some(2_000))).toBeLessThan(growth(some(1_000)) * 1.3);
  });

  test("few locals are written out", () => {
    expect(compiled(kept(100)).code).not.toContain("$s1");
  });

  test("a chain of 2,000 `else if`", () => {
    const source = flow(lines(2_000, (i) => `if (a === ${i}) { await listen(); } else`) + " a();");
    expect(compiled(source).diagnostics).toEqual([]);
  });

  test("a sum of 1,000 awaits", () => {
    const source = flow(`return ${lines(1_000, () => "await a +")} 0;`);
    expect(compiled(source).diagnostics).toEqual([]);
  });
});

describe("deep flows", () => {
  test("1,000 blocks", () => {
    expect(compiled(flow(nested(1_000, "{ ", "await listen();", " }"))).diagnostics).toEqual([]);
    expect(compiled(flow(`${nested(1_000, "{ ", "a();", " }")} await listen();`)).diagnostics).toEqual([]);
  });

  test.each([
    ["while", "while (a) { ", "await listen();", " }"],
    ["try", "try { ", "await listen();", " } catch { a(); } finally { a(); }"],
    ["switch", "switch (a) { case 1: ", "await listen();", " }"],
    ["labels", "out: { if (a) break out; ", "await listen();", " }"],
    ["resources", "{ using x = a(); ", "await listen();", " }"],
    ["templates", "`${", "await listen()", "}`"],
    ["comments at the end", "{ ", "await listen();", "\n// end\n }"],
  ])("%s: output in proportion", (_, open, inner, close) => {
    const body = (n: number): string => flow(nested(n, open, inner, close));
    expect(growth(body(200))).toBeLessThan(growth(body(50)) * 1.3);
  });

  test("300 try statements", () => {
    expect(compiled(flow(nested(300, "try { ", "await listen();", " } finally { a(); }"))).diagnostics).toEqual([]);
  });

  test("functions in functions: output in proportion", () => {
    const arrows = (n: number): string => flow(`return ${nested(n, "() => ", "1", "")}; await listen();`);
    expect(growth(arrows(1_000))).toBeLessThan(growth(arrows(100)) * 2);
  });

  test("100 async functions", () => {
    expect(compiled(flow(nested(100, "await (async () => { ", "await listen();", " })();"))).diagnostics).toEqual([]);
  });

  test.each([
    ["blocks", nested(20_000, "{ ", "await listen();", " }")],
    ["if", nested(3_000, "if (a) { ", "await listen();", " }")],
    ["loops", nested(3_000, "for (const x of a) { ", "await listen();", " }")],
    ["functions", `${nested(3_000, "(() => { ", "a();", " })();")} await listen();`],
    ["calls in a chain", `a${".b()".repeat(20_000)}; await listen();`],
    ["terms", `return ${"a + ".repeat(20_000)} await listen();`],
    ["awaited terms", `return ${"await a + ".repeat(20_000)} 0;`],
    ["parentheses", `return ${nested(20_000, "(", "await listen()", ")")};`],
  ])("too deep for the stack is a diagnostic: %s", (_, body) => {
    const { diagnostics, code } = compiled(flow(body) + 'export const g = deflow(async function g() { await listen("x"); });\n');
    expect(diagnostics.filter(isFatal).map((d) => d.code)).toEqual(["DF206"]);
    expect(code).not.toContain('id: "f", name: "f", length: 1');
  });

  test("the other flows of the file are compiled", () => {
    const deep = flow(`return ${"a + ".repeat(20_000)} await listen();`);
    const { diagnostics, code } = compiled(`${deep}export const g = deflow(async function g() { await listen("x"); });\n`);
    expect(diagnostics.map((d) => [d.code, d.start])).toEqual([["DF206", deep.indexOf("f(a: any)")]]);
    expect(code).toContain('$.refused("f", ');
    expect(code).toContain('case "listen:x":');
  });
});
