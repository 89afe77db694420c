// Lowering of `yield` and `yield*`. A yield is a resume point like an await; besides going on with a value or an exception, the
// generator may be told to leave there, by `return(value)`: then it runs what a `return` statement in that place would run.
//
//   try { x = yield a } finally { close() }
//   →  b0 [finally]: yield a → b1
//      b1 [finally]: branch leaving → b4, b2
//      b2 [finally]: x = value; …
//      b4 [finally]: c = { to: "return", value }; jump to the finally

import ts from "typescript";
import type { Unit } from "../facts.ts";
import type { Block, Region, Template } from "../ir.ts";
import type { Lowering } from "./5-lower.ts";
import { expression } from "./5-lower-expressions.ts";
import { iterateCall } from "./5-lower-loops.ts";
import { leaveReturn } from "./5-lower-jumps.ts";

export function yieldExpression(b: Lowering, node: ts.YieldExpression): Template {
  b.await(handedOut(b, node), node, node.expression ?? null, node.asteriskToken ? "delegate" : "yield");
  const on = b.block(b.region);
  b.end({ kind: "branch", test: [`${b.input.prefix}f.leaving`], then: leaving(b, node).id, else: on.id, at: node });
  b.place(on);
  return [b.machine.value];
}

/** The value of a `yield`, the cursor of a `yield*`. */
function handedOut(b: Lowering, { expression: operand, asteriskToken }: ts.YieldExpression): Template {
  if (!operand) return ["undefined"];
  if (!asteriskToken) return expression(b, operand);
  return b.machine.unit.async ? [`${b.input.prefix}.iterateAsync(`, ...expression(b, operand), ")"] : iterateCall(b, operand);
}

const leavers = new WeakMap<Lowering, Map<Region | null, Block>>();

/** One block for all yields of a region. */
function leaving(b: Lowering, at: ts.Node): Block {
  const { region } = b;
  let blocks = leavers.get(b);
  if (!blocks) leavers.set(b, (blocks = new Map()));
  const known = blocks.get(region);
  if (known) return known;
  const block = b.block(region);
  blocks.set(region, block);
  b.deferred.push(() => {
    b.place(block);
    leaveReturn(b, at);
  });
  return block;
}

/** Whether something of the user's code runs while the parameters are bound, which natively is when the generator is made. */
export function bindsParametersEarly({ generator, node }: Unit): boolean {
  return generator && (node as ts.FunctionLikeDeclaration).parameters.some((p) => !ts.isIdentifier(p.name) || p.initializer !== undefined);
}
