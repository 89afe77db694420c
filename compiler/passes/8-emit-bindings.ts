// Copies the statements that declare: native declarations whose variables live in cells, blocks with functions in them,
// loops whose bindings are fresh in each round.
//
//   let n = 0, m = 1           →   let n = $.cell(0), m = 1                      n: a cell
//   for (let i = 0; …; i++)    →   for (let i = $.cell(0); …; i = $.copy(i), i.v++)

import ts from "typescript";
import { CompilerBug } from "../diagnostics/table.ts";
import type { Binding, Scope } from "../facts.ts";
import { listKind, patternNames } from "./2-scope-declare.ts";
import { copy, copyChildren } from "./8-emit-copy.ts";
import type { Emitter } from "./8-emit-emitter.ts";
import { copyPattern } from "./8-emit-patterns.ts";
import { creation } from "./8-emit-units.ts";

/** A declaration list, in a statement or in the head of a `for`. */
export function copyDeclarations(e: Emitter, list: ts.VariableDeclarationList): void {
  const bindings = namesOf(list).map((id) => e.facts.declarations.get(id));
  if (listKind(list) === "var") {
    if (bindings.some((b) => b?.hoisted || b?.cell || (b?.kind === "catch" && !b.unit.ordinary))) return copyVar(e, list);
    return copyChildren(e, list);
  }
  if (!bindings.some((b) => b?.cell)) return copyChildren(e, list);
  if (listKind(list) === "using") return copyUsing(e, list);
  const assigned = list.declarations.some((d) => boundNames(e, d).some(({ binding }) => binding.cell && (binding.early || !ts.isIdentifier(d.name))));
  if (assigned) return ts.isForStatement(list.parent) ? copyEarlyHead(e, list) : copyEarly(e, list);
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

/** Variables in cells, declared where they stand: `let n = $.cell(0)`. A pattern among them has none in cells. */
function copyBoxed(e: Emitter, list: ts.VariableDeclarationList): void {
  e.glue("let ", list);
  for (const [i, { name, initializer }] of list.declarations.entries()) {
    if (i > 0) e.glue(", ", name);
    if (ts.isIdentifier(name)) e.out.slice(e.startOf(name), name.end);
    else copy(e, name);
    const boxed = ts.isIdentifier(name) && e.facts.declarations.get(name)?.cell;
    if (!boxed && !initializer) continue;
    e.glue(boxed ? ` = ${e.$}.cell(` : " = ", name);
    if (initializer) copy(e, initializer);
    if (boxed) e.glue(")", name);
  }
}

/** Cells that a pattern assigns to, or that exist since the block was entered: the declaration only initialises them. */
function copyEarly(e: Emitter, list: ts.VariableDeclarationList): void {
  for (const [i, declaration] of list.declarations.entries()) {
    if (i > 0) e.glue("; ", declaration);
    for (const { binding, name } of boundNames(e, declaration)) if (!binding.cell || !binding.early) e.glue(`let ${name}${binding.cell ? ` = ${e.$}.cell()` : ""}; `, declaration);
    copyAssignment(e, declaration, ts.isObjectBindingPattern(declaration.name));
  }
}

/** `for (let f = () => i, i = 0; …)`: a head has no place before it, so the cells are the first of its variables. */
function copyEarlyHead(e: Emitter, list: ts.VariableDeclarationList): void {
  const names = list.declarations.flatMap((declaration) => boundNames(e, declaration));
  e.glue(`let ${names.map(({ binding, name }) => (binding.cell ? `${name} = ${e.$}.cell(${binding.early ? `${e.$}.tdz` : ""})` : name)).join(", ")}`, list);
  for (const [i, declaration] of list.declarations.entries()) {
    e.glue(`, ${e.$}head${i} = `, declaration);
    copyAssignment(e, declaration, true);
  }
}

function boundNames(e: Emitter, { name }: ts.VariableDeclaration): { readonly name: string; readonly binding: Binding }[] {
  return patternNames(name).map((id) => ({ name: id.text, binding: e.facts.declarations.get(id) as Binding }));
}

/** The declaration as an assignment; a missing value is undefined. */
function copyAssignment(e: Emitter, { name, initializer }: ts.VariableDeclaration, parentheses: boolean): void {
  if (parentheses) e.glue("(", name);
  copyPattern(e, name);
  e.glue(" = ", name);
  if (initializer) copy(e, initializer);
  else e.glue("undefined", name);
  if (parentheses) e.glue(")", name);
}

/** The resource in a variable of its own, which the engine disposes of: `using $u$a = open(); a.v = $u$a`. */
function copyUsing(e: Emitter, list: ts.VariableDeclarationList): void {
  for (const [i, declaration] of list.declarations.entries()) {
    if (i > 0) e.glue("; ", declaration);
    const [bound] = boundNames(e, declaration);
    if (!bound || !declaration.initializer) throw new CompilerBug("a `using` without a value", declaration);
    const { name, binding } = bound;
    const own = binding.cell ? `${e.$}u$${name}` : name;
    e.glue(`using ${own} = `, declaration);
    copy(e, declaration.initializer);
    if (binding.cell) e.glue(binding.early ? `; ${name}.v = ${own}` : `; const ${name} = ${e.$}.cell(${own})`, declaration);
  }
}

/** A block, with what exists before its first statement written first. */
export function copyBlock(e: Emitter, node: ts.Block): void {
  const scope = e.facts.scopeOf.get(node);
  const prologue = scope ? prologueText(e, scope) : "";
  if (prologue === "") return copyChildren(e, node);
  const open = e.startOf(node) + 1;
  e.out.slice(e.startOf(node), open);
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
  e.out.slice(e.startOf(node), e.startOf(node.expression));
  e.glue(`${e.$}s`, node.expression);
  e.out.slice(node.expression.end, e.startOf(node.caseBlock));
  copy(e, node.caseBlock);
  e.glue(" } }", node);
}

function copyRest(e: Emitter, node: ts.Node, from: number): void {
  let at = from;
  ts.forEachChild(node, (child) => {
    e.out.slice(at, e.startOf(child));
    copy(e, child);
    at = child.end;
  });
  e.out.slice(at, node.end);
}

/** Early cells and functions of a scope that keeps native bindings. */
export function prologueText(e: Emitter, scope: Scope): string {
  const lines: string[] = [];
  for (const binding of scope.names.values()) {
    if (binding.hoisted) continue;
    if (binding.apart && !binding.cell) lines.push(`var ${binding.name};`);
    if (!binding.cell) continue;
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
  if (isUsing(node.initializer)) return copyForUsing(e, node, node.initializer, cells);
  const copies = cells.map((b) => `${b.name} = ${e.$}.copy(${b.name})`).join(", ");
  e.out.slice(e.startOf(node), e.startOf(node.initializer));
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

function isUsing(head: ts.ForInitializer): head is ts.VariableDeclarationList {
  return ts.isVariableDeclarationList(head) && listKind(head) === "using";
}

/** A label names the loop, not a block around it. */
export function copyLabelled(e: Emitter, node: ts.LabeledStatement): void {
  const labelled = withoutLabels(node);
  if (!ts.isForStatement(labelled) || !labelled.initializer || !isUsing(labelled.initializer)) return copyChildren(e, node);
  const cells = loopCells(e, labelled);
  if (cells.length === 0) return copyChildren(e, node);
  copyForUsing(e, labelled, labelled.initializer, cells, node);
}

function withoutLabels(node: ts.Statement): ts.Statement {
  return ts.isLabeledStatement(node) ? withoutLabels(node.statement) : node;
}

/** Resources in the head of a loop, of which closures hold cells: declared in a block around it and its labels. */
function copyForUsing(e: Emitter, node: ts.ForStatement, list: ts.VariableDeclarationList, cells: readonly Binding[], labelled: ts.Statement = node): void {
  e.glue(`{ ${cells.map((b) => (b.early ? `const ${b.name} = ${e.$}.cell(${e.$}.tdz); ` : "")).join("")}`, node);
  copyUsing(e, list);
  e.glue("; ", node);
  e.out.slice(e.startOf(labelled), e.startOf(node));
  e.glue("for (; ", node);
  if (node.condition) copy(e, node.condition);
  e.glue("; ", node);
  if (node.incrementor) copy(e, node.incrementor);
  e.glue(") ", node);
  copy(e, node.statement);
  e.glue(" }", node);
}

function loopCells(e: Emitter, node: ts.Node): Binding[] {
  return [...(e.facts.scopeOf.get(node)?.names.values() ?? [])].filter((binding) => binding.cell && !binding.hoisted);
}

function holdsUnit(e: Emitter, node: ts.Node): boolean {
  return e.facts.unitOf.has(node) || (ts.forEachChild(node, (child) => holdsUnit(e, child)) ?? false);
}

/**
 * `for (const x of xs) body` → `for (const $head of xs) { let x = $.cell($head); body }`
 *
 * Of what closures in `xs` see the variables are never initialised (ECMA-262 ForIn/OfHeadEvaluation): each gets a dead cell.
 */
export function copyForInOf(e: Emitter, node: ts.ForInOrOfStatement): void {
  const cells = loopCells(e, node);
  if (cells.length === 0 || !ts.isVariableDeclarationList(node.initializer)) return copyChildren(e, node);
  const { initializer: list, expression, statement } = node;
  e.out.slice(e.startOf(node), e.startOf(list));
  e.glue(`${listKind(list) === "using" ? "using" : "const"} ${e.$}head`, list);
  e.out.slice(list.end, e.startOf(expression));
  e.inDeadZone(cells, () => copy(e, expression));
  e.glue(") { ", statement);
  copyHeadNames(e, list.declarations[0] as ts.VariableDeclaration);
  copy(e, statement);
  e.glue(" }", statement);
}

export function copyCatch(e: Emitter, node: ts.CatchClause): void {
  const cells = loopCells(e, node);
  if (cells.length === 0 || !node.variableDeclaration) return copyChildren(e, node);
  const { name } = node.variableDeclaration;
  e.out.slice(e.startOf(node), e.startOf(name));
  e.glue(`${e.$}head) { `, node.block);
  copyHeadNames(e, node.variableDeclaration);
  copy(e, node.block);
  e.glue(" }", node.block);
}

/** The names of a head, some of them in cells, from what it gave: `let a = $.cell(), b; ({ a: a.v, b } = $head);` */
function copyHeadNames(e: Emitter, declaration: ts.VariableDeclaration): void {
  const { name } = declaration;
  if (ts.isIdentifier(name)) return e.glue(`let ${name.text} = ${e.$}.cell(${e.$}head); `, name);
  const names = boundNames(e, declaration).map(({ name: own, binding }) => (binding.cell ? `${own} = ${e.$}.cell(${binding.early ? `${e.$}.tdz` : ""})` : own));
  e.glue(`let ${names.join(", ")}; (`, name);
  copyPattern(e, name);
  e.glue(` = ${e.$}head); `, name);
}
