// Whether an await of the same function is over whenever a node is evaluated: ordinary code is in no run any more then.
//
//   await fetch(url); respond("done");        surely
//   if (slow) await fetch(url); respond();    not on every way

import type ts from "typescript";

export function isAfterAwait(node: ts.Node, api: typeof ts): boolean {
  for (let at = node; !api.isFunctionLike(at.parent) && !api.isSourceFile(at.parent); at = at.parent) {
    if (evaluatedBefore(at, api).some((before) => awaitsSurely(before, api))) return true;
  }
  return false;
}

/** Parts of the node's parent that are through when it is reached. */
function evaluatedBefore(node: ts.Node, api: typeof ts): readonly ts.Node[] {
  const { parent } = node;
  const before = (list: readonly ts.Node[]): readonly ts.Node[] => list.slice(0, Math.max(0, list.indexOf(node)));
  const head = (expression: ts.Node | undefined): readonly ts.Node[] => (expression === undefined || expression === node ? [] : [expression]);
  if (api.isBlock(parent) || api.isCaseOrDefaultClause(parent)) return before(parent.statements);
  if (api.isVariableDeclarationList(parent)) return before(parent.declarations);
  if (api.isIfStatement(parent) || api.isWhileStatement(parent) || api.isSwitchStatement(parent) || api.isForOfStatement(parent) || api.isForInStatement(parent)) return head(parent.expression);
  if (api.isForStatement(parent)) return parent.statement === node ? [...head(parent.initializer), ...head(parent.condition)] : head(parent.initializer);
  if (api.isConditionalExpression(parent)) return head(parent.condition);
  if (api.isBinaryExpression(parent)) return parent.right === node && !isPatternAssignment(parent, api) ? [parent.left] : [];
  if (api.isCallExpression(parent) || api.isNewExpression(parent)) return parent.expression === node ? [] : [parent.expression, ...before(parent.arguments ?? [])];
  if (api.isArrayLiteralExpression(parent)) return before(parent.elements);
  return api.isObjectLiteralExpression(parent) ? before(parent.properties) : [];
}

/** Whoever has come to its end has awaited. Without recursion into what may be nested deeply. */
function awaitsSurely(root: ts.Node, api: typeof ts): boolean {
  const work = [root];
  for (let node = work.pop(); node; node = work.pop()) {
    if (api.isAwaitExpression(node) || (api.isForOfStatement(node) && node.awaitModifier)) return true;
    if (api.isIfStatement(node) && node.elseStatement && awaitsSurely(node.thenStatement, api) && awaitsSurely(node.elseStatement, api)) return true;
    if (api.isConditionalExpression(node) && awaitsSurely(node.whenTrue, api) && awaitsSurely(node.whenFalse, api)) return true;
    for (const part of partsOf(node, api)) if (part) work.push(part);
  }
  return false;
}

/** What is evaluated whenever the node is. */
function partsOf(node: ts.Node, api: typeof ts): readonly (ts.Node | undefined)[] {
  if (api.isFunctionLike(node) || api.isClassLike(node) || api.isLabeledStatement(node) || api.isDoStatement(node)) return [];
  if (api.isIfStatement(node) || api.isWhileStatement(node) || api.isSwitchStatement(node) || api.isForOfStatement(node) || api.isForInStatement(node)) return [node.expression];
  if (api.isConditionalExpression(node)) return [node.condition];
  if (api.isForStatement(node)) return [node.initializer, node.condition];
  if (api.isTryStatement(node)) return [node.finallyBlock, node.catchClause ? undefined : node.tryBlock];
  if (api.isVariableDeclaration(node)) return [node.initializer];
  if (api.isBinaryExpression(node)) return isPatternAssignment(node, api) ? [node.right] : [node.left, isShort(node, api) ? undefined : node.right];
  if (api.isOptionalChain(node)) return [node.expression];
  const parts: ts.Node[] = [];
  api.forEachChild(node, (part) => void parts.push(part));
  return parts;
}

/** Its defaults may be left out. */
function isPatternAssignment({ left, operatorToken }: ts.BinaryExpression, api: typeof ts): boolean {
  return operatorToken.kind === api.SyntaxKind.EqualsToken && (api.isArrayLiteralExpression(left) || api.isObjectLiteralExpression(left));
}

function isShort({ operatorToken: { kind } }: ts.BinaryExpression, api: typeof ts): boolean {
  const { AmpersandAmpersandToken, BarBarToken, QuestionQuestionToken, AmpersandAmpersandEqualsToken, BarBarEqualsToken, QuestionQuestionEqualsToken } = api.SyntaxKind;
  return [AmpersandAmpersandToken, BarBarToken, QuestionQuestionToken, AmpersandAmpersandEqualsToken, BarBarEqualsToken, QuestionQuestionEqualsToken].some((short) => short === kind);
}
