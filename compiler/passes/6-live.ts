// 6. Live.
//
// Takes   the blocks of a machine.
// Gives   for each resume point the slots that may be read after it: what a frame stored there holds.
// Keeps   what an exception may need: a slot that a handler reads is live throughout the region it handles.
//
//   const a = f(); const b = g(a); await stop(); return b
//   →  the point keeps b; a is dead
//
// Backward, may. A missed edge would be a silent `undefined` after a resume, so every statement of a region is taken to throw.

import ts from "typescript";
import type { Binding, Facts } from "../facts.ts";
import { slotOf, type Block, type BlockId, type Code, type Machine, type Part, type Slot, type Template, type Terminator } from "../ir.ts";
import { isPattern, isTypeOnly, usage } from "../roles.ts";
import { noSlots, SlotOrder, type SlotSet } from "../slot-set.ts";
import { terminatorTargets } from "./5-lower.ts";

export function live(machine: Machine, facts: Facts): void {
  const order = slotOrder(machine);
  const [assigned, ...before] = order.empty(machine.blocks.length + 1) as [SlotSet, ...SlotSet[]];
  const ranges = new Reads(machine, facts).ranges(before);
  solve(machine, ranges, assigned);
  for (const { end } of machine.blocks) if (end?.kind === "await") end.point.live = (ranges[end.to] as Range).before;
}

/** What a block has to do with the slots. */
interface Range {
  /** Live before it: at first what it reads before it assigns it. */
  readonly before: SlotSet;
  /** The slots that it assigns, in that order. */
  readonly defines: readonly Slot[];
  /** How many of them it has assigned when an exit leaves it. */
  readonly atExits: readonly number[];
}

/** Adds to what is live before each block what is live behind it, from the last block to the first and again until nothing changes. */
function solve({ blocks }: Machine, ranges: readonly Range[], assigned: SlotSet): void {
  const ends = blocks.map((block) => terminatorTargets(block.end));
  for (let changed = true; changed; ) {
    changed = false;
    for (let i = blocks.length - 1; i >= 0; i--) {
      if (behind(blocks[i] as Block, ends[i] as readonly BlockId[], ranges, assigned)) changed = true;
    }
  }
}

/** One block of it; `assigned` is empty before it and after it. */
function behind({ id, region, exits }: Block, ends: readonly BlockId[], ranges: readonly Range[], assigned: SlotSet): boolean {
  const { before, defines, atExits } = ranges[id] as Range;
  let changed = region !== null && before.addAll((ranges[region.handler] as Range).before, null);
  let passed = 0;
  for (let i = 0; i < exits.length; i++) {
    while (passed < (atExits[i] as number)) assigned.add(defines[passed++] as Slot);
    if (before.addAll((ranges[exits[i] as BlockId] as Range).before, assigned)) changed = true;
  }
  while (passed < defines.length) assigned.add(defines[passed++] as Slot);
  for (const to of ends) if (before.addAll((ranges[to] as Range).before, assigned)) changed = true;
  for (const slot of defines) assigned.delete(slot);
  return changed;
}

/** As frames hold them: `arguments`, the variables as they are declared, the temporaries. A function that never names itself has no slot. */
function slotOrder(machine: Machine): SlotOrder {
  const held = machine.unit.bindings.filter((binding) => binding.hoisted && (binding.kind !== "self" || machine.slots.has(binding)));
  return new SlotOrder([...(machine.arguments ? [machine.arguments] : []), ...held.map((binding) => slotOf(machine, binding)), ...machine.temps]);
}

/** Finds which slots the code reads and assigns. Assigning a cell's content reads the slot that holds the cell. */
class Reads {
  private readonly machine: Machine;
  private readonly facts: Facts;
  /** What the block that is looked at reads before it assigns it, and what it has assigned so far. */
  private before = noSlots;
  private readonly defined = new Set<Slot>();
  /** What the pattern that is looked at has assigned so far. */
  private readonly passed = new Set<Slot>();
  private readonly child = (node: ts.Node): void => this.node(node);

  constructor(machine: Machine, facts: Facts) {
    this.machine = machine;
    this.facts = facts;
  }

  /** By the ids of the blocks, each with one of the empty sets. */
  ranges(empty: readonly SlotSet[]): Range[] {
    const found: Range[] = [];
    for (const [place, block] of this.machine.blocks.entries()) {
      this.before = empty[place] as SlotSet;
      this.defined.clear();
      const atExits: number[] = [];
      for (const [n, code] of block.code.entries()) {
        while (block.exitsAfter[atExits.length] === n) atExits.push(this.defined.size);
        this.code(code);
      }
      while (atExits.length < block.exits.length) atExits.push(this.defined.size);
      if (block.end) this.terminator(block.end);
      found[block.id] = { before: this.before, defines: [...this.defined], atExits };
    }
    return found;
  }

  private read(slot: Slot): void {
    if (!this.passed.has(slot) && !this.defined.has(slot)) this.before.add(slot);
  }

  private code({ template, defines }: Code): void {
    const assigned = defines !== null && template[0] === defines;
    for (let i = assigned ? 1 : 0; i < template.length; i++) this.part(template[i] as Part);
    if (defines) this.defined.add(defines);
    for (const part of template) if (typeof part === "object") this.bound(part);
  }

