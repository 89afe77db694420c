// Gives the slots of each point their keys in frames.
//
//   for (const line of lines) total += await price(line)
//   →  at price~m2x1c:   total of before, held while it waits: ~(total)   ·   line   ·   the iterator: ~it1
//
// A key says what a slot means at its point, so that a frame of another build is never read into the wrong slot: of a variable its
// name (`x~1/2` where several of one name are declared around the point, `x~early` where it may not be initialised yet), of an iterator its place in the region chain, of an
// operand that is held what it is the value of, and what it was converted to (`~(name:string)`), of a function that is called later its name (`~(=console.log)`). None of them depends on what else is live, or on what stands elsewhere.

import ts from "typescript";
import { chainHash, inside } from "../chain.ts";
import { CompilerBug } from "../diagnostics/table.ts";
import type { Facts, Scope, Unit } from "../facts.ts";
import { hash } from "../hash.ts";
import { keyAt, type Held, type Machine, type Point, type Slot } from "../ir.ts";
import { treeHash } from "../outline.ts";
import { plainText, skipOuter } from "../roles.ts";
import { inTime, visibleKey } from "./2-scope-cells.ts";
import { isCombinator } from "./5-lower-calls.ts";

export function nameSlots(machine: Machine, facts: Facts): void {
  const repeated = repeatedNames(machine.unit);
  const early = machine.unit.bindings.some((binding) => binding.early && binding.cell);
  for (const point of machine.points) {
    nameElements(point, facts);
    if (repeated.size === 0 && !early && !point.held) continue;
    const keys = new Map<Slot, string>();
    if (repeated.size > 0) nameLocals(point, machine.unit, repeated, facts, keys);
    if (early) nameEarly(point, machine.unit, keys);
    if (point.held) nameHeld(point, keys);
    point.keys = keys;
  }
}

/** The slots that frames stored at the point must hold, in their order: what of the module is called later any code looks up by itself. */
export function slotsAt(point: Point): { readonly key: string; readonly cell: boolean }[] {
  return point.live.list().filter(({ called }) => called === undefined).map((slot) => ({ key: keyAt(point, slot), cell: slot.binding?.cell === true }));
}

/** Of the names alone: whether one is a cell is compared slot by slot. */
export function fingerprint(point: Point): string {
  return hash([chainHash(point.chain), ...slotsAt(point).map(({ key }) => key).sort()].join(" "));
}

function repeatedNames({ bindings }: Unit): Set<string> {
  const once = new Set<string>();
  return new Set(bindings.flatMap(({ name }) => (once.has(name) ? [name] : (once.add(name), []))));
}

function nameLocals({ node, live }: Point, unit: Unit, repeated: ReadonlySet<string>, facts: Facts, keys: Map<Slot, string>): void {
  let from: Scope | undefined;
  for (const slot of live.list()) {
    if (!slot.binding || !repeated.has(slot.binding.name)) continue;
    from ??= scopeAt(node, unit, facts);
    const key = visibleKey(slot.binding, from, unit);
    if (key !== slot.key) keys.set(slot, key);
  }
}

function nameEarly({ node, live }: Point, unit: Unit, keys: Map<Slot, string>): void {
  for (const slot of live.list()) {
    if (slot.binding?.early !== true || !slot.binding.cell) continue;
    const key = keys.get(slot) ?? slot.key;
    const named = inTime(key, slot.binding, node, unit);
    if (named !== key) keys.set(slot, named);
  }
}

function scopeAt(node: ts.Node, unit: Unit, { scopeOf }: Facts): Scope {
  for (let at = node; ; at = at.parent) {
    const scope = scopeOf.get(at);
    if (scope?.unit === unit) return scope;
    if (at === unit.node) throw new CompilerBug("a point outside its function", node);
  }
}

/**
 * `~(price())`: held by what it is the value of. Equal ones are told apart by their whole text, then by their order; how many
 * there are is then part of the chain, since with one fewer the others would change places.
 */
