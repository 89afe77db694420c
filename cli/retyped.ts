// Slots whose type changed so that what is stored may not be what the code takes it for. Frames say nothing of types, so only the lock can
// tell: the type that was released must be assignable to the one that is there.

import ts from "typescript";
import type { ReleasedFlows, Slots } from "../compiler/index.ts";

export interface Retyped {
  /** Of a point or a function, as in the lock. */
  readonly key: string;
  readonly slot: string;
  readonly released: string;
  readonly now: string;
}

export function retypedSlots(released: ReleasedFlows, compiled: ReleasedFlows): Retyped[] {
  const changed = Object.entries(released).flatMap(([flow, { points, units }]) => {
    const now = compiled[flow];
    if (!now) return [];
    return [
      ...Object.entries(points).flatMap(([key, { slots }]) => changes(key, slots, now.points[key]?.slots ?? {})),
      ...Object.entries(units).flatMap(([key, { env }]) => changes(key, env, now.units[key]?.env ?? {})),
    ];
  });
  return changed.length > 0 ? unassignable(changed) : [];
}

function changes(key: string, released: Slots, now: Slots): Retyped[] {
  return Object.entries(released).flatMap(([slot, type]) => {
    const other = Object.hasOwn(now, slot) ? (now[slot] as string) : "";
    return type === "" || other === "" || type === other ? [] : [{ key, slot: slot.replace(/\*$/, ""), released: type, now: other }];
  });
}

const file = "/deflow-types.ts";

/** One small program for all of them: the texts need nothing but the language's own types. */
function unassignable(changed: readonly Retyped[]): Retyped[] {
  const source = changed.map(({ released, now }, i) => `declare const r${i}: ${released}; const n${i}: ${now} = r${i};`).join("\n");
  const options: ts.CompilerOptions = { strict: true, noEmit: true, target: ts.ScriptTarget.ES2022, lib: ["lib.es2022.d.ts", "lib.dom.d.ts"], types: [] };
  const host = ts.createCompilerHost(options);
  const { getSourceFile } = host;
  host.getSourceFile = (name, version, ...rest) => (name === file ? ts.createSourceFile(file, source, version) : getSourceFile.call(host, name, version, ...rest));
  const program = ts.createProgram([file], options, host);
  const own = program.getSourceFile(file);
  const lines = new Set(program.getSemanticDiagnostics(own).map(({ start = 0 }) => own?.getLineAndCharacterOfPosition(start).line));
  return changed.filter((_, i) => lines.has(i));
}
