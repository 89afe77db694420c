// Emits a machine: its locals, the entry from a frame, the blocks as one `switch`, the table of its regions.
//
//   await price(line)   →       $v = price(line);
//                               $v = $.durable($v) ? $.stop($f, "price~m2x1c", $v, { total, line }) : $.out($f, "price~m2x1c", $v);
//                           case 3:
//                               $v = await $v; $.in($f);
//
// All cases are small numbers without gaps, so that the `switch` is one indirect jump: with the ids of the points as cases it
// compares one by one, and a loop of 3,000,000 turns around an await takes 5.9 times its native time instead of 2.3. Only the entry knows
// which case a point of a frame is.

import ts from "typescript";
import { chainHash } from "../chain.ts";
import { textHash } from "../hash.ts";
import { blocksById, type Block, type BlockId, type Code, keyAt, type Machine, type Part, type Point, type Region, type Slot, type Terminator } from "../ir.ts";
import type { TextBuilder } from "../text.ts";
import { isSequence, keyText } from "../roles.ts";
import { localsText, type LocalsText } from "./8-emit-locals.ts";
import { bindsParametersEarly } from "./5-lower-yields.ts";
import { inferredName } from "./7-name.ts";
import { emitComments, emitCommentsAtEnd, emitCommentsBehind } from "./8-emit-comments.ts";
import { copyTemplate } from "./8-emit-copy.ts";
import type { Emitter } from "./8-emit-emitter.ts";
import { label, returning } from "./8-emit-exits.ts";
import { emitReads } from "./8-emit-reads.ts";
import { unreachable } from "../diagnostics/table.ts";

/** `$.flow({ … }, async ($f) => { … })`, in the place of the flow's function. */
export function emitMachineCall(e: Emitter): TextBuilder {
  return machineText(e, "flow");
}

export function machineText(e: Emitter, make: "flow" | "strand" | "generator" | "asyncGenerator"): TextBuilder {
  const machine = e.machine as Machine;
  const layout = new Layout(machine, e.$);
  e.labels = layout.labels;
  const node = machine.unit.node as ts.FunctionLikeDeclaration;
  const { $ } = e;
  const { generator } = machine.unit;
  e.glue(`${$}.${make}({ ${meta(e, machine, layout)}`, node);
  emitReads(e, machine);
  e.glue(` }, ${generator ? `function* (${$}f)` : `async (${$}f) =>`} {`, node);
  if (machine.unit.captures.size > 0 || machine.unit.usesSuper || (machine.unit.arrow && machine.unit.parent && (machine.unit.usesThis || machine.unit.usesArguments || machine.unit.usesTarget)))
    e.hidden(`\n  const ${machine.unit.env} = ${$}f.env;`);
  e.hidden(`\n  let ${locals(machine, $).join(", ")};`);
  e.hidden(layout.locals.helpers);
  entry(e, machine, layout);
  e.hidden(`\n  ${$}L: for (;;) try { switch (${$}pc) {`);
  for (const [i, block] of machine.blocks.entries()) emitBlock(e, block, machine.blocks[i + 1], layout);
  e.hidden(`\n  } } catch (${$}x) {${generator ? "" : `\n    ${$}.in(${$}f);`}`);
  handlers(e, machine);
  e.glue("\n  }\n})", node);
  return e.out;
}

function meta(e: Emitter, machine: Machine, layout: Layout): string {
  const node = machine.unit.node as ts.FunctionLikeDeclaration;
  const environment = e.environmentSlots();
  const own = node.name && !ts.isComputedPropertyName(node.name) ? keyText(node.name) : undefined;
  const name = own ?? displayName(e, machine);
  const id = e.options.ids.get(machine.unit) as string;
  const retired = retiredPoints(e.options.retired, id);
  const parts = [
    "contract: 2", `id: ${JSON.stringify(id)}`, `name: ${JSON.stringify(name)}`, `length: ${arity(node)}`,
    `file: ${JSON.stringify(e.source.fileName)}`, ...(machine.unit.arrow ? ["arrow: true"] : []),
    // An arrow takes what is `this` around it from its environment.
    ...(machine.unit.usesThis && !machine.unit.arrow ? ["self: true"] : []),
    ...(bindsParametersEarly(machine.unit) ? ["early: true"] : []), ...(environment === "" ? [] : [`env: ${JSON.stringify(environment)}`]),
    ...(e.options.pinned && machine.unit === e.facts.root ? [`pin: ${JSON.stringify(textHash(node.getText(e.source.file)))}`] : []),
    ...(retired.length > 0 ? [`retired: ${JSON.stringify(retired)}`] : []),
    `points: ${pointsText(e, machine, layout)}`,
  ];
  return parts.join(", ");
}

