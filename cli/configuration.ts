// The programs of a package, by its tsconfig: one, or, where that has no files and refers to projects, theirs.
//
//   { "files": [], "references": [{ "path": "./tsconfig.app.json" }, { "path": "./tsconfig.node.json" }] }   →   those of both

import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import ts from "typescript";
import { UsageError } from "./io.ts";

/** `given`: a tsconfig.json; without it the one of the folder, or all its scripts. @throws UsageError. */
export function configurations(folder: string, given: string | undefined): readonly ts.ParsedCommandLine[] {
  const path = given ?? [join(folder, "tsconfig.json"), join(folder, "jsconfig.json")].find((each) => existsSync(each));
  if (path === undefined) return [ts.parseJsonConfigFileContent({ compilerOptions: { allowJs: true, module: "nodenext", strict: true }, exclude: ["node_modules", "dist"] }, ts.sys, folder)];
  const found = new Map<string, ts.ParsedCommandLine>();
  follow(resolve(path), found);
  return [...found.values()].filter(({ fileNames }) => fileNames.length > 0);
}

/** The projects that one without files of its own refers to, as whole paths. */
export function referencesOf({ fileNames, projectReferences = [] }: ts.ParsedCommandLine): readonly string[] {
  return fileNames.length > 0 ? [] : projectReferences.map((reference) => resolve(ts.resolveProjectReferencePath(reference)));
}

function follow(path: string, found: Map<string, ts.ParsedCommandLine>): void {
  if (found.has(path)) return;
  const { config, error } = ts.readConfigFile(path, (file) => ts.sys.readFile(file));
  if (error) throw new UsageError(`${path}: ${ts.flattenDiagnosticMessageText(error.messageText, " ")}`);
  const parsed = ts.parseJsonConfigFileContent(config, ts.sys, dirname(path), undefined, path);
  found.set(path, parsed);
  for (const reference of referencesOf(parsed)) follow(reference, found);
}
