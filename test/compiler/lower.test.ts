// Passes 4 and 5: what is kept before a stop, and where control goes.

import { describe, expect, test } from "vitest";
import { after, flow } from "./source.ts";

/** What is kept before later awaits, as `text how`. */
function kept(body: string): string[] {
  const [printed = ""] = after("spill", flow(body));
  return printed.split("\n").slice(1).map((line) => line.trim().replace(/ {3}/, " → "));
}

/** The blocks, numbered anew in the order of the output. */
function blocks(body: string): string[] {
  const [printed = ""] = after("lower", flow(body));
  const order = new Map([...printed.matchAll(/^ {2}(b\d+)(?= \[|:)/gm)].map((match, i) => [match[1] as string, `b${i}`]));
  return printed.replace(/\bb\d+\b/g, (name) => order.get(name) ?? name).replace(/\(unnamed\)|\s+keeps \{ {2}\}/g, "").split("\n").slice(1).map((line) => line.trim());
}

describe("spill", () => {
  test.each<[string, string[]]>([
    ["return total(a(), await b(), c());", ["a() → value"]],
    ["return a.x + await b();", ["a.x → value"]],
    ["return 1 + await b();", []],
    ["const x = 1; return x + await b();", []],
    ["let x = 1; x++; return x + await b();", ["x → value"]],
    ["return `${a} ${await b()} ${c}`;", ["a → string"]],
    ["return [...a, await b(), ...c];", ["a → spread"]],
    ["return { ...a, [c]: 1, d: await b(), ...d };", ["a → copy", "c → key"]],
    ["return await a() + await b();", ["await a() → value"]],
    ["return a(await b());", []],
    ["return (await b()).c(a());", []],
    ["return [() => a, await b()];", []],
    ["return a && await b();", []],
  ])("%s", (body, expected) => {
    expect(kept(body)).toEqual(expected);
  });
});

describe("lower", () => {
  test("statements without an await stay whole", () => {
    expect(blocks("if (a) { for (const x of a) a(x); } else a(2); await a; switch (a) { case 1: a(3); }")).toEqual([
      "b0:", "a = $f.args[0]", "if (a) { for (const x of a) a(x); } else a(2);", "await : a → b1", "b1:", "switch (a) { case 1: a(3); }", "return",
    ]);
  });

  test("for, with where `continue` leads", () => {
    expect(blocks("for (let i = 0; i < 3; i++) { if (await a) continue; a(i); }")).toEqual([
      "b0:", "a = $f.args[0]", "i = 0", "jump b1", "b1:", "branch i < 3 → b2, b7", "b2:", "await : a → b3", "b3:", "branch value → b4, b5",
      "b4:", "jump b6", "b5:", "a(i);", "jump b6", "b6:", "i++", "jump b1", "b7:", "return",
    ]);
  });

  test("for of closes its iterator on every way out", () => {
    const lines = blocks("for (const x of a) { if (await x) break; if (a) return 1; }");
    expect(lines.filter((line) => line === "$.close($it1)")).toHaveLength(2);
    expect(lines.filter((line) => line === "$.abandon($it1)")).toHaveLength(1);
  });

  test("finally: one body, entered with a record of where to go on", () => {
    const lines = blocks("for (;;) { try { if (await a) break; if (a) continue; if (a.c) return 1; } finally { await a.b; } }");
    expect(lines.filter((line) => line.includes("await : a.b"))).toHaveLength(1);
    expect(new Set(lines.filter((line) => line.startsWith("$c1 = ")))).toEqual(new Set([
      "$c1 = undefined", '$c1 = { to: "break for 1" }', '$c1 = { to: "continue for 1" }', '$c1 = { to: "return", value: value }', '$c1 = { to: "throw", value: value }',
    ]));
    expect(lines.find((line) => line.startsWith("resume"))?.match(/[a-z][\w ]*(?= →)/g)?.toSorted()).toEqual(["break for 1", "c1", "continue for 1", "return"]);
  });

  test("nested finally: each is passed on the way out", () => {
    const lines = blocks("try { try { return await a; } finally { await a.inner; } } finally { await a.outer; }");
    expect(lines.filter((line) => /^resume/.test(line))).toHaveLength(2);
    expect(lines.slice(0, 2)).toEqual([expect.stringMatching(/^finally 1 → b\d+$/), expect.stringMatching(/^finally 2 → b\d+ in 1$/)]);
  });

  test("labels name the loop that is meant", () => {
    const lines = blocks("outer: for (const x of a) for (const y of x) { await y; continue outer; }");
    expect(lines.filter((line) => line === "$.close($it2)")).toHaveLength(1);
    expect(lines.filter((line) => line === "$.close($it1)")).toHaveLength(0);
  });

  test("code that cannot be reached leaves no block and no resume point", () => {
    expect(blocks("return 1; await a;")).toEqual(["b0:", "a = $f.args[0]", "return 1"]);
    expect(blocks("for (;;) { await a; break; await a.b; }").join("\n")).not.toContain("a.b");
  });

  test("a callee is read before its arguments, its receiver once", () => {
    expect(blocks("return a.b(a.c, await a.d);")).toEqual([
      "b0:", "a = $f.args[0]", "$t1 = a.b", "$t2 = a.c", "await : a.d → b1", "b1:", "return $.call($t1, a, [$t2, value])",
    ]);
  });

  test("one exit for an optional chain", () => {
    const lines = blocks("return a?.b(await a.c).d;");
    expect(lines.filter((line) => line.startsWith("branch"))).toHaveLength(1);
  });
});
