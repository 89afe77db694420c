// The loader of Turbopack, called as loaders are.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import loader from "../../compiler/adapters/loader.ts";
import { compile, printLock } from "../../compiler/index.ts";

const good = 'import { deflow, listen } from "deflow";\nexport const f = deflow(async function f() {\n  await listen("x");\n});\n';
const bad = good.replace("listen }", "step }").replace('await listen("x");', "let n = 0;\n  await step(() => { n++; });");
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "deflow-loader-"));
  writeFileSync(join(folder, "package.json"), "{}");
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What the loader hands on, and the files it has watched. */
function load(source: string, name = "src/f.ts", mode: { readonly mode?: string } = { mode: "production" }): { result: readonly unknown[]; watched: readonly string[]; warned: readonly string[] } {
  const [result, watched, warned]: [unknown[], string[], string[]] = [[], [], []];
  const context: ThisParameterType<typeof loader> = {
    resourcePath: join(folder, name), rootContext: folder, ...mode,
    addDependency: (file) => watched.push(file),
    emitWarning: ({ message }) => warned.push(message),
    callback: (...given) => result.push(...given),
  };
  loader.call(context, source, { before: true });
  return { result, watched, warned };
}

test("gives a flow's file compiled, with its map, and watches the lock", () => {
  const { result: [error, code, map], watched, warned } = load(good);
  expect([error, watched, warned]).toEqual([null, [join(folder, "deflow.lock.json")], []]);
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

test("what released code leaves behind is a warning in development: by the mode, and by NODE_ENV where there is none", () => {
  const lock = join(folder, "deflow.lock.json");
  writeFileSync(lock, printLock({ version: 1, flows: compile(good.replace('"x"', '"y"'), { fileName: "f.ts" })?.shapes() ?? {} }));
  const outcome = (mode: { readonly mode?: string }): readonly boolean[] => {
    const { result, warned } = load(good, "src/f.ts", mode);
    return [String(result[0]).includes("DF402"), warned.join("").includes("DF402")];
  };
  const [fails, warns] = [[true, false], [false, true]];
  vi.stubEnv("NODE_ENV", "development");
  expect([outcome({}), outcome({ mode: "production" }), outcome({ mode: "development" })]).toEqual([warns, fails, warns]);
  vi.stubEnv("NODE_ENV", "production");
  expect([outcome({}), outcome({ mode: "development" })]).toEqual([fails, warns]);
  vi.unstubAllEnvs();
  rmSync(lock);
});
