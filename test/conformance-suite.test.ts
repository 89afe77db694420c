// A folder of somebody else's programs: whatever a file holds, it has its lines, and the run ends.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { judge } from "./conformance/backend.ts";
import { judgeAll } from "./conformance/judge.ts";
import { levels } from "./conformance/program.ts";
import { suite } from "./conformance/sources.ts";

const folder = mkdtempSync(join(tmpdir(), "suite-"));
afterAll(() => rmSync(folder, { recursive: true }));

const files = {
  "passes.js": "async function f() { T(await L(1)); return 2; }",
  "helpers.js": "const twice = (n) => T(n * 2);\nasync function f() { return twice(await L(3)); }\nfunction after() {}",
  "no-await.js": "async function f() { return T(1); }",
  "values.js": "async function f() { T([-0, NaN, , 10n, Symbol.iterator, new Map([[{}, 1]]), /x/g]); await L(0); }",
  "below/deeper/windows.js": "// comment\r\nasync function f() {\r\n  T(await L(1));\r\n}\r\n",
  "refused-at-a-stop.js": "async function f() { const kept = new WeakMap(); await L(1); return kept.has({}); }",
  "refusal-caught.js": "async function f() { class A { async m() { T(1); return await L(1); } } try { return await new A().m(); } catch { return T(2); } }",
  "syntax.js": "async function f( { return 1; }",
  "no-f.js": "T(1);",
  "hangs.js": "async function f() { for (;;); }",
};
for (const [name, text] of Object.entries(files)) {
  mkdirSync(join(folder, name, ".."), { recursive: true });
  writeFileSync(join(folder, name), text);
}

it("tells each file that is not a pass, hanging ones too", { timeout: 240_000 }, async () => {
  const lines: string[] = [];
  const tally = await judgeAll(suite([folder]), { backends: levels, here: false, verbose: false, refusals: true, jobs: 1, tell: (line) => lines.push(line) });
  const told = (id: string): string[] => lines.filter((line) => line.split(" ")[2] === `${id}:`);
  for (const id of ["passes", "helpers", "no-await", "values", "below/deeper/windows"]) expect(told(id), id).toEqual([]);
  expect(told("refused-at-a-stop").map((line) => line.split(" ").slice(0, 4).join(" "))).toEqual(["L1", "L2"].map((level) => `refused ${level} refused-at-a-stop: NOT_SERIALIZABLE`));
  expect(told("refusal-caught").map((line) => line.split(" ").slice(0, 4).join(" "))).toEqual(levels.map((level) => `refused ${level} refusal-caught: HELD_BY_ORDINARY_CODE`));
  for (const id of ["syntax", "no-f", "hangs"]) expect(told(id).map((line) => line.split(":")[0]), id).toEqual([`wrong native ${id}`]);
  expect(tally.summary()).toMatch(/suite: 16 pass, 3 wrong, 5 refused\n$/);
});

it("a run that was wrong before it was refused is wrong", () => {
  const expected = { trace: ["1", "2"], outcome: "returns undefined" };
  const refused = (...traced: string[]) => judge(expected, { kind: "refused", code: "NOT_IN_RUN", message: "", traced }).kind;
  expect([refused(), refused("1"), refused("1", "2"), refused("2"), refused("1", "2", "3")]).toEqual(["refused", "refused", "refused", "wrong", "wrong"]);
});
