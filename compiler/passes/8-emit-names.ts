// Copies names as the unit keeps what they mean: a local, a captured variable, the value in a cell, checked where it may be read
// or assigned before it is initialised.
//
//   total += price   →   $e.total.v += price        total: a captured cell
//   late = f()       →   $.set(late, "late", f())   late: a cell in its dead zone

import ts from "typescript";
import type { Binding } from "../facts.ts";
import { isCallee, isConstructed, isReference, skipOuter, standsInOrdinaryFunction, usage } from "../roles.ts";
import { isConstant, isEarly } from "./2-scope-cells.ts";
import { isPromiseMaker, isSymbolMaker } from "./5-lower-calls.ts";
import { copy, copyChildren } from "./8-emit-copy.ts";
import type { Emitter } from "./8-emit-emitter.ts";

export function copyIdentifier(e: Emitter, node: ts.Identifier): void {
  if (node.text === "arguments" && isReference(node) && !e.facts.references.has(node) && isOwnArguments(e, node)) return e.glue(e.arguments(), node);
  if (!e.unit.ordinary && isSymbolMaker(e.facts, node)) return e.glue(`${e.$}.symbol`, node);
  const hands = e.unit.step || !isPromiseMaker(e.facts, node) ? undefined : e.facts.hands.get(node);
  if (hands !== undefined) return e.glue(`${e.$}.${hands === "own" ? "OwnPromise" : "Promise"}`, node);
  const text = referenceText(e, node);
  if (node.text === "getPrototypeOf" && isCallee(node)) return copyPrototypeGetter(e, node, text);
  if (text === node.text) return e.out.slice(e.startOf(node), node.end);
  if (isCallee(node)) return e.glue(`(0, ${text})`, node);
  e.glue(text.endsWith(")") && isConstructed(node) ? `(${text})` : text, node);
}

/** `getPrototypeOf(p)` → `$.twin(getPrototypeOf)(p)` */
function copyPrototypeGetter(e: Emitter, node: ts.Identifier, text: string): void {
  e.glue(`${e.$}.twin(`, node);
  if (text === node.text) e.out.slice(e.startOf(node), node.end);
  else e.glue(text, node);
  e.glue(")", node);
}

/** In ordinary code only an arrow of the flow's lacks an `arguments` of its own. */
function isOwnArguments({ unit }: Emitter, node: ts.Identifier): boolean {
  if (!unit.ordinary) return unit.usesArguments;
  return unit.arrow && !standsInOrdinaryFunction(node, unit.node);
}

/** How the reference is written in the output; its own text where nothing about it changes. */
function referenceText(e: Emitter, node: ts.Identifier): string {
  const reference = e.facts.references.get(node);
  if (!reference) return node.text;
  const { binding } = reference;
  const base = e.base(binding);
  if (reference.write && isConstant(binding)) return `${e.$}.constant(() => ${!binding.cell ? base : binding.early ? `${e.$}.get(${base}, ${JSON.stringify(binding.name)})` : `${base}.v`}).v`;
  if (!binding.cell || isBoundNatively(e, binding, node)) return base;
  if (!binding.early || !isEarly(reference, binding)) return `${base}.v`;
  const quoted = JSON.stringify(binding.name);
  return reference.write ? `${e.$}.check(${base}, ${quoted}).v` : `${e.$}.get(${base}, ${quoted})`;
}

/** Among the parameters of an ordinary function, a parameter is not in its cell yet: the body's first statement makes it. */
function isBoundNatively(e: Emitter, binding: Binding, node: ts.Node): boolean {
  if (binding.kind !== "param" || binding.hoisted || e.unit !== binding.unit) return false;
  const { body } = e.unit.node as ts.FunctionLikeDeclaration;
  return body !== undefined && node.pos < body.pos;
}

export function copyShorthand(e: Emitter, node: ts.ShorthandPropertyAssignment): void {
  if (e.machine?.holes.has(node.name)) copy(e, node.name);
  else {
    const text = referenceText(e, node.name);
    if (text === node.name.text) e.out.slice(e.startOf(node.name), node.name.end);
    else e.glue(`${node.name.text}: ${text}`, node);
  }
  if (!node.objectAssignmentInitializer) return;
  e.out.slice(node.name.end, e.startOf(node.objectAssignmentInitializer));
  copy(e, node.objectAssignmentInitializer);
}

export function copyBinary(e: Emitter, node: ts.BinaryExpression): void {
  if (comparesMethods(node)) copyComparison(e, node);
  else if (node.operatorToken.kind === ts.SyntaxKind.EqualsToken) copyAssignment(e, node);
  else copyChildren(e, node);
}

/** `p.then === f`: a durable promise has functions of ours there. */
function comparesMethods({ left, right, operatorToken }: ts.BinaryExpression): boolean {
  return equalities.has(operatorToken.kind) && (isMethodOfPromises(left) || isMethodOfPromises(right));
}

const equalities: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.EqualsEqualsEqualsToken, ts.SyntaxKind.ExclamationEqualsEqualsToken, ts.SyntaxKind.EqualsEqualsToken, ts.SyntaxKind.ExclamationEqualsToken,
]);

function isMethodOfPromises(operand: ts.Expression): boolean {
  const node = skipOuter(operand);
  return ts.isPropertyAccessExpression(node) && (node.name.text === "then" || node.name.text === "finally");
}

/** `p.then === f` → `$.native(p.then) === $.native(f)` */
function copyComparison(e: Emitter, { left, right }: ts.BinaryExpression): void {
  for (const operand of [left, right]) {
    if (operand === right) e.out.slice(left.end, e.startOf(right));
    e.glue(`${e.$}.native(`, operand);
    copy(e, operand);
    e.glue(")", operand);
  }
}

/** Assigning a variable that may be uninitialised throws after its right side was evaluated. */
function copyAssignment(e: Emitter, node: ts.BinaryExpression): void {
  const reference = ts.isIdentifier(node.left) ? e.facts.references.get(node.left) : undefined;
  const early = reference?.binding.cell && reference.binding.early && !isConstant(reference.binding) && isEarly(reference, reference.binding) && !isBoundNatively(e, reference.binding, node);
  // In a pattern, `x = 1` is a target with its default.
  if (!early || !reference || usage(node) !== "read") return copyChildren(e, node);
  e.glue(`${e.$}.set(${e.base(reference.binding)}, ${JSON.stringify(reference.binding.name)}, `, node);
  copy(e, node.right);
  e.glue(")", node);
}
