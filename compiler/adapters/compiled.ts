// What the compiler makes of the files of TypeScript's programs, kept from one program to the next: `tspc -w` and editors keep the tree of a file
// that is not edited.
//
// A file is compiled from its text and from what is released, so once more when the lock has changed. By a lock that cannot be read nothing is
// compiled, which is told in each file with flows.

import type ts from "typescript";
import { compile, type Compiled } from "../compile.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { LockError } from "../lock/file.ts";
import type { ReleasedFlows } from "../lock/lock.ts";
import { releasedFor } from "../lock/nearest.ts";
import { nameIn } from "./files.ts";

export interface CompiledFile {
  /** Null: there is nothing to compile. */
  readonly compiled: Compiled | null;
  readonly diagnostics: readonly Diagnostic[];
}

const nothing: CompiledFile = { compiled: null, diagnostics: [] };

export function compiledFiles(): (file: ts.SourceFile, project: string) => CompiledFile {
  const known = new WeakMap<ts.SourceFile, CompiledFile & { readonly released: ReleasedFlows }>();
  return (file, project) => {
    if (!/\bdeflow\b/.test(file.text)) return nothing;
    const fileName = nameIn(project, file.fileName);
    let released: ReleasedFlows;
    try {
      released = releasedFor(file.fileName);
    } catch (error) {
      if (!(error instanceof LockError)) throw error;
      return compile(file.text, { fileName }) === null ? nothing : { compiled: null, diagnostics: [error.diagnostic] };
    }
    const before = known.get(file);
    if (before?.released === released) return before;
    const compiled = compile(file.text, { fileName, released });
    const made = { compiled, diagnostics: compiled?.diagnostics ?? [], released };
    known.set(file, made);
    return made;
  };
}
