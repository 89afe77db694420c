// The Jest transformer, called as Jest calls it, over a transformer that only says what it was given.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTransformer, type JestContext, type JestOptions } from "../../compiler/adapters/jest.ts";

const source = 'import { deflow, listen } from "deflow";\nexport const f = deflow(async function f() {\n  await listen("x");\n});\n';
let folder: string;
let inner: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "deflow-jest-"));
  inner = join(folder, "inner.cjs");
  writeFileSync(join(folder, "package.json"), "{}");
  writeFileSync(inner, `module.exports = {
    canInstrument: true,
    createTransformer: (options) => ({
      getCacheKey: () => JSON.stringify(options ?? null),
      process: (code, file, { transformerConfig }) => ({ code: code + "// " + JSON.stringify(transformerConfig ?? null) }),
      processAsync: async (code) => code,
    }),
  };`);
});
afterAll(() => rmSync(folder, { recursive: true }));

const context = (): JestContext => ({ config: { rootDir: folder }, configString: "{}", instrument: false });
const file = (): string => join(folder, "f.ts");

async function keyOf(options: JestOptions = { next: inner }, text = source, told = context()): Promise<string | undefined> {
  return (await createTransformer(options)).getCacheKey?.(text, file(), told);
}

test("the next transformer is given the compiled text, its own options, and files without flows as they are", async () => {
  const transformer = await createTransformer({ next: [inner, { a: 1 }] });
  expect(transformer.process?.(source, file(), context())).toMatchObject({ code: expect.stringMatching(/\$\.flow\([^]*\/\/ \{"a":1\}$/) });
  expect(transformer.process?.("export {};", file(), context())).toEqual({ code: 'export {};// {"a":1}' });
  expect(await transformer.processAsync?.(source, file(), context())).toContain("$.flow(");
});

test("what is cached depends on the text, Jest's configuration, the options and the lock", async () => {
  const keys = [await keyOf(), await keyOf({ next: [inner, { a: 1 }] }), await keyOf(undefined, `${source}\n`), await keyOf(undefined, source, { ...context(), configString: "{ }" }), await keyOf(undefined, source, { ...context(), instrument: true })];
  expect(await keyOf()).toBe(keys[0]);
  writeFileSync(join(folder, "deflow.lock.json"), '{ "version": 1, "flows": {} }');
  keys.push(await keyOf());
  rmSync(join(folder, "deflow.lock.json"));
  expect(new Set(keys).size).toBe(6);
});

test("errors stop the file, and a transformer that is missing is named", async () => {
  const bad = source.replace("listen }", "step }").replace('await listen("x");', "let n = 0;\n  await step(() => { n++; });");
  const transformer = await createTransformer({ next: inner });
  expect(() => transformer.process?.(bad, file(), context())).toThrow(/error DF106[^]*f\.ts:4:22/);
  await expect(createTransformer({ next: "no-such-transformer" })).rejects.toThrow(/finds no transformer `no-such-transformer`.*require\.resolve/);
});
