// `using` where the engines themselves are no oracle: V8 13.6 disposes of a resource in the head of a `for` twice when a
// closure captures it, and lets `await using` variables be assigned.

import { describe, expect, test } from "vitest";
import { compile } from "../../compiler/index.ts";
import { ours } from "../conformance/ours.ts";
import { program } from "../conformance/program.ts";
import { flow } from "./source.ts";

async function trace(text: string): Promise<readonly string[]> {
  const run = await ours("L0").run(program("using", text));
  return run.kind === "ran" ? [...run.result.trace, run.result.outcome] : [run.kind];
}

const res = "const res = (n, peek) => ({ n, peek, [Symbol.dispose]() { T(n); } });";

describe("resources in the head of a `for`", () => {
  test("are disposed of once, in blocks that are copied and in blocks that await", async () => {
    const body = (inside: string): string => `async function f() { ${res} let i = 0; for (using a = res("a", () => a.n), b = null; i < 2; i++) { T(a.peek() + i); ${inside} } return "end"; }`;
    const expected = ['"a0"', '"a1"', '"a"', 'returns "end"'];
    expect((await trace(body(""))).map(bare)).toEqual(expected);
    expect((await trace(body("await L(0);"))).map(bare)).toEqual(expected);
  });

  test("are disposed of when a label leaves the loop, and seen by the closures before them", async () => {
    const text = `async function f() {
      ${res}
      const kept = [];
      outer: again: for (using a = res("a", () => b.n), b = res("b" + (kept.push(() => b.n), a.n)); kept.length < 4; ) {
        inner: for (using c = res("c" + (kept.push(() => c.n + a.peek()), kept.length)); ; ) {
          if (kept.length === 2) continue outer;
          if (kept.length > 3) break again;
          break inner;
        }
      }
      return kept.map((k) => k());
    }`;
    const rounds = ['"c2"', '"c3"', '"c4"', '"ba"', '"a"', 'returns ["ba", "c2ba", "c3ba", "c4ba"]'];
    expect((await trace(text)).map(bare)).toEqual(rounds);
    expect((await trace(text.replace("if (kept.length === 2)", "await L(0); if (kept.length === 2)"))).map(bare)).toEqual(rounds);
  });
});

test("a variable of `await using` is a constant", async () => {
  const text = `async function f() { ${res} try { await using a = res("a"); await L(1); a = null; } catch (e) { return e.name; } }`;
  expect((await trace(text)).map(bare)).toEqual(['"a"', 'returns "TypeError"']);
});

test.each([
  ["a pattern", "{ using { a } = open; }"],
  ["no value", "{ using a; }"],
  ["for…in", "for (using a in open) {}"],
  ["a clause of a switch", "switch (1) { case 1: using a = open; }"],
])("what the grammar of `using` excludes is a syntax error: %s", (_, body) => {
  expect(compile(flow(body), { fileName: "flow.ts" })?.diagnostics.map((d) => d.code)).toEqual(["DF107"]);
});

/** Without the number of the line. */
function bare(line: string): string {
  return line.replace(/^\[\d+\] /, "");
}
