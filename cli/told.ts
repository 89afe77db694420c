// What is told of a program: by what its flows are compiled to, and by its types. Files without flows may have helpers of flows.

import { relative, resolve } from "node:path";
import ts from "typescript";
import { isFatal, type Diagnostic } from "../compiler/index.ts";
import { report } from "../compiler/report.ts";
import { typedCheck, type TypedOptions } from "../compiler/typed/check.ts";
import type { Io } from "./io.ts";
import { eachFile } from "./progress.ts";
import type { Project } from "./project.ts";

/** Writes it to standard error. False where the program has errors; what the lock refuses, the lock's own lines say. */
export function showTold({ folder, scripts, files }: Project, io: Io, screen?: NodeJS.WriteStream): boolean {
  const checks = new Map([...new Set(scripts.map(({ program }) => program))].map((program) => [program, typedCheck(ts, program, optionsOf(program))]));
  const flows = new Map(files.map(({ path, compiled }) => [path, compiled]));
  const reports: string[] = [];
  let sound = true;
  eachFile(screen, scripts, "checked", ({ file, program }) => {
    const compiled = flows.get(file.fileName) ?? null;
    const told = [...(compiled?.diagnostics ?? []), ...(checks.get(program)?.(file, compiled) ?? [])].filter(({ code }) => !/^DF40[1-57]$/.test(code));
    for (const diagnostic of told.toSorted(inOrder)) reports.push(`${report(diagnostic, file.text, nameIn(folder, file), io.colour)}\n\n`);
    sound &&= !told.some(isFatal);
  });
  for (const text of reports) io.err(text);
  return sound;
}

function inOrder(a: Diagnostic, b: Diagnostic): number {
  return a.start - b.start;
}

function nameIn(folder: string, { fileName }: ts.SourceFile): string {
  return relative(folder, resolve(fileName)).replaceAll("\\", "/");
}

/** What the plugin entry of the tsconfig asks for. */
function optionsOf(program: ts.Program): TypedOptions {
  const { plugins } = program.getCompilerOptions();
  const entries = (Array.isArray(plugins) ? plugins : []) as readonly { readonly transform?: string; readonly any?: boolean }[];
  return { any: entries.some(({ transform, any }) => transform === "deflow/transformer" && any === true) };
}
