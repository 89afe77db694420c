// 3. Check.
//
// Takes   the facts of a flow.
// Gives   diagnostics for everything in it that is not compiled: all of them at once.
// Keeps   what passes: later passes report nothing but their own bugs.
//
//   deflow(async function f() { eval("x") })   →   DF201 at eval

import ts from "typescript";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { diagnose, type Code } from "../diagnostics/table.ts";
import type { Facts, Unit } from "../facts.ts";
import { headOf, isReference, isSuperMember, isTypeOnly, skipOuter } from "../roles.ts";
import type { Suspends } from "../suspends.ts";
import { checkGrammar, checkRepeated, checkSloppy, checkSloppyNode, type Report } from "./3-check-grammar.ts";

export function check(facts: Facts & { suspends: Suspends }): Diagnostic[] {
  const found: Diagnostic[] = [];
  const report = (code: Code, node: ts.Node, name?: string): void => void found.push(diagnose(code, node, name));
  for (const unit of facts.unitOf.values()) {
    checkUnit(unit, facts, report);
    checkAssignments(unit, report);
    checkSloppy(unit, report);
  }
  checkRepeated(facts, report);
  return found.sort((a, b) => a.start - b.start);
}

function checkUnit(unit: Unit, facts: Facts & { suspends: Suspends }, report: Report): void {
  const visit = (node: ts.Node): void => {
    if (isTypeOnly(node)) return;
    const inner = facts.unitOf.get(node);
    if (inner && inner !== unit) return visitOutside(node, visit);
    checkNode(node, unit, facts, report);
    ts.forEachChild(node, visit);
  };
  visit(unit.node);
}

/** The parts of a nested unit that belong to the unit around it. */
function visitOutside(node: ts.Node, visit: (node: ts.Node) => void): void {
  if (ts.isFunctionLike(node) && node.name && ts.isComputedPropertyName(node.name)) visit(node.name);
}

function checkNode(node: ts.Node, unit: Unit, facts: Facts & { suspends: Suspends }, report: Report): void {
  checkGrammar(node, report);
  switch (node.kind) {
    case Kind.WithStatement: return report("DF202", node);
    case Kind.EnumDeclaration: return report("DF205", node, "enum");
    case Kind.ModuleDeclaration: return report("DF205", node, "namespace");
    case Kind.CallExpression: return isDirectEval(node as ts.CallExpression) ? report("DF201", node) : undefined;
    case Kind.ClassDeclaration:
    case Kind.ClassExpression: return checkHead(node as ts.ClassLikeDeclaration, facts, report);
    case Kind.Decorator: return facts.suspends(node) ? report("DF306", node) : undefined;
    default: return unit.ordinary ? undefined : checkStatement(node, unit, facts, report);
  }
}

/** What is refused only where the compiler takes the code apart: not in step functions and classes. */
function checkStatement(node: ts.Node, unit: Unit, facts: Facts & { suspends: Suspends }, report: Report): void {
  checkSloppyNode(node, report);
  switch (node.kind) {
    case Kind.SuperKeyword: return isMethodSuper(node) ? undefined : report("DF107", node, "'super' keyword unexpected here");
    case Kind.MetaProperty: return (node as ts.MetaProperty).keywordToken === Kind.NewKeyword && unit.kind === "machine" ? report("DF204", node) : undefined;
    case Kind.Parameter: return checkParameter(node as ts.ParameterDeclaration, unit, facts, report);
    default:
  }
}

const Kind = ts.SyntaxKind;

/**
 * What a class extends and its computed keys see the class's own name, which nobody else can assign; they are evaluated outside
 * of it here, where a declaration has a variable that is as good as long as nothing assigns it.
 */
function checkHead(node: ts.ClassLikeDeclaration, facts: Facts, report: Report): void {
  const name = node.name?.text;
  if (name === undefined) return;
  const sameElsewhere = ts.isClassDeclaration(node) && facts.declarations.get(node.name as ts.Identifier)?.mutated !== true;
  if (sameElsewhere) return;
  for (const part of headOf(node)) {
    const visit = (inner: ts.Node): void => {
      if (isTypeOnly(inner)) return;
      if (ts.isIdentifier(inner) && inner.text === name && isReference(inner) && !isDeclaredIn(part, inner, facts)) report("DF311", inner, name);
      ts.forEachChild(inner, visit);
    };
    visit(part);
  }
}

function isDeclaredIn(part: ts.Node, id: ts.Identifier, facts: Facts): boolean {
  const scope = facts.references.get(id)?.binding.scope.node;
  return scope !== undefined && part.pos <= scope.pos && scope.end <= part.end;
}

/** `super.m` in a method or an accessor: TypeScript's parser takes it, and `super()`, anywhere. */
function isMethodSuper(node: ts.Node): boolean {
  if (!isSuperMember(node.parent)) return false;
  const around = ts.findAncestor(node.parent, (up) => ts.isFunctionLike(up) && !ts.isArrowFunction(up));
  return around !== undefined && (ts.isMethodDeclaration(around) || ts.isAccessor(around));
}

/** `(eval)(x)` too, but not `eval?.(x)`. */
function isDirectEval(node: ts.CallExpression): boolean {
  const callee = skipOuter(node.expression);
  return ts.isIdentifier(callee) && callee.text === "eval" && !node.questionDotToken;
}

/** A closure in a default is made while the parameters are bound natively, before their cells could be. */
function checkParameter(node: ts.ParameterDeclaration, unit: Unit, facts: Facts, report: Report): void {
  const natively = unit.kind === "code";
  const visit = (inner: ts.Node): void => {
    const made = facts.unitOf.get(inner);
    if (made && [...made.captures.keys()].some((binding) => binding.unit === unit && (binding.redeclared || (natively && (binding.cell || binding.early))))) return report("DF307", inner);
    ts.forEachChild(inner, visit);
  };
  ts.forEachChild(node, visit);
}

function checkAssignments(unit: Unit, report: Report): void {
  for (const binding of unit.bindings) {
    for (const reference of binding.references) {
      if (!reference.write) continue;
      if (binding.kind === "const" || binding.kind === "using") report("DF105", reference.node, binding.name);
      else if (reference.unit !== unit && writesFromStep(reference.unit, unit)) report("DF106", reference.node, binding.name);
    }
  }
}

function writesFromStep(from: Unit, owner: Unit): boolean {
  for (let unit: Unit | null = from; unit && unit !== owner; unit = unit.parent) if (unit.step) return true;
  return false;
}