/** `approve listen:old` → `listen:old`, of the function that is called `approve`. */
function retiredPoints(retired: readonly string[], id: string): string[] {
  return retired.filter((key) => key.startsWith(`${id} `)).map((key) => key.slice(id.length + 1));
}

/** `{ "listen:x": [line, column, "total* ~it1", "k3f0a"] }`: where, with what, in which region chain, and which jumps it may go on with. */
function pointsText(e: Emitter, machine: Machine, { locals }: Layout): string {
  const points = machine.points.map((point) => {
    const { line, character } = e.source.file.getLineAndCharacterOfPosition(e.startOf(point.node));
    const parts = [line + 1, character + 1, locals.slots(point), ...chainParts(machine, point)];
    return `${JSON.stringify(point.id)}: [${parts.join(", ")}]`;
  });
  return locals.withSlots(`{ ${points.join(", ")} }`);
}

function chainParts(machine: Machine, point: Point): string[] {
  if (!point.chain) return [];
  const jumps = pendingJumps(machine, point).map(([key, names]) => `${JSON.stringify(key)}: ${JSON.stringify(names)}`);
  return [JSON.stringify(chainHash(point.chain)), ...(jumps.length > 0 ? [`{ ${jumps.join(", ")} }`] : [])];
}

/** Of each completion that lives at the point: the jumps that may be pending in it. */
export function pendingJumps(machine: Machine, point: Point): (readonly [key: string, names: readonly string[]])[] {
  const jumps = jumpsOf(machine);
  return point.live.list().flatMap((slot) => {
    const names = jumps.get(slot);
    return names === undefined ? [] : [[keyAt(point, slot), names] as const];
  });
}

const jumpsByMachine = new WeakMap<Machine, ReadonlyMap<Slot, readonly string[]>>();

/** By the completion, once for a machine: asked region by region, a flow of n statements takes n² steps. */
function jumpsOf(machine: Machine): ReadonlyMap<Slot, readonly string[]> {
  let jumps = jumpsByMachine.get(machine);
  if (jumps === undefined) {
    jumps = new Map(machine.regions.flatMap(({ leaving }) => (leaving && leaving.pending.size > 0 ? [[leaving.completion, [...leaving.pending.keys()]] as const] : [])));
    jumpsByMachine.set(machine, jumps);
  }
  return jumps;
}

function displayName(e: Emitter, machine: Machine): string {
  if (machine.unit === e.facts.root) return e.options.ids.get(machine.unit) ?? "";
  return inferredName(machine.unit.node as ts.Expression) ?? "";
}

/** `Function.length`: the parameters before the first with a default, or the rest. */
function arity(node: ts.FunctionLikeDeclaration): number {
  const parameters = node.parameters.filter((p) => p.name.getText() !== "this");
  const first = parameters.findIndex((p) => p.initializer !== undefined || p.dotDotDotToken !== undefined);
  return first < 0 ? parameters.length : first;
}

function locals(machine: Machine, $: string): string[] {
  const own = machine.unit.bindings.filter((binding) => binding.hoisted && (binding.kind !== "self" || machine.slots.has(binding)));
  const names = [...own.map((binding) => binding.slot), ...machine.temps.map((slot) => slot.name)];
  return [...new Set([...names, `${$}v`]), `${$}pc = 0`, ...(machine.regions.length > 0 ? [`${$}r = 0`] : [])];
}

/** Loads exactly the locals of the point where the frame stopped. */
function entry(e: Emitter, machine: Machine, layout: Layout): void {
  if (machine.points.length === 0) return;
  const { $ } = e;
  e.hidden(`\n  if (${$}f.point !== undefined) {\n    switch (${$}f.point) {`);
  for (const point of machine.points) {
    const load = layout.locals.load(point);
    const region = point.region ? ` ${$}r = ${point.region.id};` : "";
    e.hidden(`\n      case ${JSON.stringify(point.id)}: ${$}pc = ${layout.resumed(point)};${load}${region} break;`);
  }
  e.hidden(`\n      default: return ${$}.unknownPoint(${$}f);\n    }${machine.unit.generator ? "" : `\n    ${$}v = ${$}.again(${$}f);`}\n  }`);
}

