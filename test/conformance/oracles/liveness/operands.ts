// What of an expression is held while it waits in the middle: the operands that were evaluated before.

import ts from "typescript";
import { isActivation, type Names } from "./names.ts";
import type { Live } from "./ways.ts";

/** Variables that are never assigned again may be read for the second time when the expression goes on; a function made there needs its cells. */
export function heldConstants(stop: ts.Node, names: Names): Live {
  const held = new Set<NonNullable<ReturnType<Names["variable"]>>>();
  const visit = (node: ts.Node): void => {
    const variable = ts.isIdentifier(node) ? names.variable(node) : undefined;
    if (variable && (!variable.assigned || variable.captured)) held.add(variable);
    ts.forEachChild(node, visit);
  };
  for (const operand of operandsBefore(stop)) visit(operand);
  return held;
}

/** How many values may be held apart from variables: as many as there are expressions among the operands, and for each expression around the stop the part of it that is made. */
export function mostTemporaries(stop: ts.Node): number {
  let count = 0;
  const visit = (node: ts.Node): void => {
    if (ts.isExpression(node) || ts.isBindingName(node)) count++;
    if (!isActivation(node)) ts.forEachChild(node, visit);
  };
  const operands = operandsBefore(stop);
  operands.forEach(visit);
  return count + operands.length;
}

/** How many iterators: of the loops around the stop, and of the patterns that it is in. */
export function mostIterators(stop: ts.Node): number {
  let count = ts.isYieldExpression(stop) || ts.isForOfStatement(stop) ? 1 : 0;
  for (let at = stop; at.parent !== undefined && !isActivation(at.parent); at = at.parent) {
    const { parent } = at;
    if ((ts.isForOfStatement(parent) || ts.isForInStatement(parent)) && at !== parent.expression) count++;
    if (ts.isArrayBindingPattern(parent) || ts.isArrayLiteralExpression(parent)) count++;
  }
  return count;
}

/** The loops around a stop whose iterator is closed on every way out: it is needed. */
export function leastIterators(stop: ts.Node): number {
  let count = 0;
  for (let at = stop; at.parent !== undefined && !isActivation(at.parent); at = at.parent) {
    if (ts.isForOfStatement(at.parent) && at === at.parent.statement) count++;
  }
  return count;
}

/** How many completions: of the `finally` around the stop, and of the scopes that dispose or close. */
export function mostCompletions(stop: ts.Node): number {
  let count = ts.isAwaitExpression(stop) ? 0 : 1;
  for (let at = stop; at.parent !== undefined && !isActivation(at.parent); at = at.parent) {
    if (ts.isTryStatement(at.parent) && at === at.parent.finallyBlock) count++;
  }
  return count;
}

export function mostResources(stop: ts.Node): number {
  let count = hasUsing(stop) ? 1 : 0;
  for (let at = stop; at.parent !== undefined && !isActivation(at.parent); at = at.parent) if (hasUsing(at.parent)) count++;
  return count;
}

export function hasUsing(node: ts.Node): boolean {
  const isUsing = (list: ts.Node | undefined): boolean => list !== undefined && ts.isVariableDeclarationList(list) && (list.flags & ts.NodeFlags.Using) !== 0;
  if (ts.isForStatement(node) || ts.isForOfStatement(node)) return isUsing(node.initializer);
  return "statements" in node && (node.statements as readonly ts.Node[]).some((each) => ts.isVariableStatement(each) && isUsing(each.declarationList));
}

/** What a pattern takes apart is evaluated before the pattern, and held as one value. */
function isPatternOf(node: ts.Node, pattern: ts.Node): boolean {
  return ts.isVariableDeclaration(node) ? node.name === pattern : ts.isBinaryExpression(node) && node.left === pattern && node.operatorToken.kind === ts.SyntaxKind.EqualsToken;
}

/** A computed name is evaluated outside of what it names. */
function isHead(node: ts.Node): boolean {
  return ts.isComputedPropertyName(node);
}

/** From the stop outwards, to the statement around it: what stands to its left. */
function operandsBefore(stop: ts.Node): ts.Node[] {
  const found: ts.Node[] = [];
  for (let at = stop; at.parent !== undefined && (!isActivation(at.parent) || isHead(at)); at = at.parent) {
    const { parent } = at;
    if (ts.isCaseClause(parent) && at === parent.expression) return [...found, parent.parent.parent.expression];
    if (ts.isVariableDeclarationList(parent) || (ts.isStatement(parent) && !ts.isClassDeclaration(parent)) || ts.isCaseOrDefaultClause(parent)) return found;
    if (isPatternOf(parent, at)) found.push((parent as ts.VariableDeclaration).initializer ?? (parent as ts.BinaryExpression).right ?? at);
    if (!ts.isVariableDeclaration(parent)) ts.forEachChild(parent, (child) => void (child.end <= at.pos && found.push(child)));
  }
  return found;
}
