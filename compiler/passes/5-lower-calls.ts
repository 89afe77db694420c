// Lowering of calls that await in their arguments, of optional chains and of tagged templates.
//
// The callee is read before the arguments, its receiver once, and "is not a function" is thrown after them:
//
//   a.b(c, await x)     →   m1 = a.b; await x;      rest: $.call(m1, a, [c, value])
//   a?.b(await x).c     →   t1 = a; branch t1 == null → end;  m = t1.b; …;  end:

import ts from "typescript";
import type { Facts } from "../facts.ts";
import { type Block, type Part, selfText, type Slot, type Template } from "../ir.ts";
import { isSuperMember, skipOuter, type SuperMember } from "../roles.ts";
import type { Lowering } from "./5-lower.ts";
import { isGlobal } from "./2-scope-refer.ts";
import { isStable } from "./4-spill.ts";
import { expression, inOrder } from "./5-lower-expressions.ts";

interface Callee {
  /** The function, evaluated. */
  readonly fn: Template;
  /** The receiver, evaluated; null: undefined. */
  readonly self: Template | null;
}

export function call(b: Lowering, node: ts.CallExpression | ts.NewExpression): Template {
  const args = node.arguments ?? [];
  if (!args.some((arg) => b.suspends(arg))) {
    expression(b, node.expression);
    return [node];
  }
  if (isPlainCallee(b, node.expression)) return inOrder(b, node);
  if (ts.isNewExpression(node)) {
    const constructor = b.holdCalled(node.expression);
    return [`${b.input.prefix}.construct(`, ...constructor, ", [", ...argumentList(b, node), "])"];
  }
  const callee = readCallee(b, node.expression);
  return invoke(b, callee, argumentList(b, node));
}

/** A callee that is the same whenever it is read, and takes no receiver from where it is read. */
function isPlainCallee(b: Lowering, node: ts.Expression): boolean {
  if (node.kind === ts.SyntaxKind.ImportKeyword || node.kind === ts.SyntaxKind.SuperKeyword) return true;
  if (isCombinator(b.facts, node) || isPrototypeGetter(b.facts, node) || isSymbolMaker(b.facts, node) || isPromiseMaker(b.facts, node)) return true;
  return ts.isIdentifier(node) && isStable(node, b.facts, b.input.immutable);
}

/** `Promise.all` and its kind, where `Promise` is the global: printed as the durable ones. */
export function isCombinator(facts: Facts, node: ts.Node): boolean {
  return (
    ts.isPropertyAccessExpression(node) && isGlobal(facts, node.expression, "Promise") &&
    combinators.test(node.name.text)
  );
}

/** The functions of Promise that have a durable twin. */
const combinators = /^(?:all|allSettled|race|any|resolve|reject|try|withResolvers)$/;

/** `Object.getPrototypeOf`, `Reflect.getPrototypeOf` of the globals. */
export function isPrototypeGetter(facts: Facts, node: ts.Node): boolean {
  return ts.isPropertyAccessExpression(node) && node.name.text === "getPrototypeOf" && (isGlobal(facts, node.expression, "Object") || isGlobal(facts, node.expression, "Reflect"));
}

/** `all.call(Promise, list)`, `Promise.all.apply(Promise, [list])`: `all` may be that of Promise. */
export function isCalledByMethod({ name, expression }: ts.PropertyAccessExpression): boolean {
  if (name.text !== "call" && name.text !== "apply") return false;
  const called = ts.isPropertyAccessExpression(expression) ? expression.name : expression;
  return ts.isIdentifier(called) && combinators.test(called.text);
}

/** The `Symbol` of `Symbol("key")`: printed as the one whose symbols frames can hold. */
export function isSymbolMaker(facts: Facts, node: ts.Node): boolean {
  return isGlobal(facts, node, "Symbol") && ts.isCallExpression(node.parent) && node.parent.expression === node;
}

/** The `Promise` of `new Promise(…)`: printed as the durable one. */
export function isPromiseMaker(facts: Facts, node: ts.Node): boolean {
  return isGlobal(facts, node, "Promise") && ts.isNewExpression(node.parent) && node.parent.expression === node;
}

function argumentList(b: Lowering, node: ts.CallExpression | ts.NewExpression): Template {
  inOrder(b, node);
  return (node.arguments ?? []).flatMap((arg, i): Part[] => (i > 0 ? [", ", arg] : [arg]));
}

function invoke(b: Lowering, { fn, self }: Callee, args: Template): Template {
  return [`${b.input.prefix}.call(`, ...fn, ", ", ...(self ?? ["undefined"]), ", [", ...args, "])"];
}

function readCallee(b: Lowering, node: ts.Expression): Callee {
  const target = skipOuter(node);
  if (isChainPart(target)) return closedChain(b, target);
  if (isSuperMember(target)) return superCallee(b, target);
  if (ts.isPropertyAccessExpression(target) || ts.isElementAccessExpression(target)) {
    const self = b.holdCalled(target.expression);
    if (ts.isElementAccessExpression(target)) expression(b, target.argumentExpression);
    // Its parts are lowered: lowering the whole would await them again.
    return { fn: b.holdCalled(target, [target]), self };
  }
  return { fn: b.holdCalled(node), self: null };
}

