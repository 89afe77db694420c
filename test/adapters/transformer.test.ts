// The transformer of tsc over a program in memory; with ts-patch, in each of its versions: test/toolchains/tsc.test.ts.

import ts from "typescript";
import { afterEach, expect, test, vi } from "vitest";
import { transformProgram } from "../../compiler/adapters/transformer.ts";

const source = 'import { deflow, listen } from "deflow";\nexport const f = deflow(async function f() {\n  await listen("x");\n});\n';
const entry = { transform: "deflow/transformer", transformProgram: true };

function programOf(configFilePath: string, plugins: readonly object[]): ts.Program {
  const options = { noLib: true, types: [], noResolve: true, plugins, configFilePath } as unknown as ts.CompilerOptions;
  const host = ts.createCompilerHost(options);
  host.getSourceFile = (name, version) => (name === "/f.ts" ? ts.createSourceFile(name, source, version, true) : undefined);
  return ts.createProgram(["/f.ts"], options, host);
}

function emitted(program: ts.Program): string {
  let text = "";
  program.emit(undefined, (_, written) => void (text += written));
  return text;
}

afterEach(() => vi.restoreAllMocks());

test.each([
  ["entries that differ", [entry, { ...entry, any: true }], 2],
  ["entries that are the same, of which ts-patch hands over one", [entry, entry], 1],
  ["entries that name the module in two ways", [entry, { ...entry, transform: "./node_modules/deflow/dist/transformer.js" }], 2],
])("%s: the file is compiled once, and one warning says what to do", (name, plugins, calls) => {
  const warn = vi.spyOn(console, "warn").mockReturnValue();
  const program = programOf(`/${name}/tsconfig.json`, plugins);
  for (let i = 0; i < calls; i++) transformProgram(program, undefined, plugins[i] as object, { ts });
  expect(emitted(program).match(/\$\.flow\(/g)).toHaveLength(1);
  expect(warn.mock.calls).toEqual([[expect.stringContaining(`listed twice in the "plugins" of /${name}/tsconfig.json`)]]);
});

test("one entry is told nothing", () => {
  const warn = vi.spyOn(console, "warn").mockReturnValue();
  const plugins = [{ ...entry, name: "deflow/language-service" }, { name: "other" }];
  const program = programOf("/one/tsconfig.json", plugins);
  transformProgram(program, undefined, entry as object, { ts });
  expect(emitted(program)).toContain("$.flow(");
  expect(warn).not.toHaveBeenCalled();
});
