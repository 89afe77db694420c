// The Jest transformer, called as Jest calls it, over a transformer that only says what it was given.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
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
    createTransformer: (options) => ({
      canInstrument: true,
      getCacheKey: () => JSON.stringify(options ?? null),
      process: (code, file, { transformerConfig }) => ({ code: code + "// " + JSON.stringify(transformerConfig ?? null) }),
      processAsync: async (code, file, { instrument }) => code + "// " + instrument,
    }),
  };`);
});
afterAll(() => rmSync(folder, { recursive: true }));

const context = (): JestContext => ({ config: { rootDir: folder }, configString: "{}", instrument: false });
const file = (): string => join(folder, "f.ts");

async function keyOf(options: JestOptions = { next: inner }, text = source, told = context()): Promise<string> {
  return (await createTransformer(options)).getCacheKey(text, file(), told);
}

test("the next transformer is given the compiled text, its own options, and files without flows as they are", async () => {
  const transformer = await createTransformer({ next: [inner, { a: 1 }] });
  expect(transformer.process(source, file(), context())).toMatchObject({ code: expect.stringMatching(/\$\.flow\([^]*\/\/ \{"a":1\}$/) });
  expect(transformer.process("export {};", file(), context())).toEqual({ code: 'export {};// {"a":1}' });
  expect(await transformer.processAsync(source, file(), context())).toContain("$.flow(");
});

test("who counts lines is given the map of what it counts, and leaves it to Jest where it does not", async () => {
  const counting = { ...context(), instrument: true };
  const transformer = await createTransformer({ next: inner });
  expect(transformer.canInstrument).toBe(true);
  expect(await transformer.processAsync(source, file(), counting)).toMatch(/\$\.flow\([^]*\n\/\/# sourceMappingURL=data:[^\n]*\/\/ true$/);
  expect(await transformer.processAsync(source, file(), context())).not.toContain("sourceMappingURL");
  const plain = join(folder, "plain.cjs");
  writeFileSync(plain, "module.exports = { process: (code, file, { instrument }) => `${code}// ${instrument}` };");
  const other = await createTransformer({ next: plain });
  expect(other.canInstrument).toBe(false);
  expect(other.process(source, file(), counting)).toMatch(/^(?![^]*sourceMappingURL)[^]*\/\/ false$/);
});

test("the next transformer is that of the package with Jest's configuration, not of the folder where Jest was started", async () => {
  const modules = join(folder, "node_modules/strip");
  mkdirSync(modules, { recursive: true });
  writeFileSync(join(modules, "index.js"), 'module.exports = { process: () => "by the package\'s own" };');
  expect((await createTransformer({ next: "strip" })).process("export {};", file(), context())).toBe("by the package's own");
  expect((await createTransformer({ next: "<rootDir>/node_modules/strip/index.js" })).process("export {};", file(), context())).toBe("by the package's own");
  // Found from where this test runs too, in another version.
  mkdirSync(join(folder, "node_modules/zod"));
  writeFileSync(join(folder, "node_modules/zod/index.js"), 'module.exports = { process: () => "by the package\'s zod" };');
  expect((await createTransformer({ next: "zod" })).process("export {};", file(), context())).toBe("by the package's zod");
});

test("what is cached depends on the text, Jest's configuration, the options and the lock", async () => {
  const keys = [await keyOf(), await keyOf({ next: [inner, { a: 1 }] }), await keyOf(undefined, `${source}\n`), await keyOf(undefined, source, { ...context(), configString: "{ }" }), await keyOf(undefined, source, { ...context(), instrument: true }), await keyOf(undefined, source, { ...context(), supportsStaticESM: true })];
  expect(await keyOf()).toBe(keys[0]);
  writeFileSync(join(folder, "deflow.lock.json"), '{ "version": 1, "flows": {} }');
  keys.push(await keyOf());
  rmSync(join(folder, "deflow.lock.json"));
  expect(new Set(keys).size).toBe(7);
});

test("a key that the next transformer gives asynchronously counts where Jest waits for it", async () => {
  const waiting = join(folder, "waiting.cjs");
  writeFileSync(waiting, "let asked = 0; module.exports = { getCacheKeyAsync: async () => `key ${asked++}`, processAsync: async (code) => code };");
  const transformer = await createTransformer({ next: waiting });
  const keys = [await transformer.getCacheKeyAsync(source, file(), context()), await transformer.getCacheKeyAsync(source, file(), context())];
  expect(new Set(keys).size).toBe(2);
  expect(() => transformer.process(source, file(), context())).toThrow(/waiting\.cjs` of deflow\/jest gives its text asynchronously/);
});

test("errors stop the file, and a transformer that is missing is named", async () => {
  const bad = source.replace("listen }", "step }").replace('await listen("x");', "let n = 0;\n  await step(() => { n++; });");
  const transformer = await createTransformer({ next: inner });
  expect(() => transformer.process(bad, file(), context())).toThrow(/error DF106[^]*f\.ts:4:22/);
  const without = await createTransformer({ next: "no-such-transformer" });
  expect(() => without.process("export {};", file(), context())).toThrow(/finds no transformer `no-such-transformer`.*require\.resolve/);
});
