// Lowering of loops: where `continue` leads, when bindings are fresh, when an iterator is closed.
//
//   do work(); while (await more())
//   →  b1: work(); jump b2;  b2: await more() → b3;  b3: branch value → b1, b4;  b4:

import ts from "typescript";
import { inside } from "../chain.ts";
import { outlineHash } from "../outline.ts";
import { patternText } from "./2-scope-declare.ts";
import type { Scope } from "../facts.ts";
import type { Block, BlockId, Region, Slot, Template } from "../ir.ts";
import { isPattern, skipOuter } from "../roles.ts";
import { scopeOf, type Lowering } from "./5-lower.ts";
import { bindName, copyCells, declarations, enterScope } from "./5-lower-bindings.ts";
import { holdTarget } from "./5-lower-assignments.ts";
import { isChainPart } from "./5-lower-calls.ts";
import { discard, expression } from "./5-lower-expressions.ts";
import { bindPattern } from "./5-lower-patterns.ts";
import { registered, usingHead, withResources } from "./5-lower-resources.ts";
import { statement } from "./5-lower-statements.ts";

function body(b: Lowering, node: ts.IterationStatement, labels: readonly string[], after: Block, again: Block, within: Region | null): void {
  // The chain is the same where a frame fits: so is the number of the loop in it.
  const loop = `${b.chain?.word} ${b.chain?.loops}`;
  b.targets.push({
    kind: "loop", labels: [...labels],
    breakTo: { to: after.id, region: after.region, name: `break ${loop}` },
    continueTo: { to: again.id, region: within, name: `continue ${loop}` },
  });
  statement(b, node.statement);
  b.targets.pop();
}

//   while (await more()) work()
//   →  b1: await more() → b2;  b2: branch value → b3, b4;  b3: work(); jump b1;  b4:
export function whileStatement(b: Lowering, node: ts.WhileStatement, labels: readonly string[]): void {
  b.within("while", null, () => whileParts(b, node, labels));
}

function whileParts(b: Lowering, node: ts.WhileStatement, labels: readonly string[]): void {
  const { region } = b;
  const test = b.next(region, node);
  const inner = b.block(region);
  const after = b.block(region);
  b.end({ kind: "branch", test: expression(b, node.expression), then: inner.id, else: after.id, at: node.expression });
  b.place(inner);
  body(b, node, labels, after, test, region);
  b.jump(test.id, node);
  b.place(after);
}

export function doStatement(b: Lowering, node: ts.DoStatement, labels: readonly string[]): void {
  b.within("do", null, () => doParts(b, node, labels));
}

/** `continue` leads to the test. */
function doParts(b: Lowering, node: ts.DoStatement, labels: readonly string[]): void {
  const { region } = b;
  const inner = b.next(region, node);
  const test = b.block(region);
  const after = b.block(region);
  body(b, node, labels, after, test, region);
  b.place(test, node);
  b.end({ kind: "branch", test: expression(b, node.expression), then: inner.id, else: after.id, at: node.expression });
  b.place(after);
}

/**
 * ECMA-262 CreatePerIterationEnvironment: the cells of `let` are copied once before the first test and then before each
 * update, so that closures of the head keep the first ones.
 */
export function forStatement(b: Lowering, node: ts.ForStatement, labels: readonly string[]): void {
  const scope = scopeOf(b, node);
  enterScope(b, scope, node);
  withResources(b, usingHead(node.initializer), node, () => forParts(b, node, labels, scope));
}

function forParts(b: Lowering, node: ts.ForStatement, labels: readonly string[], scope: Scope): void {
  if (node.initializer) {
    if (ts.isVariableDeclarationList(node.initializer)) declarations(b, node.initializer);
    else discard(b, node.initializer);
  }
  copyCells(b, scope, node);
  b.within("for", null, () => forRounds(b, node, labels, scope), counters(node));
}

/** `i` of `for (let i = 0, n = xs.length; …)` and of `for (i = 0; …)`: loops that change places are told apart. */
function counters({ initializer: head }: ts.ForStatement): string {
  if (head === undefined) return "";
  if (ts.isVariableDeclarationList(head)) return head.declarations.map(({ name }) => patternText(name)).join(",");
  return ts.isBinaryExpression(head) && ts.isIdentifier(head.left) ? head.left.text : "";
}

