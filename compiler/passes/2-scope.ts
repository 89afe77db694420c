// 2. Scope.
//
// Takes   one flow as syntax.
// Gives   its units, scopes, bindings and references (facts.ts), and of each binding whether it is captured, mutated,
//         reachable before its initialisation, and so whether it needs a cell.
// Keeps   one binding per declaration, never one per name: two variables of one name are two.
//
//   let n = 0; const add = (k) => { n += k };
//   →  n: captured by add, mutated: a cell · add: a local · k: a parameter of the unit add

import ts from "typescript";
import type { Binding, BindingKind, Facts, Reference, Scope, Unit, UnitNode } from "../facts.ts";
import { isOuter, isReference, isTypeOnly, standsInOrdinaryFunction, usage } from "../roles.ts";
import { suspensions, type Suspends } from "../suspends.ts";
import type { FlowSite, Source } from "./1-find.ts";
import { settleBindings } from "./2-scope-cells.ts";

export function scope(site: FlowSite, source: Source, prefix: string): Facts & { suspends: Suspends } {
  const walker = new Walker(source, prefix);
  const root = walker.unit(site.fn, "machine", null, false);
  walker.functionParts(site.fn, root, null);
  const suspends = allSuspensions(walker.facts);
  const facts = { root, ...walker.facts, declared: source.declared, suspends };
  settleBindings(facts);
  return facts;
}

/** What stops in every machine, as one predicate. */
function allSuspensions(facts: { unitOf: Map<ts.Node, Unit> }): Suspends {
  const found = new Set<ts.Node>();
  for (const unit of facts.unitOf.values()) if (unit.kind === "machine") suspensions(unit.node as ts.FunctionLikeDeclaration, found);
  return (node) => found.has(node);
}

const Kind = ts.SyntaxKind;

/** Statements and what stands between them: all that a `var` of the same function can stand in. */
function holdsStatements({ kind }: ts.Node): boolean {
  if (kind >= Kind.FirstStatement && kind <= Kind.LastStatement) return true;
  return (
    kind === Kind.Block || kind === Kind.CaseBlock || kind === Kind.CaseClause || kind === Kind.DefaultClause ||
    kind === Kind.CatchClause || kind === Kind.VariableDeclarationList
  );
}

class Walker {
  readonly facts = {
    unitOf: new Map<ts.Node, Unit>(),
    scopeOf: new Map<ts.Node, Scope>(),
    references: new Map<ts.Identifier, Reference>(),
    declarations: new Map<ts.Identifier, Binding>(),
    repeated: [] as ts.Identifier[],
  };
  readonly source: Source;
  readonly prefix: string;

  constructor(source: Source, prefix: string) {
    this.source = source;
    this.prefix = prefix;
  }

  unit(node: UnitNode, kind: Unit["kind"], parent: Unit | null, step: boolean): Unit {
    const depth = parent && kind === "inline" ? Number(parent.env.slice(this.prefix.length + 1) || 0) + 1 : 0;
    const unit: Unit = {
      kind, node, parent, step,
      children: [],
      ordinary: step || kind === "class" || kind === "inline",
      arrow: ts.isArrowFunction(node),
      async: ts.isFunctionLike(node) && isAsync(node as ts.FunctionLikeDeclaration),
      generator: ts.isFunctionLike(node) && (node as ts.FunctionLikeDeclaration).asteriskToken !== undefined,
      env: `${this.prefix}e${depth || ""}`,
      captures: new Map(),
      free: new Set(),
      usesThis: false,
      usesSuper: false,
      usesArguments: false,
      usesTarget: false,
      bindings: [],
    };
    parent?.children.push(unit);
    this.facts.unitOf.set(node, unit);
    return unit;
  }

  scope(node: ts.Node, unit: Unit, parent: Scope | null): Scope {
    const scope: Scope = { node, unit, parent, names: new Map(), functions: [] };
    this.facts.scopeOf.set(node, scope);
    return scope;
  }

  declare(scope: Scope, id: ts.Identifier, kind: BindingKind, initialised: number, declared = initialised): void {
    const known = scope.names.get(id.text);
    if (known) {
      if (!mayRepeat(known, kind)) this.facts.repeated.push(id);
      known.mutated = true;
      known.redeclared ||= known.kind === "param" && kind === "var";
      known.initialised = Math.min(known.initialised, initialised);
      known.declared = Math.min(known.declared, declared);
      this.facts.declarations.set(id, known);
      return;
    }
    const binding: Binding = {
      name: id.text, kind, scope, unit: scope.unit, initialised, declared,
      references: [], captured: false, mutated: false, redeclared: false, early: false, cell: false, hoisted: false, slot: id.text, key: id.text,
    };
    scope.names.set(id.text, binding);
    scope.unit.bindings.push(binding);
    this.facts.declarations.set(id, binding);
  }

