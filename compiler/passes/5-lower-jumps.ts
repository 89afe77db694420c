// Lowering of jumps: what return, break and continue pass on their way out, and try.
//
// There is no try stack at run time. Each block stands in a region, each region names its handler, and a jump that leaves
// regions does what they ask for on the way: a loop's iterator is closed, a `finally` runs with a record of where to go on.
//
//   try { return await a() } finally { await b() }
//   →  b0 [finally]: await a() → b1
//      b1 [finally]: c = { to: "return", value }; jump b2
//      b2: await b() → b3
//      b3: resume c: throw it, or go where it says

import ts from "typescript";
import { CompilerBug } from "../diagnostics/table.ts";
import type { Block, BlockId, Destination, Exit, Leaving, Region, Slot } from "../ir.ts";
import { holdsStatements, listKind } from "./2-scope-declare.ts";
import { scopeOf, type Lowering } from "./5-lower.ts";
import { bindName, enterScope } from "./5-lower-bindings.ts";
import { closing } from "./5-lower-loops.ts";
import { statement } from "./5-lower-statements.ts";

/** Where break and continue lead, by the labels that may name it. */
export interface Target {
  readonly kind: "loop" | "switch" | "block";
  readonly labels: readonly string[];
  readonly breakTo: Destination | null;
  readonly continueTo: Destination | null;
}

const RETURN: Destination = { to: null, region: null, name: "return" };

/** Leaves the current block for `destination`, through every region between. A value returned is in the value slot. */
function leave(b: Lowering, destination: Destination, at: ts.Node): void {
  const from = b.region;
  leaveRegions(b, destination, at);
  // What follows a jump is unreachable, but still stands where the jump stood.
  b.region = from;
}

function leaveRegions(b: Lowering, destination: Destination, at: ts.Node): void {
  for (let region = b.region; region !== destination.region; region = region.parent) {
    if (!region) throw new CompilerBug("a jump into a region that does not enclose it", at);
    if (region.kind === "close") {
      b.next(region.parent, at);
      if (region.async) closeAwaited(b, region, destination, at);
      else b.code([`${b.input.prefix}.close(`, region.cursor as Slot, ")"], at);
    } else if (region.leaving) return leaveByEntry(b, region.leaving, region.parent, destination, at);
  }
  if (destination.to === null) b.end({ kind: "return", value: [b.machine.value], at });
  else b.jump(destination.to, at);
}

/** Leaves a `for await`: what its iterator's `return` gives is awaited and must be an object; a value returned is kept. */
function closeAwaited(b: Lowering, region: Region, destination: Destination, at: ts.Node): void {
  const { prefix: $ } = b.input;
  const { value } = b.machine;
  const cursor = region.cursor as Slot;
  const kept = region.kept as Slot;
  const returns = destination.to === null;
  if (returns) b.code([kept, " = { value: ", value, " }"], at, kept);
  const waiting = b.block(region.parent);
  const after = b.block(region.parent);
  b.end({ kind: "branch", test: [`${$}.closing(`, cursor, ")"], then: waiting.id, else: after.id, at });
  b.place(waiting);
  closing(b, region, destination.name, at);
  b.code([`${$}.closed(`, value, ")"], at);
  b.place(after, at);
  if (returns) b.code([value, " = ", kept, ".value"], at, value);
}

function leaveByEntry(b: Lowering, { completion, entry, pending, names }: Leaving, outer: Region | null, destination: Destination, at: ts.Node): void {
  let name = names.get(destination);
  if (name === undefined) {
    name = destination.name;
    if (pending.has(name)) throw new CompilerBug(`two jumps are named "${name}"`, at);
    names.set(destination, name);
    if (isDirect(outer, destination)) pending.set(name, destination.to);
    else {
      const after = b.block(outer);
      pending.set(name, after.id);
      b.deferred.push(() => {
        b.place(after);
        if (destination.to === null) b.code([b.machine.value, " = ", completion, ".value"], at, b.machine.value);
        leave(b, destination, at);
      });
    }
  }
  const value = destination.to === null ? [", value: ", b.machine.value] : [];
  b.code([completion, ` = { to: ${JSON.stringify(name)}`, ...value, " }"], at, completion);
  b.jump(entry.id, at);
}

/** True where a jump from the region has nothing to do on its way. */
function isDirect(from: Region | null, destination: Destination): destination is Destination & { readonly to: BlockId } {
  for (let passed = from; passed !== destination.region; passed = passed.parent) if (passed?.kind !== "catch") return false;
  return destination.to !== null;
}

export function leaveReturn(b: Lowering, at: ts.Node): void {
  leave(b, RETURN, at);
}

/** True where leaving the flow from here has something to do first. */
export function returnsThroughRegions(b: Lowering): boolean {
  for (let region = b.region; region; region = region.parent) if (region.kind !== "catch") return true;
  return false;
}

export function jumpStatement(b: Lowering, node: ts.BreakOrContinueStatement): void {
  leave(b, destinationOf(b, node), node);
}

function destinationOf(b: Lowering, node: ts.BreakOrContinueStatement): Destination {
  const isBreak = ts.isBreakStatement(node);
  const label = node.label?.text;
  const target = b.targets.findLast((t) => {
    if (label !== undefined) return t.labels.includes(label);
    return isBreak ? t.kind !== "block" || t.labels.length === 0 : t.continueTo !== null;
  });
  const destination = isBreak ? target?.breakTo : target?.continueTo;
  if (!destination) throw new CompilerBug(`${node.getText()} leads nowhere`, node);
  return destination;
}

