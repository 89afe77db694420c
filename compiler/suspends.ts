// "Can this subtree stop?": whether a node holds an await or a yield of the function it stands in.
//
// Nested functions are opaque: their awaits are theirs. All passes ask this one predicate, so that what spill keeps and
// what lower cuts can never disagree. Pass 2 finds the stops on its walk over the flow.

import ts from "typescript";
import type { Unit } from "./facts.ts";

export type Suspends = (node: ts.Node) => boolean;

/** What can stop in the machines of a flow. */
export class Suspensions {
  private readonly found = new Set<ts.Node>();

  readonly has: Suspends = (node) => this.found.has(node);

  /** `node` is evaluated by `unit`: if it stops that, so does everything around it, up to the function. */
  add(node: ts.Node, { kind, node: fn, async, generator }: Unit): void {
    if (kind !== "machine" || !(isStop(node) || (async && generator && isValueReturn(node)))) return;
    // An await among the parameters is refused: only bodies are lowered.
    if (node.pos < bodyStart(fn as ts.FunctionLikeDeclaration)) return;
    for (let up = node; up !== fn && !this.found.has(up); up = up.parent) this.found.add(up);
  }
}

function bodyStart({ body }: ts.FunctionLikeDeclaration): number {
  return body ? body.pos : Infinity;
}

function isStop(node: ts.Node): boolean {
  switch (node.kind) {
    case ts.SyntaxKind.AwaitExpression:
    case ts.SyntaxKind.YieldExpression: return true;
    case ts.SyntaxKind.ForOfStatement: return (node as ts.ForOfStatement).awaitModifier !== undefined;
    case ts.SyntaxKind.VariableDeclarationList: return (node.flags & ts.NodeFlags.AwaitUsing) === ts.NodeFlags.AwaitUsing;
    default: return false;
  }
}

/** An async generator awaits what it returns. */
function isValueReturn(node: ts.Node): boolean {
  return ts.isReturnStatement(node) && node.expression !== undefined;
}
