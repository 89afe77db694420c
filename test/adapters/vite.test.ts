// The Vite and Rollup plugin, called as they call it.

import { join } from "node:path";
import { expect, test } from "vitest";
import type { Plugin as RollupPlugin } from "rollup";
import type { Plugin as VitePlugin } from "vite";
import { deflow } from "../../compiler/adapters/vite.ts";

const good = 'import { deflow, listen } from "deflow";\nexport const f = deflow(async function f() {\n  await listen("x");\n});\n';
const bad = good.replace('await listen("x");', "let n = 0;\n  await step(() => { n++; });\n  await step(() => { n--; });").replace("listen", "step");

/** The tools' own types must accept the plugin. */
const plugins: readonly [VitePlugin, RollupPlugin] = [deflow(), deflow()];

interface Thrown {
  message: string;
  loc: { file: string; line: number; column: number };
  frame: string;
}

function transform(code: string, id: string): { code: string; map: string } | null {
  const own = deflow();
  own.configResolved({ root: join("/", "project") });
  const context = {
    error(error: unknown): never {
      throw error;
    },
    warn(): void {},
  };
  return own.transform.handler.call(context, code, id);
}

test("compiles a file with a flow and names it relative to the project", () => {
  const result = transform(good, "/project/src/a.ts?v=1");
  expect(result?.code).toContain("$.flow(");
  expect(result?.code).toContain('file: "src/a.ts"');
  expect(JSON.parse(result?.map ?? "")).toMatchObject({ version: 3, sourcesContent: [good] });
});

test.each([["a file without a flow", "export {};", "/project/a.ts"], ["another package", good, "/project/node_modules/p/a.js"], ["a virtual module", good, "\0virtual.js"], ["a style sheet", good, "/project/a.css"]])(
  "leaves %s alone", (_, code, id) => expect(transform(code, id)).toBeNull(),
);

test("stops at errors: the first with its place and frame, the others in full behind it", () => {
  let thrown: Thrown | undefined;
  try {
    transform(bad, "/project/a.ts");
  } catch (error) {
    thrown = error as Thrown;
  }
  expect(thrown?.loc).toEqual({ file: "/project/a.ts", line: 4, column: 21 });
  expect(thrown?.frame).toContain("4 |   await step(() => { n++; });");
  expect(thrown?.message.match(/DF106/g)?.length).toBeGreaterThanOrEqual(2);
  expect(thrown?.message).toContain("a.ts:5:22");
});

test("the filter of the plugin lets the same files through as its handler", () => {
  expect(plugins.map(({ name }) => name)).toEqual(["deflow", "deflow"]);
  const { id } = deflow().transform.filter;
  for (const path of ["/a.ts", "/a.mts", "/a.cjs", "/a.tsx?x"]) expect(id.test(path)).toBe(true);
  expect(id.test("/a.css")).toBe(false);
});