function forRounds(b: Lowering, node: ts.ForStatement, labels: readonly string[], scope: Scope): void {
  const { region } = b;
  const test = b.next(region, node);
  const inner = b.block(region);
  const update = b.block(region);
  const after = b.block(region);
  if (node.condition) b.end({ kind: "branch", test: expression(b, node.condition), then: inner.id, else: after.id, at: node.condition });
  else b.jump(inner.id, node);
  b.place(inner);
  body(b, node, labels, after, update, region);
  b.place(update, node);
  copyCells(b, scope, node);
  if (node.incrementor) discard(b, node.incrementor);
  b.jump(test.id, node);
  b.place(after);
}

//   for (const x of xs) await f(x)
//   →  b0: it = iterate(xs)
//      b1: branch advance(it) → b2, b4
//      b2 [close it]: x = it.value; await f(x) → b3
//      b3 [close it]: jump b1
//      handler: abandon(it); throw
// The head's `next` runs outside the region: an iterator that fails is not closed. A for-in has nothing to close.
export function forInOf(b: Lowering, node: ts.ForInOrOfStatement, labels: readonly string[]): void {
  if (ts.isForOfStatement(node) && node.awaitModifier) return forAwait(b, node, labels);
  const outer = b.region;
  const $ = b.input.prefix;
  const cursor = b.named("cursor");
  enterHead(b, node);
  if (ts.isForInStatement(node)) b.code([cursor, ` = ${$}.keys(`, ...expression(b, node.expression), ")"], node.expression, cursor);
  else b.code([cursor, " = ", ...iterateCall(b, node.expression)], node.expression, cursor);
  const head = b.next(outer, node);
  const region = ts.isForOfStatement(node) ? closeRegion(b, outer, cursor) : outer;
  const inner = b.block(region);
  const after = b.block(outer);
  b.end({ kind: "branch", test: [`${$}.advance(`, cursor, ")"], then: inner.id, else: after.id, at: node.initializer });
  b.place(inner);
  b.within(ts.isForInStatement(node) ? "for-in" : "for-of", "cursor", () => round(b, node, labels, cursor, after, head, region), headText(node));
  b.jump(head.id, node);
  if (region && region !== outer) abandon(b, region, cursor, node);
  b.place(after);
}

/** What the values of a loop are given to: its names, or the text of what is assigned; and whether they are keys, values or both. */
function headText({ initializer: head, expression: collection }: ts.ForInOrOfStatement): string {
  const target = ts.isVariableDeclarationList(head) ? head.declarations.map(({ name }) => patternText(name)).join(",") : outlineHash(head);
  const of = skipOuter(collection);
  const method = ts.isCallExpression(of) && ts.isPropertyAccessExpression(of.expression) ? of.expression.name.text : "";
  return /^(?:entries|keys|values)$/.test(method) ? `${target}:${method}` : target;
}

/** The head's own variables are in their dead zone while the collection is evaluated. */
function enterHead(b: Lowering, node: ts.ForInOrOfStatement): void {
  const scope = scopeOf(b, node);
  if ([...scope.names.values()].some((binding) => binding.early)) enterScope(b, scope, node);
}

function round(b: Lowering, node: ts.ForInOrOfStatement, labels: readonly string[], cursor: Slot, after: Block, head: Block, region: Region | null): void {
  enterScope(b, scopeOf(b, node), node);
  withResources(b, usingHead(node.initializer), node, () => {
    bindHead(b, node.initializer, [cursor, ".value"]);
    body(b, node, labels, after, head, region);
  });
}

//   for await (const x of xs) f(x)
//   →  b0: it = iterateAsync(xs)
//      b1: await stepAsync(it) → b2
//      b2: branch more(it, value) → b3, b4
//      b3 [close it]: x = it.value; f(x); jump b1
//      handler: c = the exception; branch quitting(it) → await it.result, whatever comes of it; throw c
function forAwait(b: Lowering, node: ts.ForOfStatement, labels: readonly string[]): void {
  const outer = b.region;
  const $ = b.input.prefix;
  const cursor = b.named("cursor");
  enterHead(b, node);
  b.code([cursor, ` = ${$}.iterateAsync(`, ...expression(b, node.expression), ")"], node.expression, cursor);
  const head = b.next(outer, node);
  b.within("for-await", "cursor", () => b.await([`${$}.stepAsync(`, cursor, ")"], node, null, "await", "for-await"), headText(node));
  const region: Region = { ...closeRegion(b, outer, cursor), async: true, kept: b.named("completion"), around: b.chain };
  b.machine.regions[region.id - 1] = region;
  const inner = b.block(region);
  const after = b.block(outer);
  b.end({ kind: "branch", test: [`${$}.more(`, cursor, ", ", b.machine.value, ")"], then: inner.id, else: after.id, at: node.initializer });
  b.place(inner);
  b.within("for-await", "cursor", () => round(b, node, labels, cursor, after, head, region), headText(node));
  b.jump(head.id, node);
  quit(b, region, node);
  b.place(after);
}

