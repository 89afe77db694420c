// Whether a variable surely holds nothing where the run stops, as the tests around the stop say.
//
//   while (!page) {
//     page = await fetch(url).catch(() => null);
//     if (!page) await sleep("1 minute");          nothing is kept here
//   }
//
// Where a test asks something else of the variable, `if (isReady(page))`, it is taken to hold nothing: who knows what it is there.

import ts from "typescript";
import type { Binding } from "../facts.ts";
import { skipOuter } from "../roles.ts";

/** `from`: where the value is assigned; a test that stands between it and the stop is heeded. */
export function isAbsentAt(stop: ts.Node, binding: Binding, from: ts.Node): boolean {
  const isOld = (test: ts.Node): boolean => from.pos >= test.pos && from.pos < stop.pos;
  const says = (test: ts.Expression | undefined, truth: boolean): boolean => test !== undefined && !isOld(test) && saysAbsent(test, truth, binding);
  for (let at = stop; !ts.isFunctionLike(at.parent); at = at.parent) {
    const { parent } = at;
    if (ts.isIfStatement(parent) && at !== parent.expression && says(parent.expression, at === parent.thenStatement)) return true;
    if ((ts.isWhileStatement(parent) && at === parent.statement && says(parent.expression, true)) || (ts.isForStatement(parent) && at === parent.statement && says(parent.condition, true))) return true;
    if (ts.isConditionalExpression(parent) && at !== parent.condition && says(parent.condition, at === parent.whenTrue)) return true;
    if (ts.isBinaryExpression(parent) && at === parent.right && isShort(parent) && says(parent.left, parent.operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken)) return true;
    if (ts.isBlock(parent) && parent.statements.some((before) => before.end <= at.pos && ts.isIfStatement(before) && leaves(before.thenStatement) && says(before.expression, false))) return true;
  }
  return false;
}

function saysAbsent(expression: ts.Expression, truth: boolean, binding: Binding): boolean {
  const test = skipOuter(expression);
  if (isName(test, binding)) return !truth;
  if (ts.isPrefixUnaryExpression(test) && test.operator === ts.SyntaxKind.ExclamationToken) return saysAbsent(test.operand, !truth, binding);
  if (ts.isBinaryExpression(test)) {
    const { left, right, operatorToken: { kind } } = test;
    if (kind === ts.SyntaxKind.AmpersandAmpersandToken || kind === ts.SyntaxKind.BarBarToken) {
      const isBoth = (kind === ts.SyntaxKind.AmpersandAmpersandToken) === truth;
      const [first, second] = [saysAbsent(left, truth, binding), saysAbsent(right, truth, binding)];
      return isBoth ? first || second : first && second;
    }
    const { EqualsEqualsToken, EqualsEqualsEqualsToken, ExclamationEqualsToken, ExclamationEqualsEqualsToken } = ts.SyntaxKind;
    const isNothing = (node: ts.Expression): boolean => node.kind === ts.SyntaxKind.NullKeyword || (ts.isIdentifier(node) && node.text === "undefined");
    if ((isName(left, binding) && isNothing(right)) || (isName(right, binding) && isNothing(left))) {
      if (kind === EqualsEqualsToken || kind === EqualsEqualsEqualsToken) return truth;
      if (kind === ExclamationEqualsToken || kind === ExclamationEqualsEqualsToken) return !truth;
    }
    return isName(left, binding) || isName(right, binding);
  }
  return ts.isCallExpression(test) && test.arguments.some((argument) => isName(argument, binding));
}

function isName(node: ts.Node, { references }: Binding): boolean {
  return ts.isIdentifier(node) && references.some((reference) => reference.node === node && !reference.write);
}

function isShort({ operatorToken: { kind } }: ts.BinaryExpression): boolean {
  return kind === ts.SyntaxKind.AmpersandAmpersandToken || kind === ts.SyntaxKind.BarBarToken || kind === ts.SyntaxKind.QuestionQuestionToken;
}

function leaves(statement: ts.Statement): boolean {
  const last = ts.isBlock(statement) ? statement.statements.at(-1) : statement;
  return last !== undefined && (ts.isReturnStatement(last) || ts.isThrowStatement(last) || ts.isBreakOrContinueStatement(last));
}
