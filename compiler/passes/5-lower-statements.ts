// Lowering of statements, one function per kind. A statement without an await is copied as a whole.
//
//   if (await ok()) pay(); else refuse();
//   →  b0: await ok() → b1;  b1: branch value → b2, b3;  b2: pay(); jump b4;  b3: refuse(); jump b4;  b4:

import ts from "typescript";
import type { Template } from "../ir.ts";
import { scopeOf, type Lowering } from "./5-lower.ts";
import { declarations, enterScope, initialise } from "./5-lower-bindings.ts";
import { assignedBy, asStatement, classHead, expression } from "./5-lower-expressions.ts";
import { jumpStatement, leaveReturn, planExits, returnsThroughRegions, tryStatement } from "./5-lower-jumps.ts";
import { doStatement, forInOf, forStatement, whileStatement } from "./5-lower-loops.ts";
import { usingLists, withResources } from "./5-lower-resources.ts";
import { isTypeOnly } from "../roles.ts";

export function statement(b: Lowering, node: ts.Statement): void {
  const labels = b.labels;
  b.labels = [];
  if (isTypeOnly(node) || ts.isEmptyStatement(node) || ts.isFunctionDeclaration(node)) return;
  b.withTemps(() => dispatch(b, node, labels));
}

function dispatch(b: Lowering, node: ts.Statement, labels: readonly string[]): void {
  if (ts.isVariableStatement(node)) return declarations(b, node.declarationList);
  if (ts.isClassDeclaration(node)) return classDeclaration(b, node);
  if (ts.isReturnStatement(node)) return returnStatement(b, node);
  if (ts.isThrowStatement(node)) return throwStatement(b, node);
  if (ts.isBreakOrContinueStatement(node)) return jumpStatement(b, node);
  if (!b.suspends(node)) return opaque(b, node);
  if (ts.isExpressionStatement(node)) return expressionStatement(b, node);
  if (ts.isBlock(node)) return block(b, node);
  if (ts.isIfStatement(node)) return ifStatement(b, node);
  if (ts.isWhileStatement(node)) return whileStatement(b, node, labels);
  if (ts.isDoStatement(node)) return doStatement(b, node, labels);
  if (ts.isForStatement(node)) return forStatement(b, node, labels);
  if (ts.isForInStatement(node) || ts.isForOfStatement(node)) return forInOf(b, node, labels);
  if (ts.isSwitchStatement(node)) return switchStatement(b, node, labels);
  if (ts.isTryStatement(node)) return tryStatement(b, node);
  if (ts.isLabeledStatement(node)) return labeledStatement(b, node, labels);
  return opaque(b, node);
}

/** The statement as it stands, with its ways out planned. */
function opaque(b: Lowering, node: ts.Statement): void {
  planExits(b, node);
  b.code([node], node, assigned(b, node), true);
}

function assigned(b: Lowering, node: ts.Statement) {
  return ts.isExpressionStatement(node) ? assignedBy(b, node.expression) : null;
}

function expressionStatement(b: Lowering, node: ts.ExpressionStatement): void {
  const value = expression(b, node.expression);
  // `await x;` alone: its value is of no use to anyone.
  if (value.length === 1 && value[0] === b.machine.value) return;
  b.code(asStatement(value), node, assigned(b, node));
}

function block(b: Lowering, node: ts.Block): void {
  enterScope(b, scopeOf(b, node), node);
  withResources(b, usingLists(node.statements), node, () => statements(b, node));
}

/** Those of a block, a function's body or a clause. */
export function statements(b: Lowering, node: ts.Block | ts.CaseOrDefaultClause): void {
  for (const each of node.statements) statement(b, each);
  if (!b.current?.end && commentsAtEnd(node).length > 0) b.code([], node);
}

/** On lines of their own behind the last statement. What stands between two clauses is above the second one. */
export function commentsAtEnd(node: ts.Block | ts.CaseOrDefaultClause): readonly ts.CommentRange[] {
  if (!ts.isBlock(node) && node.parent.clauses.at(-1) !== node) return [];
  const last = node.statements.at(-1);
  return (last && ts.getLeadingCommentRanges(last.getSourceFile().text, last.end)) ?? [];
}

