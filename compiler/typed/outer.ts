// Parentheses and assertions say nothing of a value.

import type ts from "typescript";

export function skipOuter(api: typeof ts, expression: ts.Expression): ts.Expression {
  let node = expression;
  while (api.isParenthesizedExpression(node) || api.isAsExpression(node) || api.isNonNullExpression(node) || api.isSatisfiesExpression(node) || api.isTypeAssertionExpression(node)) node = node.expression;
  return node;
}
