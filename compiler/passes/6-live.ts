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
import type { Block, BlockId, Code, Machine, Part, Slot, Template, Terminator } from "../ir.ts";
import { isPattern, usage } from "../roles.ts";
import { SlotOrder, type SlotSet } from "../slot-set.ts";
import { successors } from "./5-lower.ts";

export function live(machine: Machine, facts: Facts): void {
  const reads = new Reads(machine, facts);
  const blocks = new Map(machine.blocks.map((block) => [block.id, summarise(block, reads)]));
  const before = solve(machine, blocks, slotOrder(machine));
  for (const { end } of machine.blocks) if (end?.kind === "await") end.point.live = before.get(end.to) as SlotSet;
}

interface Summary {
  /** Read before any assignment of the block. */
  readonly uses: Set<Slot>;
  readonly defines: Set<Slot>;
}

function summarise(block: Block, reads: Reads): Summary {
  const uses = new Set<Slot>();
  const defines = new Set<Slot>();
  const read = (slot: Slot): void => void (defines.has(slot) || uses.add(slot));
  for (const code of block.code) {
    reads.code(code, read);
    if (code.defines) defines.add(code.defines);
    for (const slot of reads.bound(code)) defines.add(slot);
  }
  if (block.end) reads.terminator(block.end, read);
  return { uses, defines };
}

function solve(machine: Machine, blocks: Map<BlockId, Summary>, order: SlotOrder): Map<BlockId, SlotSet> {
  const before = new Map(machine.blocks.map((block) => [block.id, order.empty()]));
  const byId = new Map(machine.blocks.map((block) => [block.id, block]));
  const predecessors = new Map<BlockId, Block[]>(machine.blocks.map((block) => [block.id, []]));
  for (const block of machine.blocks) for (const next of successors(block)) predecessors.get(next)?.push(block);
  const work = new Set(machine.blocks.toReversed());
  for (const block of work) {
    work.delete(block);
    const { uses, defines } = blocks.get(block.id) as Summary;
    const mine = before.get(block.id) as SlotSet;
    let changed = false;
    for (const slot of uses) if (mine.add(slot)) changed = true;
    const handler = block.region?.handler;
    for (const next of successors(block)) {
      if (mine.addAll(before.get(next) as SlotSet, next === handler ? [] : defines)) changed = true;
    }
    if (changed) for (const previous of predecessors.get(block.id) ?? []) work.add(byId.get(previous.id) as Block);
  }
  return before;
}

/** As frames hold them: `arguments`, the variables as they are declared, the temporaries. */
function slotOrder(machine: Machine): SlotOrder {
  const bound = machine.unit.bindings.flatMap((binding) => machine.slots.get(binding) ?? []);
  return new SlotOrder([...(machine.arguments ? [machine.arguments] : []), ...bound, ...machine.temps]);
}

/** Which slots a piece of code reads. Assigning a cell's content reads the slot that holds the cell. */
class Reads {
  readonly machine: Machine;
  readonly facts: Facts;

  constructor(machine: Machine, facts: Facts) {
    this.machine = machine;
    this.facts = facts;
  }

  code(code: Code, read: (slot: Slot) => void): void {
    const [first, ...rest] = code.template;
    this.template(code.defines !== null && first === code.defines ? rest : code.template, read);
  }

  /** The slots that a pattern of the statement assigns, whatever it is given. */
  bound(code: Code): Slot[] {
    const bindings = code.template.flatMap((part) => {
      if (typeof part !== "object") return [];
      if ("pattern" in part) return this.declared(part.pattern);
      if ("assigned" in part) return this.targets(part.assigned);
      return "getStart" in part ? this.assigned(part) : [];
    });
    return bindings.filter((b) => !b.cell && this.isOwn(b)).map((b) => this.slot(b));
  }

  private declared(name: ts.BindingName): Binding[] {
    if (!ts.isIdentifier(name)) return name.elements.flatMap((element) => (ts.isBindingElement(element) ? this.declared(element.name) : []));
    const binding = this.facts.declarations.get(name);
    return binding ? [binding] : [];
  }

