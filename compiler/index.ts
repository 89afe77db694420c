// The public names of `deflow/compiler`.

import { compile, type CompileOptions } from "./compile.ts";
import { type Pass, passes } from "./pass.ts";

export { compile, passes };
export type { Pass };
export type { Compiled, CompileOptions, PointInfo, PointSlot } from "./compile.ts";
export { LockError, parseLock, printLock } from "./lock/file.ts";
export type { Jumps, Lock, ReleasedFlow, ReleasedFlows, ReleasedPoint, ReleasedUnit, Slots, Version } from "./lock/lock.ts";
export type { Diagnostic, Severity } from "./diagnostics/diagnostic.ts";
export { isFatal } from "./diagnostics/diagnostic.ts";
export type { FlowGraph, GraphEdge, GraphNode } from "./graph.ts";
export type { SourceMap } from "./map.ts";
export type { TypeAt } from "./shape.ts";
export type { Piece } from "./text.ts";

/** What the compiler makes of a file, pass by pass, in print; `after` picks one pass. Null: the file has no flow. */
export function explain(source: string, options: CompileOptions & { readonly after?: Pass }): string | null {
  const sections: string[] = [];
  const log = (pass: Pass, text: string): void => {
    if (options.after === undefined || options.after === pass) sections.push(options.after === pass ? text : `── after ${pass}\n${text}`);
  };
  return compile(source, { ...options, log }) ? sections.join("\n") : null;
}
