// Copies object literals whose parts only the finished object has: accessors, and `super`, which starts from its prototype.
//
// The literal stays, with its order, its keys and what later properties do to earlier ones. An accessor in it is a placeholder
// that gives the function to put in its place; `$.literal` asks those that are still there when the literal is finished, and
// tells methods with `super` which object is theirs.
//
//   { get p() { return total }, m() { return super.m() } }
//   →  $.literal({ get p() { return $f_get_p({ total }); }, m: $f_m({ "~home": undefined }) })

import ts from "typescript";
import type { Unit } from "../facts.ts";
import { accessorKind } from "./7-name.ts";
import { copy, copyChildren } from "./8-emit-copy.ts";
import type { Emitter } from "./8-emit-emitter.ts";
import { creation } from "./8-emit-units.ts";

export function copyLiteral(e: Emitter, node: ts.ObjectLiteralExpression): void {
  const completed = node.properties.some((property) => ts.isAccessor(property) || (ts.isMethodDeclaration(property) && e.facts.unitOf.get(property)?.usesSuper));
  if (!completed) return copyChildren(e, node);
  e.glue(`${e.$}.literal(`, node);
  copyChildren(e, node);
  e.glue(")", node);
}

/** A function under a computed key is named after it, so `$.literal` hands the placeholder its key. */
export function copyAccessor(e: Emitter, unit: Unit, node: ts.AccessorDeclaration): void {
  e.glue(`${accessorKind(node)} `, node);
  copy(e, node.name);
  e.glue(`(${ts.isSetAccessor(node) ? "_" : ""}) { return ${creation(e, unit)}; }`, node);
}

/** What `super` is in a method of a literal; its properties are read and written with the method's `this`. */
export function copySuper(e: Emitter, node: ts.Node): void {
  e.glue(`${e.$}.super(${e.home()}, ${e.self()})`, node);
}

/** `delete super[k]` throws before it converts the key   →   `delete $.super(…)[(k, "")]` */
export function copyDeletedSuper(e: Emitter, node: ts.ElementAccessExpression): void {
  copy(e, node.expression);
  e.glue("[(", node);
  copy(e, node.argumentExpression);
  e.glue(`, "")]`, node);
}
