// Copies the ways out of a statement that is copied as a whole: a jump of the source to what is a block of the machine.
//
//   return x   →   return $.done($f, x);
//   break      →   { $pc = 4; continue $L; }

import ts from "typescript";
import { CompilerBug } from "../diagnostics/table.ts";
import type { BlockId, Exit } from "../ir.ts";
import { isSequence } from "../roles.ts";
import { copy } from "./8-emit-copy.ts";
import type { Emitter } from "./8-emit-emitter.ts";

export function copyExit(e: Emitter, node: ts.ReturnStatement | ts.BreakOrContinueStatement, exit: Exit): void {
  const { $ } = e;
  const value = ts.isReturnStatement(node) ? node.expression : undefined;
  if (exit.kind === "done") {
    const [open, before, close] = returning(e);
    e.glue(open, node);
    if (value) {
      e.glue(before, value);
      copyOperand(e, value);
    }
    return e.glue(close, node);
  }
  e.glue("{ ", node);
  if (exit.value) {
    e.glue(`${$}v = `, node);
    if (value) copyOperand(e, value);
    else e.glue("undefined", node);
    e.glue("; ", node);
  }
  e.glue(`${$}pc = ${label(e, exit.to)}; continue ${$}L; }`, node);
}

/** An expression where commas separate. */
export function copyOperand(e: Emitter, node: ts.Expression): void {
  if (!isSequence(node)) return copy(e, node);
  e.glue("(", node);
  copy(e, node);
  e.glue(")", node);
}

/** What ends a machine with a value: a generator gives it to the runtime that drives it, a strand settles its promise. */
export function returning(e: Emitter): readonly [open: string, before: string, close: string] {
  return e.machine?.unit.generator ? ["return", " ", ";"] : [`return ${e.$}.done(${e.$}f`, ", ", ");"];
}

export function label(e: Emitter, id: BlockId): string {
  const text = e.labels.get(id);
  if (text === undefined) throw new CompilerBug(`no case for b${id}`);
  return text;
}
