// Makes the scopes of a flow and the bindings that declarations put into them.
//
//   { let a; function f() {} }   →   a scope with a: let, f: function, and f among the functions made when it is entered

import ts from "typescript";
import type { Binding, BindingKind, Facts, Scope, Unit } from "../facts.ts";

type Declared = Pick<Facts, "scopeOf" | "declarations" | "repeated">;

export function openScope(facts: Declared, node: ts.Node, unit: Unit, parent: Scope | null): Scope {
  const scope: Scope = { node, unit, parent, names: new Map(), functions: [] };
  facts.scopeOf.set(node, scope);
  return scope;
}

export function declare(facts: Declared, scope: Scope, id: ts.Identifier, kind: BindingKind, initialised: number, declared = initialised): void {
  const known = scope.names.get(id.text);
  if (known) {
    if (!mayRepeat(known, kind)) facts.repeated.push(id);
    known.mutated = true;
    known.redeclared ||= known.kind === "param" && kind === "var";
    known.initialised = Math.min(known.initialised, initialised);
    known.declared = Math.min(known.declared, declared);
    facts.declarations.set(id, known);
    return;
  }
  const binding: Binding = {
    name: id.text, node: id, kind, scope, unit: scope.unit, initialised, declared,
    references: [], captured: false, mutated: false, redeclared: false, apart: false, early: false, cell: false, hoisted: false, slot: id.text,
  };
  scope.names.set(id.text, binding);
  scope.unit.bindings.push(binding);
  facts.declarations.set(id, binding);
}

/** Which kinds of declarations of one name one scope may hold, in strict code. */
function mayRepeat({ kind, scope }: Binding, next: BindingKind): boolean {
  const ofFunction = (each: BindingKind): boolean => each === "var" || each === "param" || each === "function";
  if (!ofFunction(kind) || !ofFunction(next)) return false;
  // Parameters of one name are sloppy code's, which strict code refuses when it is loaded.
  return kind === "var" || kind === "param" || ts.isFunctionLike(scope.node);
}

/** `declared`: the end of the whole declaration. A part of a pattern is initialised before the next one is evaluated. */
export function declarePattern(facts: Declared, scope: Scope, name: ts.BindingName, kind: BindingKind, declared: number, initialised = declared): void {
  if (ts.isIdentifier(name)) return declare(facts, scope, name, kind, initialised, declared);
  for (const element of name.elements)
    if (ts.isBindingElement(element)) declarePattern(facts, scope, element.name, kind, declared, Math.min(initialised, element.end));
}

export function declareParameters(facts: Declared, fn: ts.FunctionLikeDeclaration, scope: Scope): void {
  for (const parameter of fn.parameters) if (!isThisParameter(parameter)) declarePattern(facts, scope, parameter.name, "param", parameter.end);
}

/** `function f(this: Order)`: a type, no parameter. */
function isThisParameter({ name }: ts.ParameterDeclaration): boolean {
  return ts.isIdentifier(name) && name.text === "this";
}

/** The `var`s of a function, wherever in its body they stand. */
export function declareVars(facts: Declared, node: ts.Node, scope: Scope): void {
  if (!holdsStatements(node)) return;
  if (ts.isVariableDeclarationList(node) && (node.flags & ts.NodeFlags.BlockScoped) === 0)
    for (const d of node.declarations) declarePattern(facts, scope, d.name, "var", scope.node.pos);
  ts.forEachChild(node, (child) => declareVars(facts, child, scope));
}

const Kind = ts.SyntaxKind;

/** Statements and what stands between them: all that a `var` or a jump of the same function can stand in. */
export function holdsStatements({ kind }: ts.Node): boolean {
  if (kind >= Kind.FirstStatement && kind <= Kind.LastStatement) return true;
  return (
    kind === Kind.Block || kind === Kind.CaseBlock || kind === Kind.CaseClause || kind === Kind.DefaultClause ||
    kind === Kind.CatchClause || kind === Kind.VariableDeclarationList
  );
}

