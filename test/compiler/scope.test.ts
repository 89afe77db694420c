// Pass 2: which variables live in cells, which exist before their declaration runs, what a function captures.

import { describe, expect, test } from "vitest";
import { after, flow } from "./source.ts";

/** What is said of the flow's own bindings and of its functions: `x let cell`, `f#g captures x`. */
function facts(body: string): { bindings: Record<string, string>; captures: Record<string, string> } {
  const [printed = ""] = after("scope", flow(body));
  const bindings: Record<string, string> = {};
  const captures: Record<string, string> = {};
  let unit = "";
  for (const line of printed.split("\n")) {
    if (!line.startsWith(" ")) unit = line.split(" ")[1] as string;
    else if (line.startsWith("    captures ")) captures[unit] = line.slice(13);
    else if (unit === "f") bindings[line.trim().split(" ")[0] as string] = line.trim().split(" ").slice(1).join(" ");
  }
  return { bindings, captures };
}

describe("a variable lives in a cell", () => {
  test.each<[string, string, string]>([
    ["when a closure captures it and it is assigned", "let x = 1; const g = () => x; x = 2; await g();", "let cell"],
    ["when the closure assigns it", "let x = 1; const g = () => x++; await g();", "let cell"],
    ["when it is a `var` that a closure captures", "var x = 1; const g = () => x; await g();", "var cell"],
    ["when a closure made before it reads it", "const g = () => x; const x = 1; await g();", "const cell early"],
    ["when a hoisted function made before it reads it", "await g(); const x = 1; function g() { return x; }", "const cell early"],
    ["when its own initialiser reads it", "const x = () => x; await x();", "const cell early"],
    ["when it is a parameter that is assigned", "const g = async (y: any) => a = y; await g(1);", ""],
    ["not when nothing captures it", "let x = 1; x = 2; await x;", "let"],
    ["not when it is never assigned again", "const x = 1; const g = () => x; await g();", "const"],
    ["not when it is assigned in one go", "let x = 1; const g = () => x; await g();", "let"],
    ["not when a hoisted function that reads it is declared later in a block of its own", "const x = 1; { await g(); function g() { return x; } }", "const"],
  ])("%s", (_, body, expected) => {
    const { bindings } = facts(body);
    if (expected === "") expect(bindings["a"]).toBe("param cell");
    else expect(bindings["x"]).toBe(expected);
  });
});

describe("a binding of its own", () => {
  test("for each round: the head's variable is a cell of the loop", () => {
    expect(facts("for (let i = 0; i < 3; i++) { const g = () => i; await g(); }").bindings["i"]).toBe("let cell");
    expect(facts("for (const i of a) { const g = () => i; await g(); }").bindings["i"]).toBe("const");
  });

  test("for each block", () => {
    const [printed = ""] = after("scope", flow("const x = 1; { const x = 2; await x; } await x;"));
    expect(printed.match(/^ {4}x const$/gm)).toHaveLength(2);
  });

  test("`var` is one, wherever it is written", () => {
    const [printed = ""] = after("scope", flow("var x = 1; { var x = 2; await x; } for (var x of a) await x;"));
    expect(printed.match(/^ {4}x var$/gm)).toHaveLength(1);
  });

  test("a block without an await keeps its native ones", () => {
    expect(facts("{ const x = 1; a(x); } await a;").bindings["x"]).toBe("const native");
  });
});

describe("a function captures", () => {
  test("what it and the functions in it refer to, and nothing else", () => {
    const { captures } = facts("let x = 1, y = 2, z = 3; const g = () => { const h = () => x + z; return h; }; await g(); x = y = 3;");
    expect(captures).toEqual({ "f#g": "x, z", "f#g/h": "x, z" });
  });

  test("not what it declares itself, nor names of the module", () => {
    expect(facts("const g = (a: any) => { let x = a; return listen(x); }; await g(1);").captures).toEqual({});
  });

  test("through classes and object literals", () => {
    const { captures } = facts("const x = 1; class A { m() { return x; } } const o = { get v() { return x; } }; await a(A, o);");
    expect(Object.values(captures)).toEqual(["x", "x"]);
  });
});
