// What happens when the compiler breaks a rule of its own: DF901 at the flow, never a wrong program.

import { expect, test } from "vitest";
import { CompilerBug } from "../../compiler/diagnostics/table.ts";
import { compiled, flow, load } from "./source.ts";
import { begin, type Flow } from "../../runtime/index.ts";

test("DF901 is told at the flow, with what was broken, and the flow throws it", async () => {
  const source = flow("await listen();");
  let broken = 0;
  const log = (pass: string): void => {
    if (pass === "live" && broken++ === 0) throw new CompilerBug("b3 has no end");
  };
  const { diagnostics } = compiled(source, { log });
  expect(diagnostics).toMatchObject([{ code: "DF901", severity: "bug", message: expect.stringContaining("b3 has no end") as string, start: source.indexOf("async") }]);
  broken = 0;
  const { f } = load(source, { log }) as { f: Flow<[], unknown> };
  expect(await begin(f, [])).toMatchObject({ status: "failed", error: { code: "FLOW_REFUSED", message: expect.stringContaining("DF901") as string } });
});

test("any other error of the compiler is thrown as it is", () => {
  expect(() => compiled(flow(""), { log: () => { throw new TypeError("of the caller"); } })).toThrow(TypeError);
});

test("a switch over a name that its clauses declare again", async () => {
  const source = flow(`
    const x = a;
    const seen: unknown[] = [];
    switch (x) {
      case 1: seen.push(typeof x);
      case 2: function x() {}
    }
    return [seen, x];`);
  expect(compiled(source).diagnostics).toEqual([]);
  const { f } = load(source) as { f: Flow<[number], unknown> };
  expect(await begin(f, [1])).toMatchObject({ value: [["function"], 1] });
});
