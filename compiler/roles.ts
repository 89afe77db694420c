// The role that an identifier plays where it stands: a reference, the target of an assignment, a mere name.

import ts from "typescript";

/** True where the identifier is evaluated or assigned: not a property name, label, attribute, declaration or type. */
export function isReference(id: ts.Identifier): boolean {
  const { parent } = id;
  if (ts.isPropertyAccessExpression(parent) || ts.isMetaProperty(parent) || ts.isQualifiedName(parent))
    return ts.isPropertyAccessExpression(parent) && parent.expression === id;
  if (ts.isPropertyAssignment(parent)) return parent.initializer === id;
  if (ts.isBindingElement(parent)) return parent.initializer === id;
  if (ts.isVariableDeclaration(parent) || ts.isParameter(parent) || ts.isPropertyDeclaration(parent)) return parent.initializer === id;
  if (ts.isArrowFunction(parent)) return parent.body === id;
  if (ts.isFunctionLike(parent) || ts.isClassLike(parent)) return false;
  if (ts.isLabeledStatement(parent) || ts.isBreakOrContinueStatement(parent)) return false;
  if (ts.isJsxAttribute(parent) || ts.isJsxNamespacedName(parent)) return false;
  if (ts.isJsxOpeningLikeElement(parent) || ts.isJsxClosingElement(parent)) return !/^[a-z]/.test(id.text);
  return true;
}

/** How an expression is used where it stands: read, written, or read and then written (`x += 1`). */
export function usage(node: ts.Expression): "read" | "write" | "update" {
  const parent = node.parent;
  if (isOuter(parent)) return usage(parent);
  if (ts.isPrefixUnaryExpression(parent) || ts.isPostfixUnaryExpression(parent)) return isUpdate(parent.operator) ? "update" : "read";
  if (ts.isBinaryExpression(parent) && parent.left === node && isAssignment(parent.operatorToken.kind))
    return parent.operatorToken.kind === ts.SyntaxKind.EqualsToken ? "write" : "update";
  if ((ts.isForInStatement(parent) || ts.isForOfStatement(parent)) && parent.initializer === node) return "write";
  return isPatternPart(node) ? "write" : "read";
}

/** `[node] = …`, `({ a: node } = …)`, `({ node } = …)`, `[...node] = …`, `[node = 1] = …` (whose `=` is asked above). */
function isPatternPart(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isArrayLiteralExpression(parent) || ts.isSpreadElement(parent) || ts.isSpreadAssignment(parent)) return isPattern(parent);
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node && isPattern(parent.parent);
  if (ts.isShorthandPropertyAssignment(parent)) return parent.name === node && isPattern(parent.parent);
  return false;
}

/** True where an array or object literal is the left side of a destructuring assignment. */
export function isPattern(node: ts.Node): boolean {
  if (ts.isSpreadElement(node) || ts.isSpreadAssignment(node)) return isPattern(node.parent);
  if (!ts.isArrayLiteralExpression(node) && !ts.isObjectLiteralExpression(node)) return false;
  const { parent } = node;
  if (ts.isParenthesizedExpression(parent)) return false;
  if (ts.isBinaryExpression(parent) && parent.left === node && parent.operatorToken.kind === ts.SyntaxKind.EqualsToken) return true;
  if ((ts.isForInStatement(parent) || ts.isForOfStatement(parent)) && parent.initializer === node) return true;
  return isPatternPart(node);
}

export function isAssignment(operator: ts.SyntaxKind): boolean {
  return operator >= ts.SyntaxKind.FirstAssignment && operator <= ts.SyntaxKind.LastAssignment;
}

export function isUpdate(operator: ts.SyntaxKind): boolean {
  return operator === ts.SyntaxKind.PlusPlusToken || operator === ts.SyntaxKind.MinusMinusToken;
}

/** Whether between the node and `outer` there is a function, or a class, that has a `this` of its own. */
export function standsInOrdinaryFunction(node: ts.Node, outer: ts.Node): boolean {
  for (let up = node.parent; up !== outer; up = up.parent) if ((ts.isFunctionLike(up) && !ts.isArrowFunction(up)) || ts.isClassLike(up)) return true;
  return false;
}

export type SuperMember = (ts.PropertyAccessExpression | ts.ElementAccessExpression) & { readonly expression: ts.SuperExpression };

/** `super.m`, `super[k]` */
export function isSuperMember(node: ts.Node): node is SuperMember {
  return (ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node)) && node.expression.kind === ts.SyntaxKind.SuperKeyword;
}

/** True for what has no meaning at run time. */
export function isTypeOnly(node: ts.Node): boolean {
  const { kind } = node;
  // Asked of every node: type keywords such as `string` have no children and no names, so only the range of types matters.
  if (kind >= ts.SyntaxKind.FirstTypeNode && kind <= ts.SyntaxKind.LastTypeNode) return true;
  return (
    kind === ts.SyntaxKind.TypeParameter || kind === ts.SyntaxKind.InterfaceDeclaration || kind === ts.SyntaxKind.TypeAliasDeclaration ||
    (kind === ts.SyntaxKind.HeritageClause && (node as ts.HeritageClause).token === ts.SyntaxKind.ImplementsKeyword)
  );
}

export type Outer =
  | ts.ParenthesizedExpression | ts.AsExpression | ts.NonNullExpression | ts.SatisfiesExpression | ts.TypeAssertion | ts.ExpressionWithTypeArguments;

/** Parentheses, type assertions, `f<string>`: what does not change what the expression inside refers to. */
export function isOuter(node: ts.Node): node is Outer {
  return (
    ts.isParenthesizedExpression(node) || ts.isAsExpression(node) || ts.isNonNullExpression(node) || ts.isSatisfiesExpression(node) ||
    ts.isTypeAssertionExpression(node) || (ts.isExpressionWithTypeArguments(node) && !ts.isHeritageClause(node.parent))
  );
}

export function skipOuter(node: ts.Expression): ts.Expression {
  return isOuter(node) ? skipOuter(node.expression) : node;
}

/** What a node assigns: the left side of an assignment, the operand of an update, the head of a loop. */
export function targetsOf(node: ts.Node): readonly ts.Expression[] {
  if (ts.isBinaryExpression(node)) return isAssignment(node.operatorToken.kind) ? [node.left] : [];
  if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) return isUpdate(node.operator) ? [node.operand] : [];
  if (ts.isForInStatement(node) || ts.isForOfStatement(node)) return ts.isVariableDeclarationList(node.initializer) ? [] : [node.initializer];
  return [];
}