/** What the statements of a block declare in it. */
export function declareBlock(facts: Declared, statements: readonly ts.Statement[], scope: Scope): void {
  for (const statement of statements) {
    if (ts.isVariableStatement(statement)) declareList(facts, statement.declarationList, scope);
    else if (ts.isFunctionDeclaration(statement) && statement.name && statement.body) {
      declare(facts, scope, statement.name, "function", scope.node.pos);
      const { text } = statement.name;
      const earlier = scope.functions.findIndex((f) => f.name?.text === text);
      if (earlier >= 0) scope.functions.splice(earlier, 1);
      scope.functions.push(statement);
    } else if (ts.isClassDeclaration(statement) && statement.name) declare(facts, scope, statement.name, "class", statement.end);
  }
}

export function declareList(facts: Declared, list: ts.VariableDeclarationList, scope: Scope): void {
  const kind = listKind(list);
  if (kind !== "var") for (const d of list.declarations) declarePattern(facts, scope, d.name, kind, d.end);
}

/** `var`, `let`, `const` or `using`: the kind of the bindings of a declaration list. */
export function listKind(list: ts.VariableDeclarationList): "var" | "let" | "const" | "using" {
  const flags = list.flags & ts.NodeFlags.BlockScoped;
  if (flags === ts.NodeFlags.Using || flags === ts.NodeFlags.AwaitUsing) return "using";
  if (flags === ts.NodeFlags.Const) return "const";
  return flags === ts.NodeFlags.Let ? "let" : "var";
}

/** The name of a class as its own body sees it: another binding than the one of the block. */
export function declareOwnName(facts: Declared, id: ts.Identifier, inner: Scope, from: number): void {
  const outer = facts.declarations.get(id);
  declare(facts, inner, id, "self", from);
  if (outer) facts.declarations.set(id, outer);
}

/** `catch (e) { let e }` */
export function refuseAgain(facts: Declared, block: Scope, outer: Scope): void {
  const again = [...block.names.values()].filter((binding) => outer.names.has(binding.name));
  if (again.length === 0) return;
  for (const [id, binding] of facts.declarations) if (again.includes(binding)) facts.repeated.push(id);
}

/** ECMA-262 B.3.4: `catch (e) { var e = 1 }` assigns the catch parameter. */
export function redirectVar(facts: Declared, name: ts.Identifier, list: ts.VariableDeclarationList, scope: Scope): void {
  const own = facts.declarations.get(name);
  const found = findBinding(scope, name.text);
  if (found && found !== own && found.kind !== "catch") facts.repeated.push(name);
  if (found?.kind !== "catch") return;
  found.mutated = true;
  for (const each of list.declarations.flatMap((declaration) => patternNames(declaration.name))) {
    const binding = facts.declarations.get(each);
    if (binding?.kind === "var") binding.apart = true;
  }
  facts.declarations.set(name, found);
}

/** The identifiers that a pattern declares. */
export function patternNames(name: ts.BindingName): ts.Identifier[] {
  if (ts.isIdentifier(name)) return [name];
  return name.elements.flatMap((element) => (ts.isBindingElement(element) ? patternNames(element.name) : []));
}

/** What a pattern takes in which place: `[a,,{b,c}]`. */
export function patternText(name: ts.BindingName): string {
  if (ts.isIdentifier(name)) return name.text;
  const places = name.elements.map((element) => (ts.isBindingElement(element) ? `${element.dotDotDotToken ? "..." : ""}${patternText(element.name)}` : ""));
  return ts.isArrayBindingPattern(name) ? `[${places.join(",")}]` : `{${places.sort().join(",")}}`;
}

/** What the name means in the scope. */
export function findBinding(scope: Scope, name: string): Binding | undefined {
  let at: Scope | null = scope;
  while (at && !at.names.has(name)) at = at.parent;
  return at?.names.get(name);
}
