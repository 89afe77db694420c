// Frames of one build under the next: what resumes, and what is refused by name with the run unharmed.

import { expect, it, describe } from "vitest";
import { begin, type Flow, resume } from "../../runtime/index.ts";
import { compile } from "../../compiler/index.ts";
import { fingerprint } from "../../runtime/versions/fingerprint.ts";
import { build } from "./builds.ts";

const flow = (body: string): string => `export const main = deflow(async function main(a, b) {\n${body}\n});`;

async function under(before: string, after: string): Promise<unknown> {
  const { frame } = await begin(build<{ main: Flow }>(before).main as never, [1, 2] as never);
  build(after);
  try {
    const run = await resume(frame, "go", 3);
    return run.status === "completed" ? run.value : run;
  } catch (error) {
    const { code, missing = [], kinds = [] } = error as { code: string; missing?: string[]; kinds?: string[] };
    // With the code that fits it goes on.
    build(before);
    expect(await resume(frame, "go", 3)).toMatchObject({ status: "completed" });
    return [code, ...missing, ...kinds.map((name) => `${name}*`)];
  }
}

describe("a frame of the build before", () => {
  it.each<[string, string, string, unknown]>([
    ["goes on where only the code after the point changed", "return a + await listen(\"go\");", "const n = await listen(\"go\"); return { sum: a + n };", { sum: 4 }],
    ["goes on where the code before it changed", "const x = a; return x + await listen(\"go\");", "const x = a * 100; if (x < 0) await listen(\"other\"); return x + await listen(\"go\");", 4],
    ["goes on where an `if` or a block came around it", "return a + await listen(\"go\");", "if (b) { { return a + await listen(\"go\"); } }", 4],
    ["drops what is not needed", "const n = await listen(\"go\"); return a + b + n;", "const n = await listen(\"go\"); return a + n;", 4],
    ["is refused where more is needed", "return await listen(\"go\");", "const n = await listen(\"go\"); return a + n;", ["LOCALS_MISFIT", "a"]],
    ["is refused where a local was renamed", "let x = a; return x + await listen(\"go\");", "let y = a; return y + await listen(\"go\");", ["LOCALS_MISFIT", "y"]],
    ["is refused where closures share a local now", "let n = a; await listen(\"go\"); return n;", "let n = a; const add = () => n++; await listen(\"go\"); add(); return n;", ["LOCALS_MISFIT", "add", "n*"]],
    ["is refused where a loop came around it", "return a + await listen(\"go\");", "for (;;) { return a + await listen(\"go\"); }", ["REGION_MISFIT"]],
    ["is refused where a loop went away", "while (a) { return a + await listen(\"go\"); }", "return a + await listen(\"go\");", ["REGION_MISFIT"]],
    ["is refused where a `try` came around it", "return a + await listen(\"go\");", "try { return a + await listen(\"go\"); } catch { return 0; }", ["REGION_MISFIT"]],
    ["is refused where the loop is another", "for (const x of [1]) { await listen(\"go\"); return x; }", "for (const x in { 1: 1 }) { await listen(\"go\"); return x; }", ["REGION_MISFIT"]],
    ["is refused where the point is gone", "return await listen(\"go\");", "return await listen(\"gone\");", ["UNKNOWN_POINT"]],
    ["is refused where its `finally` leads nowhere any more", "for (const x of [1, 2]) { try { break; } finally { await listen(\"go\"); } } return a;", "for (const x of [1, 2]) { try { a; } finally { await listen(\"go\"); } } return a;", ["REGION_MISFIT"]],
    ["is refused where a function captures more", "const f = () => a; await listen(\"go\"); return f();", "const f = () => a + b; await listen(\"go\"); return f();", ["CAPTURES_MISFIT", "b"]],
    ["is refused where a function captures a variable that was a value", "let n = a; const f = () => n; await listen(\"go\"); return f();", "let n = a; const f = () => n++; await listen(\"go\"); return f();", ["CAPTURES_MISFIT", "n*"]],
    ["goes on where a function captures less", "const f = () => a + b; await listen(\"go\"); return f();", "const f = () => b; await listen(\"go\"); return f();", 2],
    ["is refused where a function is gone", "const f = () => a; await listen(\"go\"); return f();", "const g = () => a; await listen(\"go\"); return g();", ["UNKNOWN_CODE"]],
    ["is refused where a nested strand needs more", "return await (async () => { const n = await listen(\"go\"); return n; })();", "return await (async () => { const n = await listen(\"go\"); return n + b; })();", ["CAPTURES_MISFIT", "b"]],
    ["is refused where a generator needs more", "function* g(x) { yield 1; return 2; } const it = g(a); it.next(); await listen(\"go\"); return it.next().value;",
      "function* g(x) { yield 1; return x; } const it = g(a); it.next(); await listen(\"go\"); return it.next().value;", ["LOCALS_MISFIT", "x"]],
    ["is refused where a generator yields in another structure", "function* g() { yield 1; return 2; } const it = g(); it.next(); await listen(\"go\"); return it.next().value;",
      "function* g() { try { yield 1; } finally { a; } return 2; } const it = g(); it.next(); await listen(\"go\"); return it.next().value;", [expect.stringMatching(/^(?:REGION_MISFIT|UNKNOWN_POINT|UNKNOWN_CODE|CAPTURES_MISFIT)$/), ...[] as string[]]],
    ["is refused where a generator that has not begun needs what it was called on", "const o = { k: a, *g() { yield 1; } }; const it = o.g(); await listen(\"go\"); return it.next().value;",
      "const o = { k: a, *g() { yield this.k; } }; const it = o.g(); await listen(\"go\"); return it.next().value;", ["CAPTURES_MISFIT", "this"]],
    ["is refused where a method needs what it was called on", "const o = { k: a, async m() { const n = await listen(\"go\"); return n; } }; return await o.m();",
      "const o = { k: a, async m() { const n = await listen(\"go\"); return n + this.k; } }; return await o.m();", ["LOCALS_MISFIT", "this"]],
    ["is refused where a class has another private name", "class C { #n = a; get() { return this.#n; } } const c = new C(); await listen(\"go\"); return c.get();",
      "class C { #n = a; #k = 2; get() { return this.#n + this.#k; } } const c = new C(); await listen(\"go\"); return c.get();", ["CAPTURES_MISFIT", "#k"]],
    ["is refused where a class captures more", "class C { get() { return a; } } const c = new C(); await listen(\"go\"); return c.get();",
      "class C { get() { return a + b; } } const c = new C(); await listen(\"go\"); return c.get();", ["CAPTURES_MISFIT", "b"]],
  ])("%s", async (_name, before, after, expected) => {
    const told = await under(flow(before), flow(after));
    expect(Array.isArray(expected) && Array.isArray(told) ? told.slice(0, Math.max(expected.length, 1)) : told).toEqual(expected);
  });
});

it("the runtime and the compiler have one fingerprint", () => {
  const source = `import { deflow, listen } from "deflow";\n${flow("for (const x of [a, b]) { const f = () => x; await listen(\"go\"); f(); } return await listen(\"end\");")}`;
  const points = compile(source, { fileName: "f.ts" })?.points ?? [];
  expect(points).toHaveLength(2);
  const chain = (point: string): string => new RegExp(`"${point}": \\[\\d+, \\d+, "[^"]*"(?:, "(\\w{5})")?`).exec(compile(source, { fileName: "f.ts" })?.code ?? "")?.[1] ?? "";
  for (const { point, slots, fingerprint: made } of points) expect(fingerprint(chain(point), slots)).toBe(made);
});