  /** The slots that a pattern of the statement assigns, whatever it is given. */
  private bound(part: Exclude<Part, string>): void {
    if ("pattern" in part) this.declared(part.pattern);
    else if ("assigned" in part) this.assignTo(part.assigned);
    else if ("getStart" in part) this.assigned(part);
  }

  private define(binding: Binding | undefined): void {
    if (binding && !binding.cell && this.isOwn(binding)) this.defined.add(slotOf(this.machine, binding));
  }

  private declared(name: ts.BindingName): void {
    if (ts.isIdentifier(name)) this.define(this.facts.declarations.get(name));
    else for (const element of name.elements) if (ts.isBindingElement(element)) this.declared(element.name);
  }

  /** `[x, { y }] = …`, as a statement of its own. */
  private assigned(node: ts.Node): void {
    // It was done before, with a stop in it, and is printed as the value it gave.
    if (this.machine.holes.has(node)) return;
    if (ts.isExpressionStatement(node) || ts.isParenthesizedExpression(node)) return this.assigned(node.expression);
    if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken && isPattern(node.left)) this.assignTo(node.left);
  }

  private assignTo(node: ts.Node): void {
    if (ts.isIdentifier(node)) this.define(this.facts.references.get(node)?.binding);
    else if (ts.isBinaryExpression(node)) this.assignTo(node.left);
    else if (ts.isSpreadElement(node) || ts.isSpreadAssignment(node)) this.assignTo(node.expression);
    else if (ts.isPropertyAssignment(node)) this.assignTo(node.initializer);
    else if (ts.isShorthandPropertyAssignment(node)) this.assignTo(node.name);
    else if (ts.isArrayLiteralExpression(node)) for (const element of node.elements) this.assignTo(element);
    else if (ts.isObjectLiteralExpression(node)) for (const property of node.properties) this.assignTo(property);
  }

  private terminator(end: Terminator): void {
    if (end.kind === "branch") this.template(end.test);
    else if (end.kind === "await") this.template(end.operand);
    else if (end.kind === "return" || end.kind === "throw") this.template(end.value);
    else if (end.kind === "resume") this.read(end.completion);
  }

  private template(template: Template): void {
    for (const part of template) this.part(part);
  }

  private part(part: Part): void {
    if (typeof part === "string") return;
    if ("pattern" in part) {
      this.pattern(part.pattern);
      this.passed.clear();
    } else if ("evaluated" in part) this.evaluated(part.evaluated);
    else if ("assigned" in part) this.target(part.assigned);
    else if ("key" in part) this.read(part);
    else this.node(part);
  }

  /** The cell of a variable, the parts of a member. */
  private target(node: ts.Node): void {
    const binding = ts.isIdentifier(node) ? this.facts.references.get(node)?.binding : undefined;
    if (!binding) this.node(node);
    else if (binding.cell) this.binding(binding);
  }

  private node(node: ts.Node): void {
    const hole = this.machine.holes.get(node);
    if (hole) return this.template(hole);
    this.evaluated(node);
  }

  private evaluated(node: ts.Node): void {
    if (isTypeOnly(node)) return;
    const unit = this.facts.unitOf.get(node);
    if (unit) for (const binding of unit.captures.keys()) this.binding(binding);
    const args = this.machine.arguments;
    if (args && (isArguments(node, this.facts) || (unit?.arrow && unit.usesArguments))) this.read(args);
    if (unit?.kind === "machine" || unit?.kind === "code") return this.outerParts(node);
    if (ts.isIdentifier(node)) {
      const reference = this.facts.references.get(node);
      if (reference && (!reference.write || reference.binding.cell || isUpdate(node))) this.binding(reference.binding);
      return;
    }
    ts.forEachChild(node, this.child);
  }

  /** Of a nested function the function around it evaluates a computed name. */
  private outerParts(node: ts.Node): void {
    if (ts.isFunctionLike(node) && node.name && ts.isComputedPropertyName(node.name)) this.node(node.name);
  }

  private binding(binding: Binding): void {
    if (this.isOwn(binding)) this.read(slotOf(this.machine, binding));
  }

  private isOwn(binding: Binding): boolean {
    return binding.hoisted && binding.unit === this.machine.unit;
  }

  /** From left to right: what an earlier part has assigned a later one may read. */
  private pattern(name: ts.BindingName): void {
    if (ts.isIdentifier(name)) {
      const binding = this.facts.declarations.get(name);
      if (binding?.cell) this.binding(binding);
      else if (binding && this.isOwn(binding)) this.passed.add(slotOf(this.machine, binding));
      return;
    }
    for (const element of name.elements) {
      if (!ts.isBindingElement(element)) continue;
      if (element.propertyName) this.node(element.propertyName);
      if (element.initializer) this.node(element.initializer);
      this.pattern(element.name);
    }
  }
}

function isArguments(node: ts.Node, facts: Facts): boolean {
  return ts.isIdentifier(node) && node.text === "arguments" && !facts.references.has(node);
}

/** `x += 1` and `x++` read before they write; `x = 1` does not. */
function isUpdate(node: ts.Identifier): boolean {
  return usage(node) === "update";
}