function classDeclaration(b: Lowering, node: ts.ClassDeclaration): void {
  const binding = node.name && b.facts.declarations.get(node.name);
  if (b.suspends(node)) classHead(b, node);
  if (binding) initialise(b, binding, [node], node);
}

function returnStatement(b: Lowering, node: ts.ReturnStatement): void {
  const value = node.expression ? returnValue(b, node.expression) : [];
  if (!returnsThroughRegions(b)) return b.end({ kind: "return", value, at: node });
  // What was awaited last is there already.
  const isThere = value.length === 1 && value[0] === b.machine.value;
  if (!isThere) b.code([b.machine.value, " = ", ...(value.length > 0 ? value : ["undefined"])], node, b.machine.value);
  leaveReturn(b, node);
}

/** An async generator awaits what it returns, inside its regions. */
function returnValue(b: Lowering, node: ts.Expression): Template {
  const value = expression(b, node);
  const { unit } = b.machine;
  if (!(unit.generator && unit.async)) return value;
  // Of `return await x` the operand is a point itself.
  b.await(value, ts.isAwaitExpression(node) ? node.parent : node, node);
  return [b.machine.value];
}

function throwStatement(b: Lowering, node: ts.ThrowStatement): void {
  b.end({ kind: "throw", value: expression(b, node.expression), at: node });
}

function ifStatement(b: Lowering, node: ts.IfStatement): void {
  const { region } = b;
  const then = b.block(region);
  const after = b.block(region);
  const other = node.elseStatement ? b.block(region) : after;
  b.end({ kind: "branch", test: expression(b, node.expression), then: then.id, else: other.id, at: node.expression });
  b.place(then);
  statement(b, node.thenStatement);
  b.jump(after.id, node);
  if (node.elseStatement) {
    b.place(other);
    statement(b, node.elseStatement);
  }
  b.place(after, node);
}

/** Tests in order, lazily and strictly; then the clauses' statements, each falling into the next. */
function switchStatement(b: Lowering, node: ts.SwitchStatement, labels: readonly string[]): void {
  const { region } = b;
  const subject = b.temp(node.expression);
  b.code([subject, " = ", ...expression(b, node.expression)], node.expression, subject);
  enterScope(b, scopeOf(b, node.caseBlock), node.caseBlock);
  const { clauses } = node.caseBlock;
  const bodies = clauses.map(() => b.block(region));
  const after = b.block(region);
  for (const [i, clause] of clauses.entries()) {
    if (!ts.isCaseClause(clause)) continue;
    const no = b.block(region);
    const test = expression(b, clause.expression);
    const body = bodies[i] as (typeof bodies)[number];
    b.end({ kind: "branch", test: [subject, " === (", ...test, ")"], then: body.id, else: no.id, at: clause.expression });
    b.place(no);
  }
  b.jump((bodies[clauses.findIndex(ts.isDefaultClause)] ?? after).id, node);
  // Switches are no regions: a number alone would lead a stored jump to another one, where a label says which it is.
  const name = labels.at(-1) ?? `switch ${b.targets.filter(({ kind }) => kind === "switch").length + 1}`;
  b.targets.push({ kind: "switch", labels: [...labels], breakTo: { to: after.id, region, name: `break ${name}` }, continueTo: null });
  for (const [i, clause] of clauses.entries()) {
    b.place(bodies[i] as (typeof bodies)[number], clause);
    statements(b, clause);
  }
  b.targets.pop();
  b.place(after, node);
}

function labeledStatement(b: Lowering, node: ts.LabeledStatement, labels: readonly string[]): void {
  const all = [...labels, node.label.text];
  const inner = node.statement;
  if (ts.isIterationStatement(inner, false) || ts.isLabeledStatement(inner) || ts.isSwitchStatement(inner)) {
    b.labels = all;
    return statement(b, inner);
  }
  const { region } = b;
  const after = b.block(region);
  b.targets.push({ kind: "block", labels: all, breakTo: { to: after.id, region, name: `break ${node.label.text}` }, continueTo: null });
  statement(b, inner);
  b.targets.pop();
  b.place(after, node);
}
