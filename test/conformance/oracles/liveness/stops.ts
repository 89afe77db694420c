// Whether something can stop: it awaits or yields, not only inside a function of its own.

import ts from "typescript";
import { isActivation } from "./names.ts";

export function stops(node: ts.Node): boolean {
  if (ts.isAwaitExpression(node) || ts.isYieldExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier !== undefined)) return true;
  if (ts.isVariableDeclarationList(node) && (node.flags & ts.NodeFlags.AwaitUsing) === ts.NodeFlags.AwaitUsing) return true;
  return ts.forEachChild(node, (child) => (isActivation(child) ? stopsInName(child) : stops(child)) || undefined) === true;
}

function stopsInName(node: ts.Node): boolean {
  const { name } = node as ts.NamedDeclaration;
  return name !== undefined && ts.isComputedPropertyName(name) && stops(name);
}
