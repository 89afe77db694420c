// Ties what is used to what it means: names to bindings, which the units in between capture; `this`, `super`, `arguments` and
// `new.target` to the units that have to keep them.
//
//   const add = (k) => { n += k }   →   n: a reference of add, written; captured by add

import ts from "typescript";
import type { Binding, Facts, Reference, Scope, Unit } from "../facts.ts";
import { standsInOrdinaryFunction, usage } from "../roles.ts";
import { findBinding } from "./2-scope-declare.ts";

export function refer(facts: Pick<Facts, "references">, id: ts.Identifier, scope: Scope): void {
  if (id.text === "arguments") return mark(scope.unit, "usesArguments");
  const binding = findBinding(scope, id.text);
  if (!binding) {
    for (let unit: Unit | null = scope.unit; unit; unit = unit.kind === "inline" ? unit.parent : null) unit.free.add(id.text);
    return;
  }
  const use = usage(id);
  const reference: Reference = { node: id, binding, unit: scope.unit, scope, write: use !== "read" };
  binding.references.push(reference);
  facts.references.set(id, reference);
  if (use !== "read") binding.mutated = true;
  for (let unit: Unit | null = scope.unit; unit && unit !== binding.unit; unit = unit.parent) capture(unit, binding);
}

function capture(unit: Unit, binding: Binding): void {
  binding.captured = true;
  unit.captures.set(binding, binding.name);
}

/** An arrow has all these from the unit around it. Ordinary units have their own. */
function mark(unit: Unit, use: "usesThis" | "usesSuper" | "usesArguments" | "usesTarget"): void {
  for (let at: Unit | null = unit; at && at.kind !== "inline"; at = at.arrow ? at.parent : null) at[use] = true;
}

export function markThis(unit: Unit): void {
  mark(unit, "usesThis");
}

/** `super` starts from the object whose literal holds the method, and calls with the method's `this`. */
export function markSuper(unit: Unit): void {
  mark(unit, "usesSuper");
  mark(unit, "usesThis");
}

export function markTarget(unit: Unit): void {
  mark(unit, "usesTarget");
}

/** False for the `super` of a class, or of a literal in a step function: those keep theirs. */
export function isOwnSuper(node: ts.Node, unit: Unit): boolean {
  return !unit.ordinary || (unit.arrow && !standsInOrdinaryFunction(node, unit.node));
}

/** Not `import.meta`. */
export function isNewTarget(node: ts.Node): boolean {
  return ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.NewKeyword;
}

/** Whether the node is `name`, and that is the global of this name. */
export function isGlobal(facts: Pick<Facts, "references" | "declared">, node: ts.Node, name: string): boolean {
  return ts.isIdentifier(node) && node.text === name && !facts.references.has(node) && !facts.declared.has(name);
}
