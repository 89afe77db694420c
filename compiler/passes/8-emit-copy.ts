// Copies source into the output, each node by its kind: what is printed as something else, what is lifted, and what stays as it is.
//
//   items.filter((item) => item.price > limit)   →   items.filter($f_filter({ limit }))

import ts from "typescript";
import type { Template } from "../ir.ts";
import { isCallee, isDeleted, isSuperMember, isTypeOnly, standsInOrdinaryFunction } from "../roles.ts";
import { isNewTarget, isOwnSuper } from "./2-scope-refer.ts";
import { copyBlock, copyCatch, copyDeclarations, copyFor, copyForInOf, copyLabelled, copySwitch } from "./8-emit-bindings.ts";
import { copyPropertyAccess, copySuperCallee } from "./8-emit-callees.ts";
import type { Emitter } from "./8-emit-emitter.ts";
import { copyExit } from "./8-emit-exits.ts";
import { copyNamingKey, isKeyedProperty } from "./8-emit-keys.ts";
import { copyDeletedSuper, copyLiteral, copySuper } from "./8-emit-literals.ts";
import { copyBinary, copyIdentifier, copyShorthand } from "./8-emit-names.ts";
import { copyPattern } from "./8-emit-patterns.ts";
import { copyStrings, copyTagged } from "./8-emit-templates.ts";
import { copyUnit } from "./8-emit-units.ts";

/** Writes a template: glue, slots, and the nodes in it as they are copied. */
export function copyTemplate(e: Emitter, template: Template, at: ts.Node): void {
  for (const part of template) {
    if (typeof part === "string") e.glue(part, at);
    else if ("pattern" in part) e.indentedNode(part.pattern, copyPattern);
    else if ("evaluated" in part) e.indentedNode(part.evaluated, copyEvaluated);
    else if ("assigned" in part) e.indentedNode(part.assigned, copy);
    else if ("key" in part) e.glue(part.name, at);
    else e.indentedNode(part, copy);
  }
}

/** Copies one node. */
export function copy(e: Emitter, node: ts.Node): void {
  if (isTypeOnly(node)) return e.out.slice(e.startOf(node), node.end);
  const hole = e.machine?.holes.get(node);
  if (hole) return copyHole(e, hole, node);
  copyEvaluated(e, node);
}

/** The node itself, whatever it is printed as elsewhere. */
function copyEvaluated(e: Emitter, node: ts.Node): void {
  const exit = e.machine?.exits.get(node);
  if (exit) return copyExit(e, node as ts.ReturnStatement, exit);
  const unit = e.facts.unitOf.get(node);
  if (unit && unit !== e.unit) return copyUnit(e, unit);
  copyByKind(e, node);
  if (lacksSemicolon(node, e.out.source)) e.glue(";", node);
}

/** A line that was safe to begin with a name is not once the name is written `(0, $e.f)`: no statement relies on its newline. */
function lacksSemicolon(node: ts.Node, source: string): boolean {
  if (node.kind < Kind.FirstStatement || node.kind > Kind.LastStatement) return false;
  const ends =
    ts.isExpressionStatement(node) || ts.isVariableStatement(node) || ts.isReturnStatement(node) || ts.isThrowStatement(node) ||
    ts.isBreakOrContinueStatement(node) || ts.isDoStatement(node) || ts.isDebuggerStatement(node);
  return ends && source[node.end - 1] !== ";";
}

const Kind = ts.SyntaxKind;

function copyByKind(e: Emitter, node: ts.Node): void {
  if (isSuperMember(node) && isOwnSuper(node.expression, e.unit)) {
    if (isCallee(node)) return copySuperCallee(e, node);
    if (ts.isElementAccessExpression(node) && isDeleted(node)) return copyDeletedSuper(e, node);
  }
  switch (node.kind) {
    case Kind.Identifier: return copyIdentifier(e, node as ts.Identifier);
    case Kind.ShorthandPropertyAssignment: return copyShorthand(e, node as ts.ShorthandPropertyAssignment);
    case Kind.PropertyAccessExpression: return copyPropertyAccess(e, node as ts.PropertyAccessExpression);
    case Kind.BinaryExpression: return copyBinary(e, node as ts.BinaryExpression);
    case Kind.TaggedTemplateExpression: return copyTagged(e, node as ts.TaggedTemplateExpression);
    case Kind.TemplateHead: return copyStrings(e, node as ts.TemplateHead);
    default: return e.unit.ordinary ? copyOrdinary(e, node) : copyStatement(e, node);
  }
}