/** The cases, in the order in which they stand: of the blocks that are jumped to and of the points. And where the region has to be set. */
class Layout {
  readonly labels = new Map<BlockId, string>();
  readonly locals: LocalsText;
  private readonly points = new Map<Point, string>();
  private readonly blocks: readonly (Block | undefined)[];
  /** Blocks that are entered from another region than their own. */
  private readonly crossed = new Set<BlockId>();

  constructor(machine: Machine, $: string) {
    this.locals = localsText(machine, $);
    this.blocks = blocksById(machine.blocks);
    const targets = new Set<BlockId>(machine.regions.map((region) => region.handler));
    for (const [i, block] of machine.blocks.entries()) {
      const next = machine.blocks[i + 1]?.id;
      for (const to of jumps(block.end)) {
        if (to !== next) targets.add(to);
        this.enter(to, block.region);
      }
      for (const to of block.exits) {
        targets.add(to);
        this.enter(to, block.region);
      }
    }
    for (const region of machine.regions) this.enter(region.handler, region);
    let n = 0;
    for (const block of machine.blocks) {
      if (block === machine.blocks[0] || targets.has(block.id)) this.labels.set(block.id, String(n++));
      if (block.end?.kind === "await") this.points.set(block.end.point, String(n++));
    }
  }

  resumed(point: Point): string {
    return this.points.get(point) as string;
  }

  private enter(to: BlockId, from: Region | null): void {
    if (this.blocks[to]?.region !== from) this.crossed.add(to);
  }

  setsRegion({ id }: Block): boolean {
    return this.crossed.has(id);
  }
}

function jumps(end: Terminator | null): BlockId[] {
  if (!end) return [];
  if (end.kind === "jump") return [end.to];
  if (end.kind === "branch") return [end.then, end.else];
  if (end.kind === "resume") return [end.next, ...end.pending.values()];
  return [];
}

function emitBlock(e: Emitter, block: Block, next: Block | undefined, layout: Layout): void {
  const text = layout.labels.get(block.id);
  const at = (block.code.find(({ template }) => template.length > 0) ?? (block.end as Terminator)).at;
  if (text !== undefined) e.glue(`\n    case ${text}:`, at);
  if (layout.setsRegion(block)) e.glue(`\n      ${e.$}r = ${block.region?.id ?? 0};`, at);
  for (const code of block.code) emitCode(e, code);
  emitEnd(e, block.end as Terminator, next?.id, layout);
}

function emitCode(e: Emitter, code: Code): void {
  if (code.template.length === 0) return emitCommentsAtEnd(e, code.at as ts.Block);
  emitComments(e, code.at, code.whole);
  e.glue("\n      ", code.at);
  copyTemplate(e, code.template, code.at);
  if (code.whole) emitCommentsBehind(e, code.at);
  else e.glue(";", code.at);
}

function emitEnd(e: Emitter, end: Terminator, next: BlockId | undefined, layout: Layout): void {
  emitComments(e, end.at);
  switch (end.kind) {
    case "jump": return emitJump(e, end.to, next, end.at);
    case "branch": return emitBranch(e, end, next);
    case "await": return emitStop(e, end.point, end.operand, layout);
    case "return": return emitReturn(e, end.value, end.at);
    case "throw": return emitThrow(e, end.value, end.at);
    case "resume": return emitResume(e, end, next);
    default: return unreachable(end);
  }
}

function goto(e: Emitter, to: BlockId): string {
  return `${e.$}pc = ${label(e, to)}; continue ${e.$}L;`;
}

function emitJump(e: Emitter, to: BlockId, next: BlockId | undefined, at: ts.Node): void {
  if (to === next) return;
  const text = `\n      ${goto(e, to)}`;
  // The end of a branch or a loop is no statement of its own in the source.
  if (ts.isBreakOrContinueStatement(at)) e.glue(text, at);
  else e.hidden(text);
}

function emitBranch(e: Emitter, end: Extract<Terminator, { kind: "branch" }>, next: BlockId | undefined): void {
  const negate = end.then === next;
  // A clause of a `switch` is no statement; its test maps to itself.
  const glue = (text: string): void => (ts.isCaseClause(end.at.parent) ? e.hidden(text) : e.glue(text, end.at));
  const bare = !negate || isUnary(e, end.test);
  glue(`\n      if (${negate ? "!" : ""}${bare ? "" : "("}`);
  copyTemplate(e, end.test, end.at);
  glue(`${bare ? ")" : "))"} { ${goto(e, negate ? end.else : end.then)} }`);
  if (!negate) emitJump(e, end.else, next, end.at);
}

