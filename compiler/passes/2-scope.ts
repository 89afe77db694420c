// 2. Scope.
//
// Takes   one flow as syntax.
// Gives   its units, scopes, bindings and references (facts.ts), and of each binding whether it is captured, mutated,
//         reachable before its initialisation, and so whether it needs a cell.
// Keeps   one binding per declaration, never one per name: two variables of one name are two.
//
//   let n = 0; const add = (k) => { n += k };
//   →  n: captured by add, mutated: a cell · add: a local · k: a parameter of the unit add
//
// This file walks the flow; what it makes on the way is beside it: units, declarations, references, and at last the cells.

import ts from "typescript";
import type { Binding, Facts, Reference, Scope, Unit } from "../facts.ts";
import { isAssignment, isReference, isTypeOnly } from "../roles.ts";
import { Suspensions, type Suspends } from "../suspends.ts";
import type { FlowSite, Source } from "./1-find.ts";
import { settleBindings } from "./2-scope-cells.ts";
import { declare, declareBlock, declareList, declareOwnName, declareParameters, declarePattern, declareVars, listKind, openScope, patternNames, redirectVar, refuseAgain } from "./2-scope-declare.ts";
import { isNewTarget, isOwnSuper, markSuper, markTarget, markThis, refer } from "./2-scope-refer.ts";
import { settleHands } from "./2-scope-promises.ts";
import { decorators, isAsync, isLiftable, isStepFunction, makeUnit } from "./2-scope-units.ts";

export function scope(site: FlowSite, source: Source, prefix: string): Facts & { suspends: Suspends } {
  const walker = new Walker(source, prefix);
  const root = makeUnit(walker.facts, prefix, site.fn, "machine", null);
  walker.functionParts(site.fn, root, null);
  const facts = { root, ...walker.facts, hands: new Map(), declared: source.declared, suspends: walker.suspensions.has };
  settleBindings(facts);
  return { ...facts, hands: settleHands(facts, walker.makers) };
}

const Kind = ts.SyntaxKind;

/** The `Promise` of `new Promise(…)`, the callee of `Promise.withResolvers()`: global ones are looked at. */
function isMaker(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isNewExpression(parent)) return parent.expression === node && isPromise(node);
  return ts.isCallExpression(parent) && parent.expression === node && ts.isPropertyAccessExpression(node) && node.name.text === "withResolvers" && isPromise(node.expression);
}

function isPromise(node: ts.Node): boolean {
  return ts.isIdentifier(node) && node.text === "Promise";
}

/** A member of a literal or a class that is called `then`, or an assignment to one. */
function givesThen(node: ts.Node): boolean {
  if (ts.isBinaryExpression(node)) return isAssignment(node.operatorToken.kind) && ts.isPropertyAccessExpression(node.left) && node.left.name.text === "then";
  if (!ts.isObjectLiteralElement(node) && !ts.isClassElement(node)) return false;
  return node.name !== undefined && (ts.isIdentifier(node.name) || ts.isStringLiteral(node.name)) && node.name.text === "then";
}

class Walker {
  readonly facts = {
    unitOf: new Map<ts.Node, Unit>(),
    scopeOf: new Map<ts.Node, Scope>(),
    references: new Map<ts.Identifier, Reference>(),
    declarations: new Map<ts.Identifier, Binding>(),
    templates: new Map<ts.TaggedTemplateExpression, Unit>(),
    repeated: [] as ts.Identifier[],
    thenables: false,
  };
  readonly suspensions = new Suspensions();
  readonly makers: ts.Node[] = [];
  private readonly source: Source;
  private readonly prefix: string;
  /** Visits what stands in a scope: one function for the nodes that follow each other there. */
  private visitor: { readonly scope: Scope | null; readonly visit: (node: ts.Node) => void } = { scope: null, visit: () => {} };

  constructor(source: Source, prefix: string) {
    this.source = source;
    this.prefix = prefix;
  }

  /** Parameters and body of a function that is a unit, or is ordinary code inside one. */
  functionParts(fn: ts.FunctionLikeDeclaration, unit: Unit, outer: Scope | null): void {
    let parent = outer;
    if (ts.isFunctionExpression(fn) && fn.name) {
      parent = openScope(this.facts, fn.name, unit, outer);
      declare(this.facts, parent, fn.name, "self", fn.pos);
    }
    const scope = openScope(this.facts, fn, unit, parent);
    declareParameters(this.facts, fn, scope);
    // Before the body's names are declared: a default does not see them.
    for (const parameter of fn.parameters) this.visit(parameter, scope);
    if (!fn.body) return;
    declareVars(this.facts, fn.body, scope);
    if (ts.isBlock(fn.body)) declareBlock(this.facts, fn.body.statements, scope);
    if (ts.isBlock(fn.body)) for (const statement of fn.body.statements) this.visit(statement, scope);
    else this.visit(fn.body, scope);
  }