/** Leaves a `for await` by an exception: the iterator's `return` is awaited, and what it throws is lost. */
function quit(b: Lowering, region: Region, at: ts.Node): void {
  const cursor = region.cursor as Slot;
  const exception = region.kept as Slot;
  const handler = b.block(region.parent);
  const guard: Region = { id: b.machine.regions.length + 1, kind: "catch", parent: region.parent, handler: -1 as BlockId };
  b.machine.regions.push(guard);
  const waiting = b.block(guard);
  const rethrow = b.block(region.parent);
  region.handler = handler.id;
  guard.handler = rethrow.id;
  b.place(handler);
  b.code([exception, " = { value: ", b.machine.value, " }"], at, exception);
  b.end({ kind: "branch", test: [`${b.input.prefix}.quitting(`, cursor, ")"], then: waiting.id, else: rethrow.id, at });
  b.place(waiting);
  closing(b, region, "throw", at);
  b.place(rethrow, at);
  b.end({ kind: "throw", value: [exception, ".value"], at });
}

/** Awaits the end of a `for await`'s iterator, which was told to end; `jump`: by what the loop is left. */
export function closing(b: Lowering, region: Region, jump: string, at: ts.Node): void {
  const { chain } = b;
  b.chain = inside(region.around ?? null, "closing", "completion");
  b.await([region.cursor as Slot, ".result"], at, null, "await", `close-${jump.replaceAll(" ", "-")}`);
  b.chain = chain;
}

/** `xs.entries()` and its kind give iterators that cannot be stored; the cursor walks the collection itself. */
export function iterateCall(b: Lowering, node: ts.Expression): Template {
  const iterate = `${b.input.prefix}.iterate(`;
  const plain = skipOuter(node);
  if (!ts.isCallExpression(plain) || plain.arguments.length > 0 || !ts.isPropertyAccessExpression(plain.expression) || isChainPart(plain))
    return [iterate, ...expression(b, node), ")"];
  const { name, expression: collection } = plain.expression;
  if (!/^(entries|keys|values)$/.test(name.text) || collection.kind === ts.SyntaxKind.SuperKeyword) return [iterate, ...expression(b, node), ")"];
  return [iterate, ...expression(b, collection), `, "${name.text}")`];
}

function bindHead(b: Lowering, head: ts.ForInitializer, value: Template): void {
  if (!ts.isVariableDeclarationList(head)) return assignHead(b, head, value);
  const name = head.declarations[0]?.name as ts.BindingName;
  bindName(b, name, usingHead(head).length > 0 ? registered(b, head, value) : value, name);
}

function assignHead(b: Lowering, head: ts.Expression, value: Template): void {
  if (b.suspends(head)) {
    const slot = b.temp(head);
    b.code([slot, " = ", ...value], head, slot);
    if (!isPattern(head)) holdTarget(b, head, false);
    return bindPattern(b, head, slot);
  }
  const open = ts.isObjectLiteralExpression(head) ? "(" : "";
  b.code([open, head, " = ", ...value, open && ")"], head);
}

export function closeRegion(b: Lowering, parent: Region | null, cursor: Slot): Region {
  const region: Region = { id: b.machine.regions.length + 1, kind: "close", parent, handler: -1 as BlockId, cursor };
  b.machine.regions.push(region);
  return region;
}

/** The handler of a close region: the exception goes on, whatever the iterator's `return` says to it. */
export function abandon(b: Lowering, region: Region, cursor: Slot, at: ts.Node): void {
  const handler = b.block(region.parent);
  region.handler = handler.id;
  b.place(handler);
  b.code([`${b.input.prefix}.abandon(`, cursor, ")"], at);
  b.end({ kind: "throw", value: [b.machine.value], at });
}
