// What writes the code of one unit: the output so far, and how the unit refers to what it keeps elsewhere: its variables, `this`,
// `arguments`, the environment of the functions it makes.
//
//   total, in a unit that captured it   →   $e.total

import ts from "typescript";
import { classParts } from "../class-parts.ts";
import { CompilerBug } from "../diagnostics/table.ts";
import type { Binding, Facts, Unit } from "../facts.ts";
import { type BlockId, type Machine, selfText } from "../ir.ts";
import { isFinally } from "../roles.ts";
import type { Suspends } from "../suspends.ts";
import { indentationAt, TextBuilder } from "../text.ts";
import type { Source } from "./1-find.ts";
import { accessText, givenKey, isKeyed, propertyText } from "./8-emit-keys.ts";
import type { NamedTemplates } from "./8-emit-templates.ts";

interface EmitterOptions {
  readonly prefix: string;
  /** The constants that hold the units. */
  readonly names: ReadonlyMap<Unit, string>;
  readonly machines: ReadonlyMap<Unit, Machine>;
  readonly ids: ReadonlyMap<Unit, string>;
  readonly retired: readonly string[];
  /** The flow takes no newer text than the one its runs were begun with. */
  readonly pinned: boolean;
  readonly templates: NamedTemplates;
}

/** Writes the code of one unit; `inUnit` gives the emitter of a nested one. */
export class Emitter {
  readonly facts: Facts & { suspends: Suspends };
  readonly source: Source;
  readonly options: EmitterOptions;
  readonly unit: Unit;
  readonly out: TextBuilder;
  readonly machine: Machine | null;
  private readonly dead = new Set<Binding>();
  private started: ts.Node | null = null;
  private position = 0;
  /** The `case` of a block, for jumps out of copied statements. */
  labels: ReadonlyMap<BlockId, string> = new Map();
  /** Statements whose comments were written, and what stands in them; true for those that are copied as a whole. */
  readonly commented = new Map<ts.Node, boolean>();

  constructor(facts: Facts & { suspends: Suspends }, source: Source, options: EmitterOptions, unit = facts.root, out = new TextBuilder(source.file.text)) {
    this.facts = facts;
    this.source = source;
    this.options = options;
    this.unit = unit;
    this.out = out;
    this.machine = options.machines.get(unit) ?? null;
  }

  inUnit(unit: Unit, out = this.out): Emitter {
    const emitter = new Emitter(this.facts, this.source, this.options, unit, out);
    // An inline unit stays inside the function around it: its other parts are still that machine's.
    if (unit.kind === "inline") emitter.labels = this.labels;
    return emitter;
  }

  get $(): string {
    return this.options.prefix;
  }

  /** Glue that belongs to the start of a node. */
  glue(text: string, at: ts.Node): void {
    // How a `finally` is entered and left is no line of the source.
    this.out.glue(text, isFinally(at) ? -1 : this.startOf(at));
  }

  /** Where the node's first token is. Runs of questions are about one node, and each skips its comments anew. */
  startOf(node: ts.Node): number {
    if (node !== this.started) {
      this.position = node.getStart(this.source.file);
      this.started = node;
    }
    return this.position;
  }

  /** Glue that a debugger steps over: it is executed at other times than what stands around it in the source. */
  hidden(text: string): void {
    this.out.glue(text, -1);
  }

  /** Copies a part of a machine: the lines after its first one are as far from that as they were in the source. */
  indented(start: number, end: number, copied: () => void): void {
    if (!this.needsMargin(start, end)) return copied();
    this.out.margin = { cut: indentationAt(this.out.source, start), indent: MARGIN, fixed: this.source.fixedLines };
    copied();
    this.out.margin = null;
  }

  indentedNode<N extends ts.Node>(node: N, write: (e: Emitter, node: N) => void): void {
    const start = this.startOf(node);
    if (this.needsMargin(start, node.end)) this.indented(start, node.end, () => write(this, node));
    else write(this, node);
  }

  /** What is on one line has no others to indent. */
  private needsMargin(start: number, end: number): boolean {
    return !this.out.margin && this.out.lineAfter(start) < end;
  }

  /** Where `unit` finds the binding: the variable or, for a cell, what holds it. */
  base(binding: Binding): string {
    if (this.dead.has(binding)) return `${this.$}.cell(${this.$}.tdz)`;
    if (binding.unit === this.unit) {
      return binding.hoisted ? binding.slot : binding.name;
    }
    return `${this.unit.env}${accessText(this.unit.captures.get(binding) ?? missing(binding))}`;
  }

  /** Copies what is evaluated while `bindings` are in their dead zone, without a variable to hold their cells. */
  inDeadZone(bindings: readonly Binding[], copied: () => void): void {
    for (const binding of bindings) this.dead.add(binding);
    copied();
    for (const binding of bindings) this.dead.delete(binding);
  }

  /** `{ total, x: $e.x }`: the captured variables of `unit`, as this unit holds them. */
  environment(unit: Unit): string {
    const entries = [...unit.captures].map(([binding, key]) => {
      const base = this.base(binding);
      return base === key ? key : `${propertyText(key)}: ${base}`;
    });
    if (unit.arrow && unit.usesThis) entries.push(`this: ${this.self()}`);
    if (unit.arrow && unit.usesArguments) entries.push(`arguments: ${this.arguments()}`);
    if (unit.arrow && unit.usesTarget) entries.push(`"~target": ${this.target()}`);
    if (unit.usesSuper) entries.push(`"~home": ${unit.arrow ? this.home() : "undefined"}`);
    if (isKeyed(unit.node)) entries.push(`"~key": ${ts.isAccessor(unit.node) ? "arguments[0]" : givenKey(this, unit.node)}`);
    for (const part of classParts(unit.node)) entries.push(`${JSON.stringify(part)}: 0`);
    return entries.length > 0 ? `{ ${entries.join(", ")} }` : "{}";
  }

  /** What the environment of this unit has, as meta data: `total* x`. */
  environmentSlots(): string {
    return environmentOf(this.unit).join(" ");
  }

  self(): string {
    return this.unit.kind === "machine" || this.unit.arrow ? selfText(this.unit, this.$) : "this";
  }

  /** What was constructed; a machine's function never is. */
  target(): string {
    if (this.unit.arrow && this.unit.parent) return `${this.unit.env}["~target"]`;
    return this.unit.kind === "machine" ? "undefined" : "new.target";
  }

  /** The literal whose method this is, or is in. */
  home(): string {
    return `${this.unit.env}["~home"]`;
  }

  arguments(): string {
    if (this.unit.arrow && this.unit.parent) return `${this.unit.env}.arguments`;
    return this.machine?.arguments?.name ?? "arguments";
  }
}

/** The keys of a unit's environment, those of cells with `*`. */
export function environmentOf(unit: Unit): string[] {
  const slots = [...unit.captures].map(([{ cell }, key]) => (cell ? `${key}*` : key));
  if (unit.arrow && unit.usesThis) slots.push("this");
  if (unit.arrow && unit.usesArguments) slots.push("arguments");
  if (unit.arrow && unit.usesTarget) slots.push("~target");
  if (unit.usesSuper) slots.push("~home");
  if (isKeyed(unit.node)) slots.push("~key");
  return [...slots, ...classParts(unit.node)];
}

/** Where the statements of a machine stand. */
const MARGIN = "      ";

function missing(binding: Binding): never {
  throw new CompilerBug(`\`${binding.name}\` is used where it was not captured`);
}
