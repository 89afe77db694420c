// 5. Lower.
//
// Takes   a unit that is a machine, with its facts and its spills.
// Gives   basic blocks with regions: every await ends a block, structured control flow is jumps (ir.ts).
// Keeps   the order of evaluation, and everything without an await as the syntax it is.
//
//   for (const line of lines) total += await price(line);
//   →  b0: it = iterate(lines)
//      b1: branch advance(it) → b2, b4
//      b2 [close]: line = it.value; t1 = total; await price(line) → b3
//      b3 [close]: total = t1 + value; jump b1
//
// Runs after 4-spill, which says what to keep before each await.

import ts from "typescript";
import { inside, type Chain, type Kept } from "../chain.ts";
import { CompilerBug } from "../diagnostics/table.ts";
import type { Binding, Facts, Scope, Unit } from "../facts.ts";
import { blocksById, slotOf, type Block, type BlockId, type Code, type Held, type Machine, type Point, type PointKind, type Region, type Slot, type Template, type Terminator } from "../ir.ts";
import { isOuter } from "../roles.ts";
import { noSlots } from "../slot-set.ts";
import type { Suspends } from "../suspends.ts";
import { isStable, type Spills } from "./4-spill.ts";
import { enterFunction } from "./5-lower-bindings.ts";
import { expression } from "./5-lower-expressions.ts";
import type { Target } from "./5-lower-jumps.ts";
import { usingLists, withResources } from "./5-lower-resources.ts";
import { statements } from "./5-lower-statements.ts";

interface LowerInput {
  readonly facts: Facts & { suspends: Suspends };
  readonly spills: Spills;
  readonly immutable: ReadonlySet<string>;
  /** "$": the runtime's name in the output, and what every generated name begins with. */
  readonly prefix: string;
}

export function lower(unit: Unit, input: LowerInput): Machine {
  const b = new Lowering(unit, input);
  const fn = unit.node as ts.FunctionLikeDeclaration;
  const body = fn.body;
  if (!body) throw new CompilerBug("a flow without a body", fn);
  b.place(b.block(null));
  enterFunction(b, fn);
  if (ts.isBlock(body)) {
    withResources(b, usingLists(body.statements), body, () => statements(b, body));
    b.end({ kind: "return", value: [], at: body });
  } else b.end({ kind: "return", value: expression(b, body), at: body });
  for (let next = b.deferred.shift(); next; next = b.deferred.shift()) next();
  b.prune();
  return b.machine;
}

/** The machine being built: the current block, where jumps lead, which temporaries are in use. */
export class Lowering {
  readonly machine: Machine;
  readonly input: LowerInput;
  current: Block | null = null;
  region: Region | null = null;
  /** What is around the current place. A generator is a link of it: its frames are none of a function that awaits, nor of another kind of generator. */
  chain: Chain;
  readonly targets: Target[] = [];
  /** Labels that stand directly before the statement being lowered. */
  labels: string[] = [];
  /** Blocks out of line: they are placed when the body is through. */
  readonly deferred: (() => void)[] = [];
  private blocks = 0;
  private used = 0;
  private held: Held | null = null;
  private readonly pool: Slot[] = [];
  private readonly counters = { cursor: 0, completion: 0, resources: 0, reference: 0 };

  constructor(unit: Unit, input: LowerInput) {
    this.input = input;
    this.chain = unit.generator ? inside(null, unit.async ? "async-generator" : "generator") : null;
    const value: Slot = { kind: "value", name: `${input.prefix}v`, key: "~v" };
    const args: Slot | null = unit.usesArguments && !unit.arrow ? { kind: "local", name: `${input.prefix}args`, key: "~args" } : null;
    this.machine = { unit, blocks: [], regions: [], points: [], slots: new Map(), temps: [], holes: new Map(), keys: new Map(), exits: new Map(), value, arguments: args };
  }