/** What `!` before it negates as a whole: a local, a call, a member. */
function isUnary(e: Emitter, [first, ...more]: readonly Part[]): boolean {
  if (typeof first === "string") return first.startsWith(`${e.$}.`) && first.endsWith("(") && more.at(-1) === ")" && !more.some((part) => typeof part === "object" && !("key" in part));
  if (more.length > 0 || first === undefined || !("getStart" in first)) return more.length === 0 && first !== undefined && "key" in first;
  return ts.isIdentifier(first) || ts.isCallExpression(first) || ts.isPropertyAccessExpression(first) || ts.isElementAccessExpression(first) || ts.isParenthesizedExpression(first) || ts.isPrefixUnaryExpression(first);
}

function emitStop(e: Emitter, point: Point, operand: readonly Part[], layout: Layout): void {
  const { $ } = e;
  const id = JSON.stringify(point.id);
  const resumed = layout.resumed(point);
  const saved = layout.locals.save(point);
  if (point.kind !== "await") return emitYield(e, point, operand, saved, resumed);
  e.glue(`\n      ${$}v = `, point.node);
  copyTemplate(e, operand, point.node);
  e.glue(`;\n      ${$}v = ${$}.${e.facts.thenables ? "stops" : "durable"}(${$}v) ? ${$}.stop(${$}f, ${id}, ${$}v, ${saved}) : ${$}.out(${$}f, ${id}, ${$}v);`, point.node);
  e.glue(`\n    case ${resumed}:\n      ${$}v = ${e.unit.generator ? `yield ${$}v` : `await ${$}v; ${$}.in(${$}f)`};`, point.node);
}

/** The runtime that drives a generator is told where it stops, and gets the value by the native yield. */
function emitYield(e: Emitter, point: Point, operand: readonly Part[], saved: string, resumed: string): void {
  const { $ } = e;
  const id = JSON.stringify(point.id);
  const hand = point.kind === "delegate" ? "delegate" : "give";
  e.glue(`\n      ${$}v = ${$}.${hand}(${$}f, ${id}, `, point.node);
  copyTemplate(e, operand, point.node);
  e.glue(`, ${saved});\n    case ${resumed}:\n      ${$}v = yield ${$}v;`, point.node);
}

function emitReturn(e: Emitter, value: readonly Part[], at: ts.Node): void {
  const [open, before, close] = returning(e);
  // The end of a function is its last brace.
  if (ts.isBlock(at) && ts.isFunctionLike(at.parent)) return e.out.glue(`\n      ${open}${close}`, at.end - 1);
  e.glue(`\n      ${open}`, at);
  if (value.length > 0) {
    const [only] = value;
    const isOperand = value.length === 1 && typeof only === "object" && !("getStart" in only && isSequence(only));
    e.glue(isOperand ? before : `${before}(`, at);
    copyTemplate(e, value, at);
    if (!isOperand) e.glue(")", at);
  }
  e.glue(close, at);
}

function emitThrow(e: Emitter, value: readonly Part[], at: ts.Node): void {
  e.glue("\n      throw ", at);
  copyTemplate(e, value, at);
  e.glue(";", at);
}

function emitResume(e: Emitter, end: Extract<Terminator, { kind: "resume" }>, next: BlockId | undefined): void {
  const c = end.completion.name;
  e.glue(`\n      if (${c} !== undefined) switch (${c}.to) {\n        case "throw": throw ${c}.value;`, end.at);
  for (const [name, to] of end.pending) e.glue(`\n        case ${JSON.stringify(name)}: ${goto(e, to)}`, end.at);
  e.glue("\n      }", end.at);
  emitJump(e, end.next, next, end.at);
}

/** Static: each region to its handler. What no region takes fails the strand. */
function handlers(e: Emitter, machine: Machine): void {
  const { $ } = e;
  const entered = new Set(machine.blocks.map((block) => block.region));
  const live = machine.regions.filter((region) => entered.has(region));
  const fail = machine.unit.generator ? `throw ${$}x;` : `return ${$}.fail(${$}f, ${$}x);`;
  if (live.length === 0) return e.hidden(` ${fail}`);
  e.hidden(`\n    ${$}v = ${$}x;\n    switch (${$}r) {`);
  for (const region of live) e.hidden(`\n      case ${region.id}: ${$}pc = ${label(e, region.handler)}; continue ${$}L;`);
  e.hidden(`\n      default: ${fail}\n    }`);
}
