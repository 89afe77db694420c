// A lock that changes while tspc watches or an editor is open: the same files, which nobody has edited, are told of by the lock as it is.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ts from "typescript";
import { afterAll, beforeEach, expect, test } from "vitest";
import languageService from "../../compiler/adapters/language-service.ts";
import { transformProgram } from "../../compiler/adapters/transformer.ts";
import { compile, printLock } from "../../compiler/index.ts";

const folder = mkdtempSync(join(tmpdir(), "deflow-lock-changes-"));
afterAll(() => rmSync(folder, { recursive: true }));

const file = join(folder, "f.ts");
const source = 'import { deflow, listen } from "deflow";\nexport const f = deflow(async function f() {\n  await listen("now");\n});\n';
const before = compile(source.replace("now", "before"), { fileName: "f.ts" });
const options: ts.CompilerOptions = { noResolve: true, noLib: true, types: [] };
const lock = (text: string): void => writeFileSync(join(folder, "deflow.lock.json"), text);
const released = (): void => lock(printLock({ version: 1, flows: before?.shapes() ?? {} }));

beforeEach(() => {
  writeFileSync(join(folder, "package.json"), "{}");
  writeFileSync(file, source);
  rmSync(join(folder, "deflow.lock.json"), { force: true });
});

const told = (diagnostics: readonly ts.Diagnostic[]): number[] => diagnostics.map(({ code }) => code).filter((code) => code > 990_000);

test("tspc: the next program of the same files, which goes on watching where the lock cannot be read", () => {
  const host = ts.createCompilerHost(options);
  const kept = new Map<string, ts.SourceFile | undefined>();
  const { getSourceFile } = host;
  host.getSourceFile = (name, version) => {
    if (!kept.has(name)) kept.set(name, getSourceFile(name, version));
    return kept.get(name);
  };
  const round = (): number[] => told(transformProgram(ts.createProgram([file], options, host), undefined, undefined, { ts }).getSemanticDiagnostics());
  expect(round()).toEqual([]);
  released();
  expect(round()).toEqual([990_402]);
  lock("<<<<<<< HEAD");
  expect(round()).toEqual([990_406]);
  rmSync(join(folder, "deflow.lock.json"));
  expect(round()).toEqual([]);
});

test("editors: the next question; a lock that cannot be read is told in the files with flows", () => {
  const host: ts.LanguageServiceHost = {
    getScriptFileNames: () => [file], getScriptVersion: () => "1", getCurrentDirectory: () => folder, getCompilationSettings: () => options, getDefaultLibFileName: () => "",
    getScriptSnapshot: (name) => (ts.sys.fileExists(name) ? ts.ScriptSnapshot.fromString(ts.sys.readFile(name) ?? "") : undefined),
    readFile: (name) => ts.sys.readFile(name), fileExists: (name) => ts.sys.fileExists(name),
  };
  const service = languageService({ typescript: ts }).create({ languageService: ts.createLanguageService(host), project: { getCurrentDirectory: () => folder } });
  const asked = (): number[] => told(service.getSemanticDiagnostics(file));
  expect(asked()).toEqual([]);
  released();
  expect(asked()).toEqual([990_402]);
  lock("<<<<<<< HEAD");
  expect(asked()).toEqual([990_406]);
  expect(service.getQuickInfoAtPosition(file, source.indexOf("await") + 1)).toBeUndefined();
  released();
  expect(asked()).toEqual([990_402]);
});
