// What a Node loader does with a file; in Node itself, of each version: test/toolchains/loaders.test.ts.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect, test, vi } from "vitest";
import { rewrite } from "../../compiler/adapters/load.ts";
import { compile } from "../../compiler/index.ts";

const source = 'import { deflow, listen } from "deflow";\nexport const f = deflow(async function f() {\n  await listen("x");\n});\n';
const folder = mkdtempSync(join(tmpdir(), "deflow-load-"));
afterAll(() => rmSync(folder, { recursive: true }));

function load(name: string, text: string): { readonly given: object; readonly loaded: { readonly source?: unknown } } {
  writeFileSync(join(folder, name), text);
  const given = { format: "module", source: text };
  return { given, loaded: rewrite(pathToFileURL(join(folder, name)).href, given) };
}

test("passes on what a build has compiled, and tells nothing: `deflow continue --program dist/flow.js`", () => {
  const warn = vi.spyOn(console, "warn").mockReturnValue();
  const { given, loaded } = load("built.js", compile(source, { fileName: "f.ts" })?.code ?? "");
  expect(loaded).toBe(given);
  expect(warn).not.toHaveBeenCalled();
  expect(load("own.js", source).loaded.source).toContain("$.flow(");
});
