// deflow compile: the file as the adapters see it after compilation.

import { compile, isFatal, type Compiled } from "../compiler/index.ts";
import { report } from "../compiler/report.ts";
import { readSource, UsageError, type Io } from "./io.ts";

export function compileFile(file: string, options: { readonly json?: boolean }, io: Io): number {
  const source = readSource(file);
  const compiled = compiledOrUsage(source, file);
  if (options.json) {
    const { code, map, diagnostics, points } = compiled;
    io.out(`${JSON.stringify({ code, map, diagnostics, points }, null, 2)}\n`);
    return exitCode(compiled);
  }
  io.out(`${compiled.code.trimEnd()}\n`);
  return showDiagnostics(compiled, source, file, io);
}

/** A file without a flow is most likely the wrong file, so it is said and not passed over. */
export function compiledOrUsage(source: string, file: string): Compiled {
  const compiled = compile(source, { fileName: file });
  if (!compiled) throw new UsageError(`\`${file}\` has no call of deflow(), so there is nothing to compile`);
  return compiled;
}

/** Writes the diagnostics to standard error and gives the exit code. */
export function showDiagnostics(compiled: Compiled, source: string, file: string, io: Io): number {
  for (const diagnostic of compiled.diagnostics) io.err(`${report(diagnostic, source, file, io.colour)}\n\n`);
  return exitCode(compiled);
}

function exitCode({ diagnostics }: Compiled): number {
  return diagnostics.some(isFatal) ? 1 : 0;
}
