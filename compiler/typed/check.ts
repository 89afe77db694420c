// What types tell of a file beside what its syntax does: all rules of this folder, on one walk over the file that knows where it is.
//
//   walk ─► where a node stands ─► rules of single nodes        DF504 to DF507, DF106
//   flows' live slots, types ─► kept.ts, held.ts                DF501 to DF503

import type ts from "typescript";
import type { Compiled } from "../compile.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { withoutIgnored } from "../ignore.ts";
import { AfterAwait } from "./after-await.ts";
import { aroundIn, moduleCode } from "./around.ts";
import { droppedPromises } from "./dropped.ts";
import { TypedFile } from "./file.ts";
import { handedCallbacks } from "./handed.ts";
import { heldMembers } from "./held.ts";
import { Keepable } from "./keepable.ts";
import { keptLocals } from "./kept.ts";
import { moduleWrites } from "./module-writes.ts";
import { packageImports } from "./operations.ts";
import { operationsOutside } from "./outside.ts";
import { TypedProgram } from "./program.ts";
import { stepWrites } from "./step-writes.ts";
import { Stops } from "./stops.ts";
import { teller } from "./tell.ts";
import { walk } from "./walk.ts";

export interface TypedOptions {
  /** Tells of locals of type `any` too: nobody knows whether they can be kept. */
  readonly any?: boolean;
}

/** Gives the diagnostics of files of `program`, by its own TypeScript; `compiled` is what the compiler made of the file, if it has flows. */
export function typedCheck(api: typeof ts, program: ts.Program, options: TypedOptions = {}): (file: ts.SourceFile, compiled: Compiled | null) => readonly Diagnostic[] {
  // A build that only emits needs no checker.
  let typed: TypedProgram | undefined;
  return (file, compiled) => {
    if (!/\bdeflow\b/.test(file.text) || isCompiled(api, file)) return [];
    typed ??= new TypedProgram(api, program);
    return checkFile(new TypedFile(typed, file, compiled?.lowered ?? []), options);
  };
}

/** What a build wrote is in a program with `allowJs`: its machines are async functions that wait for operations. */
function isCompiled(api: typeof ts, file: ts.SourceFile): boolean {
  return packageImports(api, file).some((specifier) => api.isStringLiteral(specifier) && specifier.text === "deflow/internal");
}

function checkFile(at: TypedFile, { any = false }: TypedOptions): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const tell = teller(found);
  const stops = new Stops(at);
  const awaits = new AfterAwait(at.program.api);
  walk(at.program.api, at.file, moduleCode, (node, around) => {
    moduleWrites(node, around, at, tell);
    operationsOutside(node, around, at, awaits, tell);
    droppedPromises(node, around, at, stops, tell);
    handedCallbacks(node, around, at, stops, tell);
    stepWrites(node, around, at, tell);
    return aroundIn(node, around, at);
  });
  const keepable = new Keepable(at);
  found.push(...keptLocals(at, stops, keepable, any), ...heldMembers(at, stops, keepable));
  return withoutIgnored(found.sort((a, b) => a.start - b.start), at.file, at.program.api, "types");
}