  /** `declared`: the end of the whole declaration. A part of a pattern is initialised before the next one is evaluated. */
  declarePattern(scope: Scope, name: ts.BindingName, kind: BindingKind, declared: number, initialised = declared): void {
    if (ts.isIdentifier(name)) return this.declare(scope, name, kind, initialised, declared);
    for (const element of name.elements)
      if (ts.isBindingElement(element)) this.declarePattern(scope, element.name, kind, declared, Math.min(initialised, element.end));
  }

  /** Parameters and body of a function that is a unit, or is ordinary code inside one. */
  functionParts(fn: ts.FunctionLikeDeclaration, unit: Unit, outer: Scope | null): void {
    let parent = outer;
    if (ts.isFunctionExpression(fn) && fn.name) {
      parent = this.scope(fn.name, unit, outer);
      this.declare(parent, fn.name, "self", fn.pos);
    }
    const scope = this.scope(fn, unit, parent);
    for (const parameter of fn.parameters) if (!isThisParameter(parameter)) this.declarePattern(scope, parameter.name, "param", parameter.end);
    // Before the body's names are declared: a default does not see them.
    for (const parameter of fn.parameters) this.visit(parameter, scope);
    if (!fn.body) return;
    this.declareVars(fn.body, scope);
    if (ts.isBlock(fn.body)) this.declareBlock(fn.body.statements, scope);
    if (ts.isBlock(fn.body)) for (const statement of fn.body.statements) this.visit(statement, scope);
    else this.visit(fn.body, scope);
  }

  declareVars(node: ts.Node, scope: Scope): void {
    if (!holdsStatements(node)) return;
    if (ts.isVariableDeclarationList(node) && (node.flags & ts.NodeFlags.BlockScoped) === 0)
      for (const d of node.declarations) this.declarePattern(scope, d.name, "var", scope.node.pos);
    ts.forEachChild(node, (child) => this.declareVars(child, scope));
  }

  declareBlock(statements: readonly ts.Statement[], scope: Scope): void {
    for (const statement of statements) {
      if (ts.isVariableStatement(statement)) this.declareList(statement.declarationList, scope);
      else if (ts.isFunctionDeclaration(statement) && statement.name && statement.body) {
        this.declare(scope, statement.name, "function", scope.node.pos);
        const { text } = statement.name;
        const earlier = scope.functions.findIndex((f) => f.name?.text === text);
        if (earlier >= 0) scope.functions.splice(earlier, 1);
        scope.functions.push(statement);
      } else if (ts.isClassDeclaration(statement) && statement.name) this.declare(scope, statement.name, "class", statement.end);
    }
  }

  declareList(list: ts.VariableDeclarationList, scope: Scope): void {
    const kind = listKind(list);
    if (kind !== "var") for (const d of list.declarations) this.declarePattern(scope, d.name, kind, d.end);
  }

  visit(node: ts.Node, scope: Scope): void {
    if (isTypeOnly(node)) return;
    switch (node.kind) {
      case Kind.Identifier: return void (isReference(node as ts.Identifier) && this.refer(node as ts.Identifier, scope));
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
      case Kind.VariableDeclaration: return this.visitDeclaration(node as ts.VariableDeclaration, scope);
      default: return ts.isFunctionLike(node) ? this.visitFunction(node as ts.FunctionLikeDeclaration, scope) : this.children(node, scope);
    }
  }

  visitDeclaration(node: ts.VariableDeclaration, scope: Scope): void {
    if (ts.isIdentifier(node.name)) this.redirectVar(node.name, scope);
    this.children(node, scope);
  }

  /** ECMA-262 B.3.4: `catch (e) { var e = 1 }` assigns the catch parameter. */
  redirectVar(name: ts.Identifier, scope: Scope): void {
    const own = this.facts.declarations.get(name);
    if (own?.kind !== "var") return;
    let at: Scope | null = scope;
    while (at && !at.names.has(name.text)) at = at.parent;
    const found = at?.names.get(name.text);
    if (found && found !== own && found.kind !== "catch") this.facts.repeated.push(name);
    if (found?.kind !== "catch") return;
    found.mutated = true;
    this.facts.declarations.set(name, found);
  }

  children(node: ts.Node, scope: Scope): void {
    ts.forEachChild(node, (child) => this.visit(child, scope));
  }