  private visit(node: ts.Node, scope: Scope): void {
    if (isTypeOnly(node)) return;
    this.suspensions.add(node, scope.unit);
    if (givesThen(node)) this.facts.thenables = true;
    if (isMaker(node)) this.makers.push(node);
    switch (node.kind) {
      case Kind.Identifier: return void (isReference(node as ts.Identifier) && refer(this.facts, node as ts.Identifier, scope));
      case Kind.ThisKeyword: return markThis(scope.unit);
      case Kind.MetaProperty: return isNewTarget(node) ? markTarget(scope.unit) : undefined;
      case Kind.SuperKeyword: return void (isOwnSuper(node, scope.unit) && markSuper(scope.unit));
      case Kind.ClassDeclaration:
      case Kind.ClassExpression: return this.visitClass(node as ts.ClassLikeDeclaration, scope);
      case Kind.Block: return this.visitBlock(node, (node as ts.Block).statements, scope);
      case Kind.CaseBlock: return this.visitBlock(node, (node as ts.CaseBlock).clauses.flatMap((c) => [...c.statements]), scope);
      case Kind.ForStatement:
      case Kind.ForInStatement:
      case Kind.ForOfStatement: return this.visitLoop(node as ts.ForStatement, scope);
      case Kind.CatchClause: return this.visitCatch(node as ts.CatchClause, scope);
      case Kind.TaggedTemplateExpression: return this.visitTagged(node as ts.TaggedTemplateExpression, scope);
      case Kind.VariableDeclaration: return this.visitDeclaration(node as ts.VariableDeclaration, scope);
      default: return ts.isFunctionLike(node) ? this.visitFunction(node as ts.FunctionLikeDeclaration, scope) : this.children(node, scope);
    }
  }

  private children(node: ts.Node, scope: Scope): void {
    if (this.visitor.scope !== scope) this.visitor = { scope, visit: (child) => this.visit(child, scope) };
    ts.forEachChild(node, this.visitor.visit);
  }

  private visitDeclaration(node: ts.VariableDeclaration, scope: Scope): void {
    if (ts.isVariableDeclarationList(node.parent) && listKind(node.parent) === "var")
      for (const name of patternNames(node.name)) redirectVar(this.facts, name, node.parent, scope);
    this.children(node, scope);
  }

  private visitTagged(node: ts.TaggedTemplateExpression, scope: Scope): void {
    this.facts.templates.set(node, scope.unit);
    this.children(node, scope);
  }

  private visitBlock(node: ts.Node, statements: readonly ts.Statement[], outer: Scope): void {
    const scope = openScope(this.facts, node, outer.unit, outer);
    declareBlock(this.facts, statements, scope);
    if (ts.isCatchClause(outer.node)) refuseAgain(this.facts, scope, outer);
    this.children(node, scope);
  }

  private visitLoop(node: ts.ForStatement | ts.ForInOrOfStatement, outer: Scope): void {
    const scope = openScope(this.facts, node, outer.unit, outer);
    if (node.initializer && ts.isVariableDeclarationList(node.initializer)) declareList(this.facts, node.initializer, scope);
    this.children(node, scope);
  }

  private visitCatch(node: ts.CatchClause, outer: Scope): void {
    const scope = openScope(this.facts, node, outer.unit, outer);
    if (node.variableDeclaration) declarePattern(this.facts, scope, node.variableDeclaration.name, "catch", node.variableDeclaration.end);
    this.children(node, scope);
  }

  private visitFunction(node: ts.FunctionLikeDeclaration, scope: Scope): void {
    if (node.name && ts.isComputedPropertyName(node.name)) this.visit(node.name, scope);
    if (!node.body) return;
    if (scope.unit.ordinary) return this.functionParts(node, scope.unit, scope);
    const step = isStepFunction(node, scope, this.source);
    const stops = !step && (node.asteriskToken !== undefined || isAsync(node));
    this.functionParts(node, makeUnit(this.facts, this.prefix, node, stops ? "machine" : "code", scope.unit, step), scope);
  }

  private visitClass(node: ts.ClassLikeDeclaration, scope: Scope): void {
    const unit = scope.unit.ordinary ? scope.unit : makeUnit(this.facts, this.prefix, node, isLiftable(node) ? "class" : "inline", scope.unit);
    const inner = openScope(this.facts, node, unit, scope);
    for (const decorator of decorators(node)) this.visit(decorator, scope);
    if (node.name) declareOwnName(this.facts, node.name, inner, node.pos);
    for (const clause of node.heritageClauses ?? []) if (!isTypeOnly(clause)) this.children(clause, scope);
    for (const member of node.members) {
      for (const decorator of decorators(member)) this.visit(decorator, inner);
      if (member.name && ts.isComputedPropertyName(member.name)) this.visit(member.name, scope);
      if (ts.isFunctionLike(member)) this.functionParts(member as ts.FunctionLikeDeclaration, unit, inner);
      else if (ts.isPropertyDeclaration(member) && member.initializer) this.visit(member.initializer, inner);
      else if (ts.isClassStaticBlockDeclaration(member)) this.staticBlock(member, inner);
    }
  }

  /** Like a function's body, it has the `var`s that stand in it. */
  private staticBlock(node: ts.ClassStaticBlockDeclaration, outer: Scope): void {
    const scope = openScope(this.facts, node, outer.unit, outer);
    declareVars(this.facts, node.body, scope);
    this.visit(node.body, scope);
  }
}