/** A statement that is copied as a whole may still leave: each way out of it that has something to do gets a block for that. */
export function planExits(b: Lowering, whole: ts.Statement): void {
  const blocks = new Map<Destination, Block>();
  const goto = (destination: Destination, at: ts.Node): Exit => {
    if (isDirect(b.region, destination)) {
      b.exit(destination.to, at);
      return { kind: "goto", to: destination.to, value: false };
    }
    let block = blocks.get(destination);
    if (!block) {
      const made = b.block(b.region);
      blocks.set(destination, (block = made));
      b.deferred.push(() => {
        b.place(made);
        leave(b, destination, at);
      });
    }
    b.exit(block.id, at);
    return { kind: "goto", to: block.id, value: destination.to === null };
  };
  const visit = (node: ts.Node, guarded: boolean): void => {
    if (!holdsStatements(node) || ts.isFunctionLike(node) || ts.isClassLike(node)) return;
    if (ts.isReturnStatement(node))
      b.machine.exits.set(node, guarded || returnsThroughRegions(b) ? goto(RETURN, node) : { kind: "done" });
    else if (ts.isBreakOrContinueStatement(node) && leavesStatement(node, whole))
      b.machine.exits.set(node, goto(destinationOf(b, node), node));
    const guards = ts.isTryStatement(node) || ts.isForOfStatement(node) || hasResources(node);
    ts.forEachChild(node, (child) => visit(child, guarded || guards));
  };
  visit(whole, false);
}

function hasResources(node: ts.Node): boolean {
  const isUsing = (list: ts.Node | undefined): boolean => list !== undefined && ts.isVariableDeclarationList(list) && listKind(list) === "using";
  return ts.isBlock(node) ? node.statements.some((s) => ts.isVariableStatement(s) && isUsing(s.declarationList)) : ts.isForStatement(node) && isUsing(node.initializer);
}

function leavesStatement(node: ts.BreakOrContinueStatement, whole: ts.Node): boolean {
  const label = node.label?.text;
  for (let up: ts.Node = node.parent; ; up = up.parent) {
    if (label !== undefined ? ts.isLabeledStatement(up) && up.label.text === label : isJumpTarget(up, node)) return false;
    if (up === whole) return true;
  }
}

function isJumpTarget(node: ts.Node, jump: ts.BreakOrContinueStatement): boolean {
  return ts.isIterationStatement(node, false) || (ts.isBreakStatement(jump) && ts.isSwitchStatement(node));
}

export function tryStatement(b: Lowering, node: ts.TryStatement): void {
  const outer = b.region;
  const after = b.block(outer);
  const last = node.finallyBlock ? leavingRegion(b, outer, "finally") : null;
  const around = last ?? outer;
  const finish = last ? b.block(around) : after;
  const guard = node.catchClause ? catchRegion(b, around) : null;

  b.next(guard ?? around, node.tryBlock);
  b.within("try", null, () => statement(b, node.tryBlock));
  b.jump(finish.id, node.tryBlock);
  if (node.catchClause && guard) catchClause(b, node.catchClause, guard, around, finish.id);
  if (last && node.finallyBlock) finallyBlock(b, node.finallyBlock, last, finish, after);
  b.place(after, node);
}

/** A region with something to do on every way out. */
export function leavingRegion(b: Lowering, parent: Region | null, kind: "finally" | "dispose", resources?: Slot): Region {
  const leaving: Leaving = { completion: b.named("completion"), entry: b.block(parent), handler: b.block(parent), pending: new Map(), names: new Map() };
  const region: Region = { id: b.machine.regions.length + 1, kind, parent, handler: leaving.handler.id, leaving, ...(resources && { resources }) };
  b.machine.regions.push(region);
  return region;
}

export function catchRegion(b: Lowering, parent: Region | null): Region {
  const region: Region = { id: b.machine.regions.length + 1, kind: "catch", parent, handler: -1 as BlockId };
  b.machine.regions.push(region);
  return region;
}

function catchClause(b: Lowering, clause: ts.CatchClause, region: Region, around: Region | null, finish: BlockId): void {
  const handler = b.block(around);
  region.handler = handler.id;
  b.place(handler);
  enterScope(b, scopeOf(b, clause), clause);
  b.within("catch", null, () => {
    if (clause.variableDeclaration) bindName(b, clause.variableDeclaration.name, [b.machine.value], clause.variableDeclaration);
    statement(b, clause.block);
  });
  b.jump(finish, clause.block);
}

function finallyBlock(b: Lowering, body: ts.Block, region: Region, finish: Block, after: Block): void {
  onEveryWayOut(b, region, finish, after, body, () => b.within("finally", "completion", () => statement(b, body)));
}

/** What is done on the way out of `region`: `finish` is where it is left by its end, `after` where that goes on. */
export function onEveryWayOut(b: Lowering, region: Region, finish: Block, after: Block, at: ts.Node, work: () => void): void {
  const { completion, entry, handler, pending } = region.leaving as Leaving;
  b.place(handler);
  b.code([completion, ` = { to: "throw", value: `, b.machine.value, " }"], at, completion);
  b.jump(entry.id, at);
  b.place(finish);
  b.code([completion, " = undefined"], at, completion);
  b.place(entry, at);
  work();
  b.end({ kind: "resume", completion, pending, rethrow: true, next: after.id, at });
}
