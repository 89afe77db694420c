// Copies callees that are not called as they stand: what the call gives can be stored, or its receiver is another.
//
//   Promise.all(list)   →   $.all(list)
//   f.bind(o)           →   $.bind(f)(o)
//   all.call(Promise, list)   →   $.twin(all).call(Promise, list)
//   Object.getPrototypeOf(p)  →   $.twin(Object.getPrototypeOf)(p)
//   super.m(x)          →   $.method($.super($e["~home"], this).m, this)(x)

import ts from "typescript";
import { isCallee, isConstructed, isDeleted, type SuperMember, usage } from "../roles.ts";
import { isCalledByMethod, isChainPart, isCombinator, isPrototypeGetter } from "./5-lower-calls.ts";
import { copy, copyChildren } from "./8-emit-copy.ts";
import type { Emitter } from "./8-emit-emitter.ts";

/** `Promise.all` → `$.all`, where `Promise` is the global; `f.bind`. */
export function copyPropertyAccess(e: Emitter, node: ts.PropertyAccessExpression): void {
  const call = node.parent;
  const isCalled = ts.isCallExpression(call) && call.expression === node && !call.questionDotToken;
  const called = isCalled && !e.unit.ordinary;
  if (called && isCombinator(e.facts, node)) {
    e.glue(`${e.$}.`, node);
    if (e.facts.hands.get(node) === "own") e.glue("withOwnResolvers", node.name);
    else e.out.slice(e.startOf(node.name), node.name.end);
    // A call that awaits in its arguments is printed as `$.call`, which knows `bind` too.
  } else if (called && node.name.text === "bind" && !isChainPart(node) && !call.arguments.some((arg) => e.facts.suspends(arg))) copyBind(e, node);
  else if (called && isCalledByMethod(node) && !isChainPart(node)) copyTwin(e, node);
  else if (isCalled && isPrototypeGetter(e.facts, node)) copyWrapped(e, "twin", node);
  else if (isPrototypeRead(node)) copyWrapped(e, "native", node);
  else copyChildren(e, node);
}

/** `p.__proto__`: for a durable promise that is ours. */
function isPrototypeRead(node: ts.PropertyAccessExpression): boolean {
  return node.name.text === "__proto__" && usage(node) === "read" && !isChainPart(node) && !isCallee(node) && !isDeleted(node);
}

/** `Object.getPrototypeOf` → `$.twin(Object.getPrototypeOf)` */
function copyWrapped(e: Emitter, by: "twin" | "native", node: ts.Expression): void {
  const [open, close] = isConstructed(node) ? ["(", "))"] : ["", ")"];
  e.glue(`${open}${e.$}.${by}(`, node);
  copyChildren(e, node);
  e.glue(close, node);
}

/** `f.bind(o)` → `$.bind(f)(o)`: what it is bound to must be known for storing it. */
function copyBind(e: Emitter, node: ts.PropertyAccessExpression): void {
  e.glue(`${e.$}.`, node);
  e.out.slice(e.startOf(node.name), node.name.end);
  e.glue("(", node);
  copy(e, node.expression);
  e.glue(")", node);
}

/** `all.call(Promise, list)` → `$.twin(all).call(Promise, list)` */
function copyTwin(e: Emitter, node: ts.PropertyAccessExpression): void {
  e.glue(`${e.$}.twin(`, node);
  copy(e, node.expression);
  e.glue(")", node);
  e.out.slice(node.expression.end, node.name.end);
}

/** `super.m(x)`   →   `$.method($.super(…).m, this)(x)` */
export function copySuperCallee(e: Emitter, node: SuperMember): void {
  e.glue(`${e.$}.method(`, node);
  copyChildren(e, node);
  e.glue(`, ${e.self()})`, node);
}
