// "Can this subtree stop?": whether a node holds an await or a yield of the function it stands in.
//
// Nested functions are opaque: their awaits are theirs. All passes ask this one predicate, so that what spill keeps and
// what lower cuts can never disagree.

import ts from "typescript";

export type Suspends = (node: ts.Node) => boolean;

/** One walk over the function adds what can stop in it to `found`; then each question is a look-up. */
export function suspensions(fn: ts.FunctionLikeDeclaration, found: Set<ts.Node>): void {
  const awaitsReturns = isAsyncGenerator(fn);
  const visit = (node: ts.Node): void => {
    if (isStop(node) || (awaitsReturns && isValueReturn(node))) {
      for (let up: ts.Node = node; up !== fn && !found.has(up); up = up.parent) found.add(up);
    }
    if (ts.isFunctionLike(node)) visitOuterParts(node, visit);
    else if (ts.isClassStaticBlockDeclaration(node)) return;
    else if (ts.isPropertyDeclaration(node)) visitName(node.name, visit);
    else ts.forEachChild(node, visit);
  };
  if (fn.body) visit(fn.body);
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

function isAsyncGenerator(fn: ts.FunctionLikeDeclaration): boolean {
  return fn.asteriskToken !== undefined && (ts.canHaveModifiers(fn) ? ts.getModifiers(fn) : undefined)?.some((m) => m.kind === ts.SyntaxKind.AsyncKeyword) === true;
}

/** Of a nested function only a computed name is evaluated by the function around it. */
function visitOuterParts(node: ts.SignatureDeclaration, visit: (node: ts.Node) => void): void {
  if (node.name) visitName(node.name as ts.Node, visit);
}

function visitName(name: ts.Node, visit: (node: ts.Node) => void): void {
  if (ts.isComputedPropertyName(name)) visit(name);
}
