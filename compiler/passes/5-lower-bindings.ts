// Lowering of what makes bindings: parameters, declarations, the entry of a scope.
//
//   let { a, b = 1 } = await load();   // a is captured and mutated
//   →  await load() → …;  a = $.cell();  ({ a: a.v, b = 1 } = value)

import ts from "typescript";
import type { Binding, Scope } from "../facts.ts";
import type { Part, Template } from "../ir.ts";
import { listKind } from "./2-scope-declare.ts";
import { scopeOf, type Lowering } from "./5-lower.ts";
import { expression } from "./5-lower-expressions.ts";
import { bindsParametersEarly } from "./5-lower-yields.ts";
import { bindPattern } from "./5-lower-patterns.ts";
import { registered } from "./5-lower-resources.ts";

/** Parameters are destructured from the frame's arguments, at once: defaults, patterns and rest as JavaScript has them. */
export function enterFunction(b: Lowering, fn: ts.FunctionLikeDeclaration): void {
  const scope = scopeOf(b, fn);
  for (const binding of scope.names.values()) if (binding.kind === "param" && binding.cell) newCell(b, binding, fn, binding.early ? `${b.input.prefix}.tdz` : "");
  const args = b.machine.arguments;
  if (args) {
    b.machine.temps.push(args);
    b.code([args, ` = ${b.input.prefix}.arguments(${b.input.prefix}f.args)`], fn, args);
  }
  const self = scope.parent?.node === fn.name && fn.name && scope.parent?.names.get((fn.name as ts.Identifier).text);
  if (self && self.references.length > 0) initialise(b, self, [`${b.input.prefix}f.callee`], fn);
  const parameters = fn.parameters.filter((p) => !(ts.isIdentifier(p.name) && p.name.text === "this"));
  if (parameters.length > 0) b.code(parametersText(b, parameters), fn);
  if (bindsParametersEarly(b.machine.unit)) b.await(["undefined"], fn, null, "parameters");
  enterScope(b, scope, fn);
}

/**
 * `x = $f.args[0], y = $f.args[1]`; with defaults and patterns `({ 0: x, 1: y = 2 } = $f.args)`. By index: an array pattern asks for
 * the iterator of arrays, which the program may have replaced.
 */
function parametersText(b: Lowering, parameters: readonly ts.ParameterDeclaration[]): Template {
  const args = `${b.input.prefix}f.args`;
  if (parameters.every((p) => ts.isIdentifier(p.name) && !p.initializer && !p.dotDotDotToken)) return parameters.flatMap((p, i): Part[] => [i > 0 ? ", " : "", { pattern: p.name }, ` = ${args}[${i}]`]);
  const template: Part[] = ["({ "];
  for (const [i, parameter] of parameters.entries()) {
    if (parameter.dotDotDotToken) continue;
    template.push(i > 0 ? ", " : "", `${i}: `, { pattern: parameter.name });
    if (parameter.initializer) template.push(" = ", parameter.initializer);
  }
  template.push(` } = ${args})`);
  const rest = parameters.find((p) => p.dotDotDotToken);
  if (!rest) return template;
  const others: Part[] = parameters.length > 1 ? [...template, ", "] : [];
  return [...others, ts.isObjectBindingPattern(rest.name) ? "(" : "", { pattern: rest.name }, ` = ${b.input.prefix}.after(${args}, ${parameters.length - 1})`, ts.isObjectBindingPattern(rest.name) ? ")" : ""];
}

/** What exists before the first statement of a scope runs: cells that closures may reach too early, and functions. */
export function enterScope(b: Lowering, scope: Scope, at: ts.Node): void {
  for (const binding of scope.names.values()) {
    if (!binding.cell || !binding.hoisted) continue;
    if (binding.kind === "var") newCell(b, binding, at);
    else if (binding.early && binding.kind !== "param") newCell(b, binding, at, `${b.input.prefix}.tdz`);
  }
  for (const declaration of scope.functions) {
    const binding = declaration.name && b.facts.declarations.get(declaration.name);
    if (binding) initialise(b, binding, [declaration], declaration);
  }
}

function newCell(b: Lowering, binding: Binding, at: ts.Node, content = ""): void {
  const slot = b.slot(binding);
  b.code([slot, ` = ${b.input.prefix}.cell(${content})`], at, slot);
}

/** Gives the binding its first value, making its cell unless that exists since the scope was entered. */
export function initialise(b: Lowering, binding: Binding, value: Template, at: ts.Node, name?: ts.Identifier): void {
  const slot = b.slot(binding);
  if (!binding.cell) b.code([slot, " = ", ...value], at, slot);
  else if (existsEarly(binding, name)) b.code([slot, ".v = ", ...value], at);
  else b.code([slot, ` = ${b.input.prefix}.cell(`, ...value, ")"], at, slot);
}

function existsEarly(binding: Binding, name: ts.Identifier | undefined): boolean {
  return binding.early || binding.kind === "var" || binding.kind === "param" || (binding.kind === "catch" && name !== undefined && isOfVar(name));
}

/** `e` of `var e` in a catch clause with the parameter `e`. */
function isOfVar(name: ts.Identifier): boolean {
  return ts.findAncestor(name, (node) => (ts.isCatchClause(node) ? "quit" : ts.isVariableDeclarationList(node))) !== undefined;
}

export function declarations(b: Lowering, list: ts.VariableDeclarationList): void {
  for (const declaration of list.declarations) b.withTemps(() => declare(b, declaration, list));
}

function declare(b: Lowering, node: ts.VariableDeclaration, list: ts.VariableDeclarationList): void {
  const kind = listKind(list);
  if (!node.initializer) {
    if (kind !== "var") bindName(b, node.name, ["undefined"], node);
    return;
  }
  const value = expression(b, node.initializer);
  bindName(b, node.name, kind === "using" ? registered(b, list, value) : value, node);
}

/** Binds a name or a pattern to a value. */
export function bindName(b: Lowering, name: ts.BindingName, value: Template, at: ts.Node): void {
  if (b.suspends(name)) {
    const slot = b.temp(name);
    b.code([slot, " = ", ...value], at, slot);
    makeCells(b, name, at);
    return bindPattern(b, name, slot);
  }
  if (ts.isIdentifier(name)) {
    const binding = b.facts.declarations.get(name);
    if (binding) initialise(b, binding, value, at, name);
    return;
  }
  makeCells(b, name, at);
  const open = ts.isObjectBindingPattern(name) ? "(" : "";
  b.code([open, { pattern: name }, " = ", ...value, open && ")"], at);
}

/** The cells of a pattern's names, made before the pattern assigns to them. */
function makeCells(b: Lowering, name: ts.BindingName, at: ts.Node): void {
  if (ts.isIdentifier(name)) {
    const binding = b.facts.declarations.get(name);
    if (binding?.cell && !existsEarly(binding, name)) newCell(b, binding, at);
    return;
  }
  for (const element of name.elements) if (ts.isBindingElement(element)) makeCells(b, element.name, at);
}

/** Each round of a `for (let …)` has cells of its own: closures of one round keep theirs. */
export function copyCells(b: Lowering, scope: Scope, at: ts.Node): void {
  for (const binding of scope.names.values()) {
    if (!binding.cell) continue;
    const slot = b.slot(binding);
    b.code([slot, ` = ${b.input.prefix}.copy(`, slot, ")"], at, slot);
  }
}
