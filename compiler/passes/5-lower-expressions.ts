// Lowering of expressions that await, one function per kind.
//
// What is left of an expression when its awaits are through is given back as a template, to be evaluated at once: mostly
// the node itself, printed with holes where operands became temporaries.
//
//   total(a(), await b, c())
//   →  t1 = a(); await b;      rest: total(t1, value, c())

import ts from "typescript";
import { CompilerBug } from "../diagnostics/table.ts";
import type { Part, Slot, Template } from "../ir.ts";
import { baseOf, isAssignment, isMade, isSequence, skipOuter } from "../roles.ts";
import { operands, type Keep } from "./4-spill.ts";
import type { Lowering } from "./5-lower.ts";
import { assignment } from "./5-lower-assignments.ts";
import { yieldExpression } from "./5-lower-yields.ts";
import { call, isChainPart, optionalChain, optionalDelete, taggedTemplate } from "./5-lower-calls.ts";

/** Emits the awaits of `node` and what precedes them; gives what remains to be evaluated, at once and only once. */
export function expression(b: Lowering, node: ts.Expression): Template {
  if (!b.suspends(node)) return isSequence(node) ? ["(", node, ")"] : [node];
  const rest = dispatch(b, node);
  if (!(rest.length === 1 && rest[0] === node)) b.machine.holes.set(node, rest);
  return rest;
}

function dispatch(b: Lowering, node: ts.Expression): Template {
  if (ts.isAwaitExpression(node)) return awaitExpression(b, node);
  if (ts.isYieldExpression(node)) return yieldExpression(b, node);
  if (isChainPart(node)) return optionalChain(b, node);
  if (ts.isBinaryExpression(node)) return binary(b, node);
  if (ts.isConditionalExpression(node)) return conditional(b, node);
  if (ts.isCallExpression(node) || ts.isNewExpression(node)) return call(b, node);
  if (ts.isTaggedTemplateExpression(node)) return taggedTemplate(b, node);
  if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) return unary(b, node);
  if (ts.isClassExpression(node)) return classHead(b, node);
  if (ts.isDeleteExpression(node)) return deletion(b, node);
  if (operands(node).length > 0) return inOrder(b, node);
  return inner(b, node);
}

function awaitExpression(b: Lowering, node: ts.AwaitExpression): Template {
  const operand = expression(b, node.expression);
  b.await(operand, node, node.expression);
  return [b.machine.value];
}

/** Parentheses, type assertions, `typeof`, `void`, `.name`: one child, evaluated first. */
function inner(b: Lowering, node: ts.Expression): Template {
  let found = false;
  ts.forEachChild(node, (child) => {
    if (!b.suspends(child)) return;
    if (found || !isExpressionChild(child)) throw new CompilerBug(`no lowering for ${ts.SyntaxKind[node.kind]}`, node);
    found = true;
    expression(b, child as ts.Expression);
  });
  return [node];
}

function isExpressionChild(node: ts.Node): boolean {
  return ts.isExpression(node) || ts.isSpreadElement(node);
}

/** Evaluates the operands in order; those before the last await go to temporaries (pass 4 says which and how). */
export function inOrder(b: Lowering, node: ts.Node, list = operands(node)): Template {
  for (const operand of list) {
    const keep = b.input.spills.get(operand.node);
    if (keep) keepOperand(b, operand.node, keep);
    else if (b.suspends(operand.node)) expression(b, operand.node);
  }
  return [node];
}

function keepOperand(b: Lowering, node: ts.Expression, keep: Keep): void {
  const slot = keep === "value" ? b.hold(node) : b.hold(node, (value) => converted(b, value, keep), keep);
  if (keep === "key") b.machine.keys.set(node, slot[0] as Slot);
  if (keep === "spread") b.machine.holes.set(node, [`${b.input.prefix}.collected(`, ...slot, ")"]);
}

function converted(b: Lowering, value: Template, keep: Exclude<Keep, "value">): Template {
  if (keep === "string") return ["`${", ...value, "}`"];
  if (keep === "copy") return ["{ ...", ...value, " }"];
  return [`${b.input.prefix}.${keep}(`, ...value, ")"];
}

function binary(b: Lowering, node: ts.BinaryExpression): Template {
  const operator = node.operatorToken.kind;
  if (isAssignment(operator)) return assignment(b, node);
  if (operator === ts.SyntaxKind.CommaToken) {
    discard(b, node.left);
    return withoutReceiver(node.right, expression(b, node.right));
  }
  if (isShortCircuit(operator)) return shortCircuit(b, node, operator);
  return inOrder(b, node);
}

/** `(x, o.m)()` calls m without o. */
function withoutReceiver(node: ts.Expression, value: Template): Template {
  const plain = skipOuter(node);
  const isMember = ts.isPropertyAccessExpression(plain) || ts.isElementAccessExpression(plain);
  return isMember && value[0] === node ? ["(0, ", ...value, ")"] : value;
}