function nameHeld(point: Point, keys: Map<Slot, string>): void {
  const live = liveOnes(point);
  const held = live.filter(({ slot }) => slot.called === undefined);
  nameCalled(live.flatMap(({ slot }) => (slot.called && slot.reference ? [[slot, slot.reference]] : [])), keys);
  const byName = grouped(held, ({ node, role }) => subject(node) + (role && `:${role}`));
  for (const [name, equal] of byName) {
    if (equal.length === 1) keys.set((equal[0] as Held).slot, `~(${name})`);
    else for (const [text, same] of grouped(equal, ({ node }) => `${name}~${treeHash(node)}`)) {
      for (const [i, { slot }] of same.entries()) keys.set(slot, `~(${text}${i > 0 ? `#${i + 1}` : ""})`);
      if (same.length > 1) point.chain = inside(point.chain, `${same.length}×${text}`);
    }
  }
}

/** `~(=console.log)`: by name, and equal ones by their order. */
function nameCalled(references: readonly (readonly [Slot, ts.Expression])[], keys: Map<Slot, string>): void {
  for (const [text, same] of grouped(references, ([, node]) => plainText(node))) {
    for (const [i, [slot]] of same.entries()) keys.set(slot, `~(=${text}${i > 0 ? `#${i + 1}` : ""})`);
  }
}

/**
 * `Promise.all([price(), listen(p)])` gives a list: what stands in which place of it is part of the chain. So it is of lists in what is awaited,
 * `Promise.all([Promise.all([price(), listen(p)]), rate()])`.
 */
function nameElements(point: Point, facts: Facts): void {
  const open: ts.Node[] = point.operand ? [point.operand] : [];
  for (let node = open.pop(); node; node = open.pop()) {
    // What was awaited before, and what a function does, is not of this wait.
    if (ts.isAwaitExpression(node) || ts.isFunctionLike(node) || ts.isClassLike(node)) continue;
    const list = listIn(node, facts);
    if (list) point.chain = inside(point.chain, list.word, null, placesOf(list.elements));
    const parts: ts.Node[] = [];
    ts.forEachChild(node, (child) => void parts.push(child));
    open.push(...parts.reverse());
  }
}

function listIn(node: ts.Node, facts: Facts): { readonly word: string; readonly elements: readonly ts.Expression[] } | undefined {
  if (!ts.isCallExpression(node)) return undefined;
  const callee = skipOuter(node.expression);
  const [list] = node.arguments;
  if (!list || !ts.isPropertyAccessExpression(callee) || !/^all(?:Settled)?$/.test(callee.name.text) || !isCombinator(facts, callee)) return undefined;
  const plain = skipOuter(list);
  return ts.isArrayLiteralExpression(plain) ? { word: callee.name.text, elements: plain.elements } : undefined;
}

function placesOf(elements: readonly ts.Expression[]): string {
  const names = grouped(elements, subject);
  return elements.map((element) => (names.get(subject(element))?.length === 1 ? subject(element) : `${subject(element)}~${treeHash(element)}`)).join(",");
}

/** From the first to the last. */
function liveOnes({ held, live }: Point): Held[] {
  const found: Held[] = [];
  for (let each = held; each; each = each.before) if (live.has(each.slot)) found.push(each);
  return found.reverse();
}

function grouped<T>(list: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of list) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
}

/** What is longer is named by its hash. */
const DEEP = 4;

const LONG = 40;

/** What people call the value of a node: `order.total`, `price()`. Without blanks. */
function subject(node: ts.Node): string {
  const text = named(node, DEEP);
  return text === undefined || text.length > LONG ? treeHash(node) : text;
}

function named(outer: ts.Node, depth: number): string | undefined {
  const node = skipOuter(outer as ts.Expression) as ts.Node;
  if (depth === 0) return undefined;
  if (ts.isIdentifier(node)) return node.text;
  if (node.kind === ts.SyntaxKind.ThisKeyword) return "this";
  // What was awaited is none of the promise.
  if (ts.isAwaitExpression(node)) return join(named(node.expression, depth), ":await");
  if (ts.isPropertyAccessExpression(node)) return join(named(node.expression, depth - 1), `.${node.name.text}`);
  if (ts.isCallExpression(node)) return join(named(node.expression, depth - 1), "()");
  if (ts.isBindingElement(node) && ts.isIdentifier(node.name)) return node.name.text;
  return undefined;
}

function join(base: string | undefined, rest: string): string | undefined {
  return base === undefined ? undefined : base + rest;
}