  get facts(): Facts & { suspends: Suspends } {
    return this.input.facts;
  }

  suspends(node: ts.Node): boolean {
    return this.input.facts.suspends(node);
  }

  /** A block of `region`, not yet in the order of the output. */
  block(region: Region | null): Block {
    return { id: this.blocks++ as BlockId, region, code: [], exits: [], exitsAfter: [], end: null };
  }

  /** Goes on in `block`, falling into it from the current one where that is still open. */
  place(block: Block, at?: ts.Node): void {
    if (this.current && !this.current.end && this.current !== block) {
      if (!at) throw new CompilerBug(`b${this.current.id} is left open`);
      this.current.end = { kind: "jump", to: block.id, at };
    }
    this.machine.blocks.push(block);
    this.current = block;
    this.region = block.region;
  }

  /** Makes a block, goes on in it and gives it back. */
  next(region: Region | null, at: ts.Node): Block {
    const block = this.block(region);
    this.place(block, at);
    return block;
  }

  exit(to: BlockId, at: ts.Node): void {
    const { code, exits, exitsAfter } = this.open(at);
    exits.push(to);
    exitsAfter.push(code.length);
  }

  code(template: Template, at: ts.Node, defines: Slot | null = null, whole = false): void {
    const code: Code = { template, defines, at, whole };
    this.open(at).code.push(code);
  }

  end(terminator: Terminator): void {
    this.open(terminator.at).end = terminator;
  }

  jump(to: BlockId, at: ts.Node): void {
    this.end({ kind: "jump", to, at });
  }

  /** Code after a return or a jump is kept in a block that nothing leads to; `prune` drops it. */
  private open(at: ts.Node): Block {
    if (!this.current) throw new CompilerBug("no current block", at);
    if (this.current.end) this.place(this.block(this.region));
    return this.current;
  }

  /** Ends the block at a resume point; what follows finds the settled value, or the one sent, in `value`. */
  await(operand: Template, at: ts.Node, expr: ts.Expression | null, kind: PointKind = "await", what: string = kind): void {
    const { region, held } = this;
    const chain = kind === "yield" || kind === "delegate" ? inside(this.chain, kind === "yield" ? "yield" : "yield*") : this.chain;
    const point: Point = { kind, node: at, operand: expr, region, what, held, chain, id: "", live: noSlots, keys: noKeys };
    const resumed = this.block(this.region);
    this.machine.points.push(point);
    this.end({ kind: "await", point, operand, to: resumed.id, at });
    this.place(resumed);
  }

  slot(binding: Binding): Slot {
    return slotOf(this.machine, binding);
  }

  /** Lowers what stands inside a link of the chain. */
  within(word: string, keeps: Kept | null, build: () => void, of = ""): void {
    const around = this.chain;
    this.chain = inside(around, word, keeps, of);
    build();
    this.chain = around;
  }

  /**
   * A temporary that holds what `node` gave; free again when the statement that took it is through. `role`: which of several
   * temporaries for one node.
   */
  temp(node: ts.Node, role = ""): Slot {
    const n = ++this.used;
    let slot = this.pool[n - 1];
    if (!slot) {
      slot = { kind: "temp", name: `${this.input.prefix}t${n}`, key: `~${n}` };
      this.pool.push(slot);
      this.machine.temps.push(slot);
    }
    this.held = { slot, node, role, before: this.held };
    return slot;
  }

  withTemps(build: () => void): void {
    const { used, held } = this;
    build();
    this.used = used;
    this.held = held;
  }

  /** What a link keeps that is made here: numbered along the chain. */
  named(kind: Kept): Slot {
    const short = { cursor: "it", completion: "c", resources: "u" }[kind];
    const slot: Slot = { kind, name: `${this.input.prefix}${short}${++this.counters[kind]}`, key: `~${short}${(this.chain?.[kind] ?? 0) + 1}` };
    this.machine.temps.push(slot);
    return slot;
  }