  visitBlock(node: ts.Node, statements: readonly ts.Statement[], outer: Scope): void {
    const scope = this.scope(node, outer.unit, outer);
    this.declareBlock(statements, scope);
    if (ts.isCatchClause(outer.node)) this.refuseAgain(scope, outer);
    this.children(node, scope);
  }

  /** `catch (e) { let e }` */
  refuseAgain(scope: Scope, outer: Scope): void {
    const again = [...scope.names.values()].filter((binding) => outer.names.has(binding.name));
    if (again.length === 0) return;
    for (const [id, binding] of this.facts.declarations) if (again.includes(binding)) this.facts.repeated.push(id);
  }

  visitLoop(node: ts.ForStatement | ts.ForInOrOfStatement, outer: Scope): void {
    const scope = this.scope(node, outer.unit, outer);
    if (node.initializer && ts.isVariableDeclarationList(node.initializer)) {
      this.declareList(node.initializer, scope);
    }
    this.children(node, scope);
  }

  visitCatch(node: ts.CatchClause, outer: Scope): void {
    const scope = this.scope(node, outer.unit, outer);
    if (node.variableDeclaration) this.declarePattern(scope, node.variableDeclaration.name, "catch", node.pos);
    this.children(node, scope);
  }

  visitFunction(node: ts.FunctionLikeDeclaration, scope: Scope): void {
    if (node.name && ts.isComputedPropertyName(node.name)) this.visit(node.name, scope);
    if (!node.body) return;
    if (scope.unit.ordinary) return this.functionParts(node, scope.unit, scope);
    const step = this.isStepFunction(node, scope);
    const stops = !step && (node.asteriskToken !== undefined || isAsync(node));
    const unit = this.unit(node, stops ? "machine" : "code", scope.unit, step);
    this.functionParts(node, unit, scope);
  }

  /** `step("pay", fn)`, `step.once(…)`, `step.tx(…)`: the function given stays ordinary code. */
  isStepFunction(node: ts.Node, scope: Scope): boolean {
    const { parent } = node;
    if (isOuter(parent)) return this.isStepFunction(parent, scope);
    if (!ts.isCallExpression(parent) || !parent.arguments.includes(node as ts.Expression)) return false;
    return /^step(\.|$)/.test(this.source.operation(parent.expression) ?? "") && !isDeclared(rootName(parent.expression), scope);
  }

  visitClass(node: ts.ClassLikeDeclaration, scope: Scope): void {
    const unit = scope.unit.ordinary ? scope.unit : this.unit(node, isLiftable(node) ? "class" : "inline", scope.unit, false);
    const inner = this.scope(node, unit, scope);
    for (const decorator of decorators(node)) this.visit(decorator, scope);
    if (node.name) this.declareOwnName(node, inner);
    for (const clause of node.heritageClauses ?? []) if (!isTypeOnly(clause)) this.children(clause, scope);
    for (const member of node.members) {
      for (const decorator of decorators(member)) this.visit(decorator, inner);
      if (member.name && ts.isComputedPropertyName(member.name)) this.visit(member.name, scope);
      if (ts.isFunctionLike(member)) this.functionParts(member as ts.FunctionLikeDeclaration, unit, inner);
      else if (ts.isPropertyDeclaration(member) && member.initializer) this.visit(member.initializer, inner);
      else if (ts.isClassStaticBlockDeclaration(member)) this.visit(member.body, inner);
    }
  }

  /** The name of a class as its own body sees it: another binding than the one of the block. */
  declareOwnName(node: ts.ClassLikeDeclaration, inner: Scope): void {
    const id = node.name as ts.Identifier;
    const outer = this.facts.declarations.get(id);
    this.declare(inner, id, "self", node.pos);
    if (outer) this.facts.declarations.set(id, outer);
  }

  refer(id: ts.Identifier, scope: Scope): void {
    if (id.text === "arguments") return markArguments(scope.unit);
    let at: Scope | null = scope;
    while (at && !at.names.has(id.text)) at = at.parent;
    const binding = at?.names.get(id.text);
    if (!binding) {
      for (let unit: Unit | null = scope.unit; unit; unit = unit.kind === "inline" ? unit.parent : null) unit.free.add(id.text);
      return;
    }
    const use = usage(id);
    const reference: Reference = { node: id, binding, unit: scope.unit, scope, write: use !== "read" };
    binding.references.push(reference);
    this.facts.references.set(id, reference);
    if (use !== "read") binding.mutated = true;
    for (let unit: Unit | null = scope.unit; unit && unit !== binding.unit; unit = unit.parent) capture(unit, binding);
  }
}