function isShortCircuit(operator: ts.SyntaxKind): boolean {
  return operator === ts.SyntaxKind.AmpersandAmpersandToken || operator === ts.SyntaxKind.BarBarToken || operator === ts.SyntaxKind.QuestionQuestionToken;
}

export function asStatement(value: Template): Template {
  return startsLikeDeclaration(value) ? ["(", ...value, ")"] : value;
}

/** An object pattern or a function at the start of a statement would be read as a block or a declaration. */
function startsLikeDeclaration(value: Template): boolean {
  const [first] = value;
  return typeof first === "object" && "getStart" in first && /^(\{|function\b|class\b|let\b|async function\b)/.test(first.getText());
}

/** Evaluates an expression for its effects alone. */
export function discard(b: Lowering, node: ts.Expression): void {
  const value = expression(b, node);
  if (value.length === 1 && value[0] === b.machine.value) return;
  b.code(asStatement(value), node, assignedBy(b, node));
}

/** `x = …` ends the life of x's old value. */
export function assignedBy(b: Lowering, outer: ts.Expression): Slot | null {
  const node = skipOuter(outer);
  if (!ts.isBinaryExpression(node)) return null;
  const { left, operatorToken } = node;
  if (operatorToken.kind !== ts.SyntaxKind.EqualsToken || !ts.isIdentifier(left)) return null;
  const binding = b.facts.references.get(left)?.binding;
  return binding?.hoisted && !binding.cell && binding.unit === b.machine.unit ? b.slot(binding) : null;
}

//   a && await c   →   t = a; branch t → b1, b2;  b1: await c …; t = value;  b2:          rest: t
function shortCircuit(b: Lowering, node: ts.BinaryExpression, operator: ts.SyntaxKind): Template {
  if (!b.suspends(node.right)) {
    expression(b, node.left);
    return [node];
  }
  const result = b.temp(node);
  b.code([result, " = ", ...expression(b, node.left)], node.left, result);
  unless(b, result, operator, node.right, () => b.code([result, " = ", ...expression(b, node.right)], node.right, result));
  return [result];
}

/** Runs `then` where the value in `slot` does not decide `&&`, `||` or `??` already. */
export function unless(b: Lowering, slot: Slot, operator: ts.SyntaxKind, at: ts.Node, then: () => void): void {
  const { region } = b;
  const more = b.block(region);
  const after = b.block(region);
  const on = operator === ts.SyntaxKind.AmpersandAmpersandToken || operator === ts.SyntaxKind.AmpersandAmpersandEqualsToken;
  const nullish = operator === ts.SyntaxKind.QuestionQuestionToken || operator === ts.SyntaxKind.QuestionQuestionEqualsToken;
  const test: Part[] = nullish ? [slot, " === null || ", slot, " === undefined"] : [slot];
  b.end({ kind: "branch", test, then: on || nullish ? more.id : after.id, else: on || nullish ? after.id : more.id, at });
  b.place(more);
  then();
  b.place(after, at);
}

function conditional(b: Lowering, node: ts.ConditionalExpression): Template {
  if (!b.suspends(node.whenTrue) && !b.suspends(node.whenFalse)) {
    expression(b, node.condition);
    return [node];
  }
  const { region } = b;
  const [yes, no, after] = [b.block(region), b.block(region), b.block(region)];
  const test = expression(b, node.condition);
  const result = b.temp(node);
  b.end({ kind: "branch", test, then: yes.id, else: no.id, at: node.condition });
  b.place(yes);
  b.code([result, " = ", ...expression(b, node.whenTrue)], node.whenTrue, result);
  b.jump(after.id, node);
  b.place(no);
  b.code([result, " = ", ...expression(b, node.whenFalse)], node.whenFalse, result);
  b.place(after, node);
  return [result];
}

/** A class is evaluated natively, in one go; what its head awaits is evaluated before: the base first, then the keys. */
export function classHead(b: Lowering, node: ts.ClassLikeDeclaration): Template {
  const base = baseOf(node);
  if (base) b.hold(base);
  for (const member of node.members) {
    const { name } = member;
    if (name && ts.isComputedPropertyName(name) && isMade(member)) b.hold(name.expression, (key) => [`${b.input.prefix}.key(`, ...key, ")"], "key");
  }
  return [node];
}

function unary(b: Lowering, node: ts.PrefixUnaryExpression | ts.PostfixUnaryExpression): Template {
  return reference(b, node, node.operand);
}

function deletion(b: Lowering, node: ts.DeleteExpression): Template {
  const operand = skipOuter(node.expression);
  return isChainPart(operand) ? optionalDelete(b, node, operand) : reference(b, node, operand);
}

/** An operator that needs a reference (`++`, `delete`) or a value: base and key are evaluated once, before. */
function reference(b: Lowering, node: ts.Expression, operand: ts.Expression): Template {
  if (ts.isElementAccessExpression(operand)) {
    inOrder(b, operand);
    return [node];
  }
  expression(b, operand);
  return [node];
}