  /** A temporary for a module's or global function or object: stored as a reference, not as a value. */
  referenceTemp(source: ts.Expression, role = "", called = false): Slot {
    const n = ++this.counters.reference;
    const slot: Slot = { kind: "temp", name: `${this.input.prefix}m${n}`, key: `~m${n}`, reference: source, ...(called ? { called } : {}) };
    this.machine.temps.push(slot);
    this.held = { slot, node: source, role, before: this.held };
    return slot;
  }

  /** Evaluates now what is needed later: a temporary, or the expression itself where later gives the same. */
  hold(node: ts.Expression, wrap?: (value: Template) => Template, role = ""): Template {
    return this.keep(node, expression(this, node), wrap, role);
  }

  /** The same for what is called later, and for what a method of is. */
  holdCalled(node: ts.Expression, value = expression(this, node)): Template {
    return this.keep(node, value, undefined, "", true);
  }

  /** The same for a node that was lowered to `value`. */
  keep(node: ts.Expression, value: Template, wrap?: (value: Template) => Template, role = "", called = false): Template {
    if (!wrap && value.length === 1 && value[0] === node && !this.suspends(node) && isStable(node, this.facts, this.input.immutable)) return value;
    const slot = isFreeChain(node, this) ? this.referenceTemp(node, role, called) : this.temp(node, role);
    const once = value.map((part) => (part === node ? { evaluated: node } : part));
    this.code([slot, " = ", ...(wrap ? wrap(once) : once)], node, slot);
    this.machine.holes.set(node, [slot]);
    return [slot];
  }

  /** Blocks that nothing leads to are no part of the machine; their awaits are no resume points. */
  prune(): void {
    const byId = blocksById(this.machine.blocks);
    const reached = new Set<Block>();
    const work = this.machine.blocks.slice(0, 1);
    for (let block = work.pop(); block; block = work.pop()) {
      if (reached.has(block)) continue;
      reached.add(block);
      for (const id of successors(block)) {
        const next = byId[id];
        if (!next) throw new CompilerBug(`b${block.id} leads to b${id}, which is not placed`);
        work.push(next);
      }
    }
    this.machine.blocks.splice(0, Infinity, ...this.machine.blocks.filter((block) => reached.has(block)));
    const awaits = new Set(this.machine.blocks.flatMap((block) => (block.end?.kind === "await" ? [block.end.point] : [])));
    this.machine.points.splice(0, Infinity, ...this.machine.points.filter((point) => awaits.has(point)));
  }
}

const noKeys: ReadonlyMap<Slot, string> = new Map();

/** `console.log`, `bank.pay`: a chain of properties that begins at a name the flow does not declare. */
function isFreeChain(node: ts.Expression, b: Lowering): boolean {
  if (ts.isPropertyAccessExpression(node)) return !node.questionDotToken && ts.isIdentifier(node.name) && isFreeChain(node.expression, b);
  if (isOuter(node)) return isFreeChain(node.expression, b);
  return ts.isIdentifier(node) && !b.facts.references.has(node) && node.text !== "arguments";
}

/** Every block that control can reach from this one: by its end, by its code's exits, by an exception. */
export function successors({ end, exits, region }: Block): BlockId[] {
  const targets = terminatorTargets(end);
  return region ? targets.concat(exits, region.handler) : targets.concat(exits);
}

export function terminatorTargets(end: Terminator | null): BlockId[] {
  if (!end) return [];
  if (end.kind === "jump" || end.kind === "await") return [end.to];
  if (end.kind === "branch") return [end.then, end.else];
  if (end.kind === "resume") return [end.next, ...end.pending.values()];
  return [];
}

/** The scope that belongs to a node of this machine. */
export function scopeOf(b: Lowering, node: ts.Node): Scope {
  const scope = b.facts.scopeOf.get(node);
  if (!scope) throw new CompilerBug("a node without its scope", node);
  return scope;
}
