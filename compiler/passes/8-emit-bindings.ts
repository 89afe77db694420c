// Copies the statements that declare: native declarations whose variables live in cells, blocks with functions in them,
// loops whose bindings are fresh in each round.
//
//   let n = 0, m = 1           →   let n = $.cell(0), m = 1                      n: a cell
//   for (let i = 0; …; i++)    →   for (let i = $.cell(0); …; i = $.copy(i), i.v++)

import ts from "typescript";
import type { Binding, Scope } from "../facts.ts";
import { listKind } from "./2-scope.ts";
import { patternNames } from "./5-lower-bindings.ts";
import { copy, copyChildren, copyPattern, type Emitter } from "./8-emit-copy.ts";
import { creation } from "./8-emit-units.ts";

/** A declaration list, in a statement or in the head of a `for`. */
export function copyDeclarations(e: Emitter, list: ts.VariableDeclarationList): void {
  const bindings = namesOf(list).map((id) => e.facts.declarations.get(id));
  if (listKind(list) === "var") {
    if (bindings.some((b) => b?.hoisted || b?.cell)) return copyVar(e, list);
    return copyChildren(e, list);
  }
  if (!bindings.some((b) => b?.cell)) return copyChildren(e, list);
  const early = bindings.some((b) => b?.cell && b.early);
  if (early) return ts.isForStatement(list.parent) ? copyEarlyHead(e, list) : copyEarly(e, list);
  copyBoxed(e, list);
}

function namesOf(list: ts.VariableDeclarationList): ts.Identifier[] {
  return list.declarations.flatMap((declaration) => patternNames(declaration.name));
}

/** `var` of a machine is declared at its top: only the assignments are left. */
function copyVar(e: Emitter, list: ts.VariableDeclarationList): void {
  let first = true;
  const isHead = ts.isForInStatement(list.parent) || ts.isForOfStatement(list.parent);
  for (const { name, initializer } of list.declarations) {
    if (!initializer && !isHead) continue;
    if (!first) e.glue(", ", name);
    first = false;
    const open = ts.isObjectBindingPattern(name) && !isHead;
    if (open) e.glue("(", name);
    copyPattern(e, name);
    if (initializer) {
      e.glue(" = ", name);
      copy(e, initializer);
    }
    if (open) e.glue(")", name);
  }
}

/** Variables in cells, declared where they stand: `let n = $.cell(0)`. */
function copyBoxed(e: Emitter, list: ts.VariableDeclarationList): void {
  e.glue("let ", list);
  for (const [i, { name, initializer }] of list.declarations.entries()) {
    if (i > 0) e.glue(", ", name);
    if (!ts.isIdentifier(name)) {
      copyNativePattern(e, name);
      e.glue(" = ", name);
      if (initializer) copy(e, initializer);
      for (const id of patternNames(name)) if (e.facts.declarations.get(id)?.cell) e.glue(`, ${e.$}b_${id.text} = ${id.text} = ${e.$}.cell(${id.text})`, name);
      continue;
    }
    e.out.slice(name.getStart(), name.end);
    const boxed = e.facts.declarations.get(name)?.cell;
    if (!boxed && !initializer) continue;
    e.glue(boxed ? ` = ${e.$}.cell(` : " = ", name);
    if (initializer) copy(e, initializer);
    if (boxed) e.glue(")", name);
  }
}

/** The pattern with its names as they are; what it evaluates is copied. */
function copyNativePattern(e: Emitter, name: ts.BindingPattern): void {
  let at = name.getStart();
  const visit = (node: ts.Node): void => {
    if (ts.isBindingElement(node)) {
      if (node.propertyName && ts.isComputedPropertyName(node.propertyName)) part(node.propertyName.expression);
      if (!ts.isIdentifier(node.name)) visit(node.name);
      if (node.initializer) part(node.initializer);
      return;
    }
    ts.forEachChild(node, visit);
  };
  const part = (node: ts.Node): void => {
    e.out.slice(at, node.getStart());
    copy(e, node);
    at = node.end;
  };
  visit(name);
  e.out.slice(at, name.end);
}

/** Variables whose cells exist since the block was entered: the declaration only initialises them. */
function copyEarly(e: Emitter, list: ts.VariableDeclarationList): void {
  for (const [i, { name, initializer }] of list.declarations.entries()) {
    if (i > 0) e.glue("; ", name);
    const names = patternNames(name).map((id) => e.facts.declarations.get(id) as Binding);
    for (const binding of names) if (!binding.cell || !binding.early) e.glue(`let ${binding.name}${binding.cell ? ` = ${e.$}.cell()` : ""}; `, name);
    const open = ts.isObjectBindingPattern(name);
    if (open) e.glue("(", name);
    copyPattern(e, name);
    e.glue(" = ", name);
    if (initializer) copy(e, initializer);
    else e.glue("undefined", name);
    if (open) e.glue(")", name);
  }
}

/** `for (let f = () => i, i = 0; …)`: a head has no place before it, so the cells are the first of its variables. */
function copyEarlyHead(e: Emitter, list: ts.VariableDeclarationList): void {
  const names = namesOf(list).map((id) => e.facts.declarations.get(id) as Binding);
  e.glue(`let ${names.map((b) => (b.cell ? `${b.name} = ${e.$}.cell(${b.early ? `${e.$}.tdz` : ""})` : b.name)).join(", ")}`, list);
  for (const [i, { name, initializer }] of list.declarations.entries()) {
    e.glue(`, ${e.$}head${i} = (`, name);
    copyPattern(e, name);
    e.glue(" = ", name);
    if (initializer) copy(e, initializer);
    else e.glue("undefined", name);
    e.glue(")", name);
  }
}

