// Lowering of assignments that await: the target's base and key are evaluated once and first, the old value of a compound
// assignment is read before the await, a short-circuiting one may leave both the await and the assignment out.
//
//   total += await price(x)     →   t1 = total; await price(x);      rest: (total = t1 + (value))
//   a().b = await c             →   t1 = a(); await c;               rest: t1.b = value

import ts from "typescript";
import type { Template } from "../ir.ts";
import { isPattern, skipOuter } from "../roles.ts";
import type { Lowering } from "./5-lower.ts";
import { expression, unless } from "./5-lower-expressions.ts";
import { bindPattern } from "./5-lower-patterns.ts";

export function assignment(b: Lowering, node: ts.BinaryExpression): Template {
  const operator = node.operatorToken.kind;
  if (operator !== ts.SyntaxKind.EqualsToken) return isLogical(operator) ? logical(b, node, operator) : compound(b, node);
  if (isPattern(node.left) && b.suspends(node.left)) {
    const value = b.temp(node.right);
    b.code([value, " = ", ...expression(b, node.right)], node.right, value);
    bindPattern(b, node.left, value);
    return [value];
  }
  holdTarget(b, node.left, b.suspends(node.right));
  expression(b, node.right);
  return [node];
}

function isLogical(operator: ts.SyntaxKind): boolean {
  return (
    operator === ts.SyntaxKind.AmpersandAmpersandEqualsToken || operator === ts.SyntaxKind.BarBarEqualsToken ||
    operator === ts.SyntaxKind.QuestionQuestionEqualsToken
  );
}

/** Puts the base and the key of a member target into temporaries where something is awaited after them. */
export function holdTarget(b: Lowering, target: ts.Expression, before: boolean): void {
  const node = skipOuter(target);
  if (ts.isPropertyAccessExpression(node)) {
    if (before) b.hold(node.expression);
    else expression(b, node.expression);
  } else if (ts.isElementAccessExpression(node)) {
    const keyStops = b.suspends(node.argumentExpression);
    if (before || keyStops) b.hold(node.expression);
    else expression(b, node.expression);
    if (before) b.hold(node.argumentExpression);
    else expression(b, node.argumentExpression);
  }
}

function compound(b: Lowering, node: ts.BinaryExpression): Template {
  if (!b.suspends(node.right)) {
    holdTarget(b, node.left, false);
    return [node];
  }
  holdTarget(b, node.left, true);
  const old = b.temp(node.left);
  b.code([old, " = ", node.left], node.left, old);
  const operator = node.operatorToken.getText().slice(0, -1);
  return ["(", { assigned: node.left }, " = ", old, ` ${operator} (`, ...expression(b, node.right), "))"];
}

function logical(b: Lowering, node: ts.BinaryExpression, operator: ts.SyntaxKind): Template {
  if (!b.suspends(node.right)) {
    holdTarget(b, node.left, false);
    return [node];
  }
  holdTarget(b, node.left, true);
  const result = b.temp(node);
  b.code([result, " = ", node.left], node.left, result);
  unless(b, result, operator, node.right, () => b.code([result, " = ", { assigned: node.left }, " = ", ...expression(b, node.right)], node, result));
  return [result];
}
