// The loader of Turbopack, called as loaders are.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import loader from "../../compiler/adapters/loader.ts";

const good = 'import { deflow, listen } from "deflow";\nexport const f = deflow(async function f() {\n  await listen("x");\n});\n';
const bad = good.replace("listen }", "step }").replace('await listen("x");', "let n = 0;\n  await step(() => { n++; });");
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "deflow-loader-"));
  writeFileSync(join(folder, "package.json"), "{}");
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What the loader hands on, and the files it has watched. */
function load(source: string, name = "src/f.ts"): { result: readonly unknown[]; watched: readonly string[] } {
  const [result, watched]: [unknown[], string[]] = [[], []];
  const context: ThisParameterType<typeof loader> = {
    resourcePath: join(folder, name), rootContext: folder, mode: "production",
    addDependency: (file) => watched.push(file),
    emitWarning: (warning) => expect.unreachable(warning.message),
    callback: (...given) => result.push(...given),
  };
  loader.call(context, source, { before: true });
  return { result, watched };
}

test("gives a flow's file compiled, with its map, and watches the lock", () => {
  const { result: [error, code, map], watched } = load(good);
  expect([error, watched]).toEqual([null, [join(folder, "deflow.lock.json")]]);
  expect(code).toContain('file: "src/f.ts"');
  expect(map).toMatchObject({ version: 3, sources: [join(folder, "src/f.ts")], sourcesContent: [good] });
});

test("hands other files on as they are, with the map that they came with", () => {
  expect(load("export {};").result).toEqual([null, "export {};", { before: true }]);
  expect(load(good, "node_modules/p/f.js").result).toEqual([null, good, { before: true }]);
});

test("fails with all that is wrong", () => {
  const { result } = load(bad);
  expect(result).toHaveLength(1);
  expect(String(result[0])).toMatch(/error DF106[^]*f\.ts:4:22/);
});
