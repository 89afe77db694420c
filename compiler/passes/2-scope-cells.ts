// Decides where each binding lives: in a native variable, in a local of the machine, or in a cell.
//
// A cell is needed iff a closure captures the binding and the closure could tell a copy from the variable: because it is
// assigned later, or because the closure exists before the variable is initialised. Everything else is captured by value.

import ts from "typescript";
import type { Binding, Facts, Scope, Unit } from "../facts.ts";
import type { Suspends } from "../suspends.ts";

export function settleBindings(facts: Facts & { suspends: Suspends }): void {
  for (const unit of facts.unitOf.values()) {
    if (unit.captures.size > 0) nameCaptures(unit, facts);
    if (unit.ordinary) continue;
    for (const binding of unit.bindings) settle(binding, facts.suspends);
    if (unit.kind === "machine") nameSlots(unit);
  }
  keepDeadZones(facts);
}

/** A native declaration with a cell in it is written as assignments: what else it declares has a dead zone only as a cell. */
function keepDeadZones({ declarations }: Facts): void {
  const native = [...declarations].filter(([, binding]) => binding.early && !binding.cell && !binding.hoisted);
  if (native.length === 0) return;
  const assigned = new Set([...declarations].map(([name, binding]) => (binding.cell ? listOf(name) : undefined)));
  for (const [name, binding] of native) {
    const list = listOf(name);
    if (list !== undefined && assigned.has(list)) binding.cell = true;
  }
}

function listOf(name: ts.Node): ts.Node | undefined {
  return ts.findAncestor(name, (node) => (ts.isFunctionLike(node) ? "quit" : ts.isVariableDeclarationList(node) || ts.isCatchClause(node)));
}

function settle(binding: Binding, suspends: Suspends): void {
  binding.hoisted = binding.unit.kind === "machine" && (binding.kind === "self" || isLowered(binding.scope, suspends));
  if (binding.kind === "self") return;
  binding.early = hasDeadZone(binding) && binding.references.some((r) => isEarly(r, binding));
  binding.cell = binding.captured ? binding.mutated || binding.early || binding.kind === "var" : binding.early && binding.hoisted;
}

/** The scopes whose statements become blocks of the machine: the function's own, and those that an await splits. */
function isLowered(scope: Scope, suspends: Suspends): boolean {
  const { node } = scope;
  if (ts.isFunctionLike(node)) return node === scope.unit.node;
  return suspends(ts.isCaseBlock(node) || ts.isCatchClause(node) ? node.parent : node);
}

function hasDeadZone(binding: Binding): boolean {
  return binding.kind === "let" || binding.kind === "const" || binding.kind === "using" || binding.kind === "class" || binding.kind === "function" || binding.kind === "param"
    || binding.kind === "catch";
}

/** Whether this reference may be evaluated before the binding is initialised. Positions decide; the clauses of a switch have no order. */
export function isEarly(reference: { readonly node: ts.Node; readonly unit: Unit }, binding: Binding): boolean {
  if (ts.isCaseBlock(binding.scope.node) && binding.kind !== "function" && clauseOf(reference.node) !== clauseAt(binding)) return true;
  if (isInHead(binding.scope.node, reference.node)) return true;
  if (reference.unit === binding.unit) return binding.kind !== "function" && (reference.node.pos < binding.initialised || isInOwnValue(reference.node, binding));
  const captor = outermostCaptor(reference.unit, binding.unit);
  const hoisted = ts.isFunctionDeclaration(captor.node);
  if (binding.kind === "function") return hoisted && binding.scope.functions.includes(captor.node as ts.FunctionDeclaration);
  if (hoisted) return captor.node.parent.pos < binding.declared && encloses(captor.node.parent, binding.scope.node);
  return captor.node.pos < binding.declared;
}

/** What a `for…of` walks over is evaluated where its variables exist and are never initialised. */
function isInHead(loop: ts.Node, node: ts.Node): boolean {
  return (ts.isForOfStatement(loop) || ts.isForInStatement(loop)) && loop.expression.pos <= node.pos && node.pos < loop.expression.end;
}