/** `super.m` is read on what is above the literal, and called with the method's own `this`. */
function superCallee(b: Lowering, target: SuperMember): Callee {
  if (ts.isElementAccessExpression(target)) expression(b, target.argumentExpression);
  const member: Template = ts.isPropertyAccessExpression(target) ? [".", target.name] : ["[", target.argumentExpression, "]"];
  const fn = b.temp(target);
  b.code([fn, " = ", target.expression, ...member], target, fn);
  return { fn: [fn], self: [selfText(b.machine.unit, b.input.prefix)] };
}

export function taggedTemplate(b: Lowering, node: ts.TaggedTemplateExpression): Template {
  const { template } = node;
  if (!ts.isTemplateExpression(template) || !b.suspends(template)) {
    expression(b, node.tag);
    return [node];
  }
  const callee = readCallee(b, node.tag);
  inOrder(b, node);
  const substitutions = template.templateSpans.flatMap((span): Part[] => [", (", span.expression, ")"]);
  // The head stands for the strings of the site.
  return invoke(b, callee, [template.head, ...substitutions]);
}

export function isChainPart(node: ts.Expression): boolean {
  return (node.flags & ts.NodeFlags.OptionalChain) !== 0;
}

/** One exit for the whole chain: the rest of it, arguments too, is skipped where a `?.` finds nothing. */
export function optionalChain(b: Lowering, node: ts.Expression): Template {
  if (!linksSuspend(b, node)) {
    expression(b, chainBase(node));
    return [node];
  }
  const result = b.temp(node);
  followChain(b, node, ({ fn }) => b.code([result, " = ", ...fn], node, result), () => b.code([result, " = undefined"], node, result));
  return [result];
}

/** `delete a?.b[await c]` is true where the chain finds nothing. */
export function optionalDelete(b: Lowering, node: ts.DeleteExpression, chain: ts.Expression): Template {
  if (!linksSuspend(b, chain)) {
    expression(b, chainBase(chain));
    return [node];
  }
  const result = b.temp(chain);
  followChain(b, chain, ({ fn }) => b.code([result, " = delete ", ...fn], node, result), () => b.code([result, " = true"], node, result));
  return [result];
}

/** Parentheses end a chain, and what they hold keeps its receiver: `(a?.b)(await c)`. */
function closedChain(b: Lowering, node: ts.Expression): Callee {
  const fn = b.temp(node);
  const self = b.temp(node, "this");
  const both = (value: Template, receiver: Template): void => {
    b.code([self, " = ", ...receiver], node, self);
    b.code([fn, " = ", ...value], node, fn);
  };
  followChain(b, node, (found) => both(found.fn, found.self ?? ["undefined"]), () => both(["undefined"], ["undefined"]));
  return { fn: [fn], self: [self] };
}

function followChain(b: Lowering, node: ts.Expression, found: (end: Callee) => void, missing: () => void): void {
  const nothing = b.block(b.region);
  const after = b.block(b.region);
  found(link(b, node, nothing));
  b.jump(after.id, node);
  b.place(nothing);
  missing();
  b.place(after, node);
}

function linksSuspend(b: Lowering, node: ts.Expression): boolean {
  if (!isChainPart(node)) return false;
  if (ts.isCallExpression(node) && node.arguments.some((arg) => b.suspends(arg))) return true;
  if (ts.isElementAccessExpression(node) && b.suspends(node.argumentExpression)) return true;
  return linksSuspend(b, (node as ts.PropertyAccessExpression).expression);
}

function chainBase(node: ts.Expression): ts.Expression {
  return isChainPart(node) ? chainBase((node as ts.PropertyAccessExpression).expression) : node;
}

function link(b: Lowering, node: ts.Expression, nothing: Block): Callee {
  if (!isChainPart(node)) return baseLink(b, node);
  if (ts.isNonNullExpression(node)) return link(b, node.expression, nothing);
  const chain = node as ts.PropertyAccessChain | ts.ElementAccessChain | ts.CallChain;
  const { fn, self } = link(b, chain.expression, nothing);
  const base = stored(b, fn, chain.expression);
  if (chain.questionDotToken) skipIfNothing(b, base, nothing, chain);
  if (ts.isCallExpression(chain)) return { fn: invoke(b, { fn: [base], self }, argumentList(b, chain)), self: null };
  if (ts.isPropertyAccessExpression(chain)) return { fn: [base, ".", chain.name], self: [base] };
  expression(b, chain.argumentExpression);
  return { fn: [base, "[", chain.argumentExpression, "]"], self: [base] };
}

function baseLink(b: Lowering, node: ts.Expression): Callee {
  const target = skipOuter(node);
  if (!ts.isPropertyAccessExpression(target) && !ts.isElementAccessExpression(target)) return { fn: expression(b, node), self: null };
  if (isChainPart(target)) return closedChain(b, target);
  if (isSuperMember(target)) return superCallee(b, target);
  const self = b.hold(target.expression);
  if (ts.isElementAccessExpression(target)) expression(b, target.argumentExpression);
  return { fn: [target], self };
}

function stored(b: Lowering, value: Template, at: ts.Node): Slot {
  const [first] = value;
  if (value.length === 1 && typeof first === "object" && "key" in first) return first;
  const slot = b.temp(at);
  b.code([slot, " = ", ...value], at, slot);
  return slot;
}

function skipIfNothing(b: Lowering, value: Slot, nothing: Block, at: ts.Node): void {
  const more = b.block(b.region);
  b.end({ kind: "branch", test: [value, " === null || ", value, " === undefined"], then: nothing.id, else: more.id, at });
  b.place(more);
}
