// What a frame holds that is stored at an await, with types: for who points at it.
//
//   await listen(decision)   →   listen:decision · kept: expense: { amount: number }, reminders: number

import type { Compiled } from "../compile.ts";
import type { Slot } from "../ir.ts";
import type ts from "typescript";
import { TypedFile } from "./file.ts";
import { TypedProgram } from "./program.ts";
import { Stops } from "./stops.ts";

export interface KeptAt {
  /** The id of the resume point. */
  readonly point: string;
  /** Of the word `await`. */
  readonly start: number;
  /** What is awaited is surely durable; else it may be. */
  readonly stops: boolean;
  /** In the order of the frame. A type is absent for an operand that was evaluated before. */
  readonly locals: readonly { readonly name: string; readonly type?: string }[];
}

/** Undefined where no `await` of a flow is at `position`. */
export function keptAt(api: typeof ts, program: ts.Program, file: ts.SourceFile, compiled: Compiled, position: number): KeptAt | undefined {
  for (const { machines } of compiled.lowered) {
    for (const { points } of machines.values()) {
      for (const { id, node, live } of points) {
        if (node.pos > position || node.end < position) continue;
        const start = node.getStart();
        if (position < start || position > start + "await".length || !file.text.startsWith("await", start)) continue;
        const at = new TypedFile(new TypedProgram(api, program), file, compiled.lowered);
        const awaited = at.awaitAt(node);
        return { point: id, start, stops: awaited !== undefined && new Stops(at).isDurable(awaited.expression), locals: live.list().map((slot) => localOf(slot, at)) };
      }
    }
  }
  return undefined;
}

function localOf({ binding, key }: Slot, at: TypedFile): { readonly name: string; readonly type?: string } {
  const name = binding && at.nameAt(binding.node);
  if (name === undefined) return { name: key.replace(/^~\((.*)\)$/, "$1") };
  const { checker } = at.program;
  return { name: name.text, type: checker.typeToString(checker.getTypeAtLocation(name), name) };
}