/** `let [a] = [a]`: what a pattern takes apart stands after the pattern and is evaluated before it. */
function isInOwnValue(node: ts.Node, binding: Binding): boolean {
  for (let up = node; up.pos < binding.declared && !ts.isStatement(up) && up !== binding.scope.node; up = up.parent) {
    const { parent } = up;
    if (!ts.isVariableDeclaration(parent) && !ts.isBindingElement(parent) && !ts.isParameter(parent)) continue;
    if (parent.initializer === up && parent.name.pos < binding.initialised) return node.pos < binding.declared;
  }
  return false;
}

/** The unit directly inside the binding's own through which it is captured: its creation is what matters. */
function outermostCaptor(unit: Unit, owner: Unit): Unit {
  let captor = unit;
  while (captor.parent && captor.parent !== owner) captor = captor.parent;
  return captor;
}

/** A hoisted function can only come too early for bindings of its own block or of one around it that is entered with it. */
function encloses(block: ts.Node, scope: ts.Node): boolean {
  return block === scope || block.parent === scope || scope.pos <= block.pos;
}

function clauseOf(node: ts.Node): ts.Node | undefined {
  return ts.findAncestor(node, ts.isCaseOrDefaultClause);
}

function clauseAt(binding: Binding): ts.Node | undefined {
  const { clauses } = binding.scope.node as ts.CaseBlock;
  return clauses.find((c) => c.pos < binding.initialised && binding.initialised <= c.end);
}

/**
 * Names the locals of a machine. They all stand side by side at its top, so one that was declared in an inner block gets
 * another identifier where its own would meet a local or hide a module or global name that the machine uses.
 */
function nameSlots(unit: Unit): void {
  const slot = namer(new Set(unit.free), new Set(unit.bindings.map((binding) => binding.name)));
  for (const binding of unit.bindings) if (binding.hoisted) binding.slot = slot(binding.name);
}

/** Gives names that are not `taken`. A new one is none of `declared` either: a native variable of an inner block would hide it. */
function namer(taken: Set<string>, declared: ReadonlySet<string>): (name: string) => string {
  // Where the last search of a name ended: a thousand of one name must not be a thousand searches from the start.
  const next = new Map<string, number>();
  return (name) => {
    let candidate = name;
    let n = next.get(name) ?? 2;
    for (; taken.has(candidate) || (candidate !== name && declared.has(candidate)); n++) candidate = `${name}$${n}`;
    next.set(name, n);
    taken.add(candidate);
    return candidate;
  };
}

/** The keys of a unit's environment, by the scopes that it stands in. */
function nameCaptures(unit: Unit, { scopeOf }: Facts): void {
  let around = scopeOf.get(unit.node) ?? null;
  while (around?.unit === unit) around = around.parent;
  for (const binding of unit.captures.keys()) unit.captures.set(binding, inTime(visibleKey(binding, around, null), binding, unit.node, unit));
}

/** `x~early` where the variable may still be in its dead zone: code that does not look for that must not be given it. */
export function inTime(key: string, binding: Binding, node: ts.Node, unit: Unit): string {
  return hasDeadZone(binding) && isEarly({ node, unit }, binding) ? `${key}~early` : key;
}

/**
 * The key of a variable as it is seen from a scope: its name, or where several of that name are declared around the scope, the
 * third of four of them from outside, `x~3/4`. So `x~1/2` is never taken for what `x` was before there were two, nor `x` for
 * either of them: a key that only some edits move would give an old frame's value to another variable. `upTo`: the unit whose
 * declarations count; null: all of them.
 */
export function visibleKey({ name, scope: own }: Binding, from: Scope | null, upTo: Unit | null): string {
  let seen = 0;
  let place = 0;
  for (let scope = from; scope && isWithin(scope, upTo); scope = scope.parent) {
    if (!scope.names.has(name)) continue;
    seen++;
    if (scope === own) place = seen;
  }
  if (place === 0) return seen === 0 ? name : `${name}~apart`;
  return seen === 1 ? name : `${name}~${seen - place + 1}/${seen}`;
}

function isWithin({ unit }: Scope, whole: Unit | null): boolean {
  return whole === null || unit === whole;
}

/** Assigning it throws. */
export function isConstant({ kind }: Binding): boolean {
  return kind === "const" || kind === "using" || kind === "self";
}