  /** `[x, { y }] = …`, as a statement of its own. */
  private assigned(node: ts.Node): Binding[] {
    // It was done before, with a stop in it, and is printed as the value it gave.
    if (this.machine.holes.has(node)) return [];
    if (ts.isExpressionStatement(node) || ts.isParenthesizedExpression(node)) return this.assigned(node.expression);
    if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.EqualsToken || !isPattern(node.left)) return [];
    return this.targets(node.left);
  }

  private targets(node: ts.Node): Binding[] {
    const reference = ts.isIdentifier(node) ? this.facts.references.get(node) : undefined;
    if (reference) return [reference.binding];
    if (ts.isBinaryExpression(node)) return this.targets(node.left);
    if (ts.isSpreadElement(node) || ts.isSpreadAssignment(node)) return this.targets(node.expression);
    if (ts.isPropertyAssignment(node)) return this.targets(node.initializer);
    if (ts.isShorthandPropertyAssignment(node)) return this.targets(node.name);
    if (ts.isArrayLiteralExpression(node)) return node.elements.flatMap((element) => this.targets(element));
    return ts.isObjectLiteralExpression(node) ? node.properties.flatMap((property) => this.targets(property)) : [];
  }

  terminator(end: Terminator, read: (slot: Slot) => void): void {
    if (end.kind === "branch") this.template(end.test, read);
    else if (end.kind === "await") this.template(end.operand, read);
    else if (end.kind === "return" || end.kind === "throw") this.template(end.value, read);
    else if (end.kind === "resume") read(end.completion);
  }

  private template(template: Template, read: (slot: Slot) => void): void {
    for (const part of template) this.part(part, read);
  }

  private part(part: Part, read: (slot: Slot) => void): void {
    if (typeof part === "string") return;
    if ("pattern" in part) this.pattern(part.pattern, read);
    else if ("evaluated" in part) this.evaluated(part.evaluated, read);
    else if ("assigned" in part) this.target(part.assigned, read);
    else if ("key" in part) read(part);
    else this.node(part, read);
  }

  /** The cell of a variable, the parts of a member. */
  private target(node: ts.Node, read: (slot: Slot) => void): void {
    const binding = ts.isIdentifier(node) ? this.facts.references.get(node)?.binding : undefined;
    if (!binding) this.node(node, read);
    else if (binding.cell) this.binding(binding, read);
  }

  private node(node: ts.Node, read: (slot: Slot) => void): void {
    const hole = this.machine.holes.get(node);
    if (hole) return this.template(hole, read);
    this.evaluated(node, read);
  }

  private evaluated(node: ts.Node, read: (slot: Slot) => void): void {
    const unit = this.facts.unitOf.get(node);
    if (unit) for (const binding of unit.captures.keys()) this.binding(binding, read);
    const args = this.machine.arguments;
    if (args && (isArguments(node, this.facts) || (unit?.arrow && unit.usesArguments))) read(args);
    if (unit?.kind === "machine" || unit?.kind === "code") return this.outerParts(node, read);
    if (ts.isIdentifier(node)) {
      const reference = this.facts.references.get(node);
      if (reference && (!reference.write || reference.binding.cell || isUpdate(node))) this.binding(reference.binding, read);
      return;
    }
    ts.forEachChild(node, (child) => this.node(child, read));
  }

  /** Of a nested function the function around it evaluates a computed name. */
  private outerParts(node: ts.Node, read: (slot: Slot) => void): void {
    if (ts.isFunctionLike(node) && node.name && ts.isComputedPropertyName(node.name)) this.node(node.name, read);
  }

  private binding(binding: Binding, read: (slot: Slot) => void): void {
    if (this.isOwn(binding)) read(this.slot(binding));
  }

  private isOwn(binding: Binding): boolean {
    return binding.hoisted && binding.unit === this.machine.unit;
  }

  private slot(binding: Binding): Slot {
    let slot = this.machine.slots.get(binding);
    if (!slot) this.machine.slots.set(binding, (slot = { kind: "local", name: binding.slot, key: binding.key, binding }));
    return slot;
  }

  /** From left to right: what an earlier part has assigned a later one may read. */
  private pattern(name: ts.BindingName, read: (slot: Slot) => void, assigned = new Set<Slot>()): void {
    const later = (slot: Slot): void => void (assigned.has(slot) || read(slot));
    if (ts.isIdentifier(name)) {
      const binding = this.facts.declarations.get(name);
      if (binding?.cell) this.binding(binding, later);
      else if (binding && this.isOwn(binding)) assigned.add(this.slot(binding));
      return;
    }
    for (const element of name.elements) {
      if (!ts.isBindingElement(element)) continue;
      if (element.propertyName) this.node(element.propertyName, later);
      if (element.initializer) this.node(element.initializer, later);
      this.pattern(element.name, later, assigned);
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