function copyStatement(e: Emitter, node: ts.Node): void {
  switch (node.kind) {
    case Kind.ComputedPropertyName: return isKeyedProperty(node.parent) ? copyNamingKey(e, node as ts.ComputedPropertyName) : copyChildren(e, node);
    case Kind.ThisKeyword: return e.glue(e.self(), node);
    case Kind.SuperKeyword: return copySuper(e, node);
    case Kind.MetaProperty: return isNewTarget(node) ? e.glue(e.target(), node) : copyChildren(e, node);
    case Kind.ObjectLiteralExpression: return copyLiteral(e, node as ts.ObjectLiteralExpression);
    case Kind.VariableDeclarationList: return copyDeclarations(e, node as ts.VariableDeclarationList);
    case Kind.Block: return copyBlock(e, node as ts.Block);
    case Kind.SwitchStatement: return copySwitch(e, node as ts.SwitchStatement);
    case Kind.LabeledStatement: return copyLabelled(e, node as ts.LabeledStatement);
    case Kind.ForStatement: return copyFor(e, node as ts.ForStatement);
    case Kind.ForInStatement:
    case Kind.ForOfStatement: return copyForInOf(e, node as ts.ForInOrOfStatement);
    case Kind.CatchClause: return copyCatch(e, node as ts.CatchClause);
    default: return copyChildren(e, node);
  }
}

/** Step functions and classes: nothing but captured names changes, and an arrow's `this` and `super`. */
function copyOrdinary(e: Emitter, node: ts.Node): void {
  if (node.kind === ts.SyntaxKind.ThisKeyword && e.unit.arrow && !standsInOrdinaryFunction(node, e.unit.node)) return e.glue(e.self(), node);
  if (node.kind === ts.SyntaxKind.SuperKeyword && isOwnSuper(node, e.unit)) return copySuper(e, node);
  if (isNewTarget(node) && e.unit.arrow && !standsInOrdinaryFunction(node, e.unit.node)) return e.glue(e.target(), node);
  copyChildren(e, node);
}

/** The text of a node, its children copied each by its kind. */
export function copyChildren(e: Emitter, node: ts.Node): void {
  let at = e.startOf(node);
  ts.forEachChild(node, (child) => {
    if (isCopiedAsIs(e, child)) return;
    const start = e.startOf(child);
    if (child.end <= start) return;
    e.out.slice(at, start);
    copy(e, child);
    at = child.end;
  });
  e.out.slice(at, node.end);
}

/** Literals, operators, types: part of the slice around them. */
function isCopiedAsIs(e: Emitter, child: ts.Node): boolean {
  return (child.kind < Kind.Identifier && !e.machine?.holes.has(child)) || isTypeOnly(child);
}

function copyHole(e: Emitter, hole: Template, node: ts.Node): void {
  if (ts.isIdentifier(node) && ts.isShorthandPropertyAssignment(node.parent) && node.parent.name === node) e.glue(`${node.text}: `, node);
  const braces = isMarkup(node);
  if (braces) e.glue("{", node);
  copyTemplate(e, hole, node);
  if (braces) e.glue("}", node);
}

/** An element that stands in another one: what replaces it is an expression there. */
function isMarkup(node: ts.Node): boolean {
  const { parent } = node;
  return (ts.isJsxElement(node) || ts.isJsxSelfClosingElement(node) || ts.isJsxFragment(node)) && (ts.isJsxElement(parent) || ts.isJsxFragment(parent) || ts.isJsxAttribute(parent));
}