/** A block, with what exists before its first statement written first. */
export function copyBlock(e: Emitter, node: ts.Block): void {
  const scope = e.facts.scopeOf.get(node);
  const prologue = scope ? prologueText(e, scope) : "";
  if (prologue === "") return copyChildren(e, node);
  const open = node.getStart() + 1;
  e.out.slice(node.getStart(), open);
  e.glue(` ${prologue}`, node);
  copyRest(e, node, open);
}

/**
 * A switch has no place before its first clause, so what its scope needs stands in a block around it. Its subject is evaluated
 * outside that block, where the names of the clauses do not hide it.
 */
export function copySwitch(e: Emitter, node: ts.SwitchStatement): void {
  const scope = e.facts.scopeOf.get(node.caseBlock);
  const prologue = scope ? prologueText(e, scope) : "";
  if (prologue === "") return copyChildren(e, node);
  e.glue(`{ const ${e.$}s = (`, node.expression);
  copy(e, node.expression);
  e.glue(`); { ${prologue} `, node);
  e.out.slice(node.getStart(), node.expression.getStart());
  e.glue(`${e.$}s`, node.expression);
  e.out.slice(node.expression.end, node.caseBlock.getStart());
  copy(e, node.caseBlock);
  e.glue(" } }", node);
}

function copyRest(e: Emitter, node: ts.Node, from: number): void {
  let at = from;
  ts.forEachChild(node, (child) => {
    e.out.slice(at, child.getStart());
    copy(e, child);
    at = child.end;
  });
  e.out.slice(at, node.end);
}

/** Early cells and functions of a scope that keeps native bindings. */
export function prologueText(e: Emitter, scope: Scope): string {
  const lines: string[] = [];
  for (const binding of scope.names.values()) {
    if (!binding.cell || binding.hoisted) continue;
    if (binding.kind === "var") lines.push(`let ${binding.name} = ${e.$}.cell();`);
    else if (binding.kind === "param") lines.push(`${binding.name} = ${e.$}.cell(${binding.name});`);
    else if (binding.early && binding.kind !== "catch") lines.push(`const ${binding.name} = ${e.$}.cell(${e.$}.tdz);`);
  }
  for (const declaration of scope.functions) {
    const binding = declaration.name && e.facts.declarations.get(declaration.name);
    const unit = e.facts.unitOf.get(declaration);
    if (!binding || !unit || binding.hoisted) continue;
    const made = creation(e, unit);
    // A parameter or a `var` of the same name is the same variable, and declared already.
    const declares = binding.kind === "function" ? "let " : binding.kind === "var" ? "var " : "";
    if (!binding.cell) lines.push(`${declares}${binding.name} = ${made};`);
    else lines.push(binding.early || binding.kind !== "function" ? `${binding.name}.v = ${made};` : `let ${binding.name} = ${e.$}.cell(${made});`);
  }
  return lines.join(" ");
}

export function copyFor(e: Emitter, node: ts.ForStatement): void {
  const cells = loopCells(e, node);
  if (cells.length === 0 || !node.initializer) return copyChildren(e, node);
  const copies = cells.map((b) => `${b.name} = ${e.$}.copy(${b.name})`).join(", ");
  e.out.slice(node.getStart(), node.initializer.getStart());
  copy(e, node.initializer);
  // Closures of the head keep the first cells (ECMA-262 CreatePerIterationEnvironment).
  if (holdsUnit(e, node.initializer)) e.glue(`, ${e.$}first = (${copies})`, node.initializer);
  e.glue("; ", node);
  if (node.condition) copy(e, node.condition);
  e.glue(`; ${copies}`, node);
  if (node.incrementor) {
    e.glue(", ", node.incrementor);
    copy(e, node.incrementor);
  }
  e.glue(") ", node);
  copy(e, node.statement);
}

function loopCells(e: Emitter, node: ts.Node): Binding[] {
  return [...(e.facts.scopeOf.get(node)?.names.values() ?? [])].filter((binding) => binding.cell && !binding.hoisted);
}

function holdsUnit(e: Emitter, node: ts.Node): boolean {
  return e.facts.unitOf.has(node) || (ts.forEachChild(node, (child) => holdsUnit(e, child)) ?? false);
}

/** `for (const x of xs) body` → `for (let x of xs) { x = $.cell(x); body }` */
export function copyForInOf(e: Emitter, node: ts.ForInOrOfStatement): void {
  const cells = loopCells(e, node);
  if (cells.length === 0 || !ts.isVariableDeclarationList(node.initializer)) return copyChildren(e, node);
  const name = node.initializer.declarations[0]?.name as ts.BindingName;
  e.out.slice(node.getStart(), node.initializer.getStart());
  e.glue("let ", node.initializer);
  if (ts.isIdentifier(name)) e.out.slice(name.getStart(), name.end);
  else copyNativePattern(e, name);
  e.out.slice(node.initializer.end, node.expression.getStart());
  copy(e, node.expression);
  e.glue(`) { ${cells.map((b) => `${b.name} = ${e.$}.cell(${b.name});`).join(" ")} `, node.statement);
  copy(e, node.statement);
  e.glue(" }", node.statement);
}

export function copyCatch(e: Emitter, node: ts.CatchClause): void {
  const cells = loopCells(e, node);
  if (cells.length === 0 || !node.variableDeclaration) return copyChildren(e, node);
  const { name } = node.variableDeclaration;
  e.out.slice(node.getStart(), name.getStart());
  if (ts.isIdentifier(name)) e.out.slice(name.getStart(), name.end);
  else copyNativePattern(e, name);
  e.glue(`) { ${cells.map((b) => `${b.name} = ${e.$}.cell(${b.name});`).join(" ")} `, node.block);
  copy(e, node.block);
  e.glue(" }", node.block);
}
