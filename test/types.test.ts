// The type tests as programs: no error in them, and each `@ts-expect-error` is one. `Register` is declared for a whole program, so
// it has one of its own.

import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../", import.meta.url));

test.each(["test/types.test-d.ts", "fixtures/types/register.ts"])("%s", (file) => {
  const configFile = `${root}tsconfig.json`;
  const { config } = ts.readConfigFile(configFile, ts.sys.readFile) as { config: object };
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [file] }, ts.sys, dirname(configFile));
  const program = ts.createProgram([`${root}${file}`], options);
  const source = program.getSourceFile(`${root}${file}`);
  const errors = [...program.getOptionsDiagnostics(), ...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
  expect(errors.map((e) => ts.formatDiagnostic(e, { getCurrentDirectory: () => root, getCanonicalFileName: (name) => name, getNewLine: () => "\n" }))).toEqual([]);
}, 120_000);