/** Decorators and `accessor` are not JavaScript yet: what replaces them needs the class where it stands. */
function isLiftable(node: ts.ClassLikeDeclaration): boolean {
  if (decorators(node).length > 0) return false;
  return !node.members.some((member) => decorators(member).length > 0 || ts.isAutoAccessorPropertyDeclaration(member) || hasDecoratedParameter(member));
}

function hasDecoratedParameter(member: ts.ClassElement): boolean {
  return ts.isFunctionLike(member) && member.parameters.some((parameter) => decorators(parameter).length > 0);
}

/** Which kinds of declarations of one name one scope may hold, in strict code. */
function mayRepeat({ kind, scope }: Binding, next: BindingKind): boolean {
  const ofFunction = (each: BindingKind): boolean => each === "var" || each === "param" || each === "function";
  if (!ofFunction(kind) || !ofFunction(next)) return false;
  // Parameters of one name are sloppy code's, which strict code refuses when it is loaded.
  return kind === "var" || kind === "param" || ts.isFunctionLike(scope.node);
}

function decorators(node: ts.Node): readonly ts.Decorator[] {
  return (ts.canHaveDecorators(node) ? ts.getDecorators(node) : undefined) ?? [];
}

/** `step` of `step.once`. */
function rootName(node: ts.Expression): string | undefined {
  if (ts.isPropertyAccessExpression(node)) return rootName(node.expression);
  return ts.isIdentifier(node) ? node.text : undefined;
}

/** True for a name of the flow's own, whatever the module imports under it. */
function isDeclared(name: string | undefined, scope: Scope): boolean {
  for (let at: Scope | null = scope; at; at = at.parent) if (name !== undefined && at.names.has(name)) return true;
  return false;
}

function capture(unit: Unit, binding: Binding): void {
  binding.captured = true;
  if (unit.captures.has(binding)) return;
  const taken = new Set(unit.captures.values());
  let key = binding.name;
  for (let n = 2; taken.has(key); n++) key = `${binding.name}$${n}`;
  unit.captures.set(binding, key);
}

/** `function f(this: Order)`: a type, no parameter. */
function isThisParameter({ name }: ts.ParameterDeclaration): boolean {
  return ts.isIdentifier(name) && name.text === "this";
}

export function isAsync(node: ts.FunctionLikeDeclaration): boolean {
  return ts.canHaveModifiers(node) && (ts.getModifiers(node)?.some((m) => m.kind === ts.SyntaxKind.AsyncKeyword) ?? false);
}

/** `var`, `let`, `const` or `using`: the kind of the bindings of a declaration list. */
export function listKind(list: ts.VariableDeclarationList): "var" | "let" | "const" | "using" {
  const flags = list.flags & ts.NodeFlags.BlockScoped;
  if (flags === ts.NodeFlags.Using || flags === ts.NodeFlags.AwaitUsing) return "using";
  if (flags === ts.NodeFlags.Const) return "const";
  return flags === ts.NodeFlags.Let ? "let" : "var";
}

/** An arrow has the `this` of the unit around it. Ordinary units have their own. */
function markThis(unit: Unit): void {
  for (let at: Unit | null = unit; at; at = at.arrow ? at.parent : null) {
    if (at.kind === "inline") return;
    at.usesThis = true;
  }
}

/** False for the `super` of a class, or of a literal in a step function: those keep theirs. */
export function isOwnSuper(node: ts.Node, unit: Unit): boolean {
  return !unit.ordinary || (unit.arrow && !standsInOrdinaryFunction(node, unit.node));
}

/** `super` starts from the object whose literal holds the method, and calls with the method's `this`: an arrow has both from around it. */
function markSuper(unit: Unit): void {
  for (let at: Unit | null = unit; at; at = at.arrow ? at.parent : null) {
    if (at.kind === "inline") return;
    at.usesSuper = true;
    at.usesThis = true;
  }
}

/** Not `import.meta`. */
export function isNewTarget(node: ts.Node): boolean {
  return ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.NewKeyword;
}

function markTarget(unit: Unit): void {
  for (let at: Unit | null = unit; at; at = at.arrow ? at.parent : null) {
    if (at.kind === "inline") return;
    at.usesTarget = true;
  }
}

function markArguments(unit: Unit): void {
  for (let at: Unit | null = unit; at; at = at.arrow ? at.parent : null) {
    if (at.kind === "inline") return;
    at.usesArguments = true;
  }
}
