// The keys that give functions their names.
//
//   { [k]: () => 1 }   →   { [$.nameKey(k)]: $f_k({ "~key": $.lastKey() }) }

import ts from "typescript";
import { isIdentifierText, isOuter, skipOuter } from "../roles.ts";
import { copy } from "./8-emit-copy.ts";
import type { Emitter } from "./8-emit-emitter.ts";

/** A function under a computed key is named after the key, so its factory needs it. */
export function copyNamingKey(e: Emitter, node: ts.ComputedPropertyName): void {
  e.glue(`[${e.$}.nameKey(`, node);
  copy(e, node.expression);
  e.glue(")]", node);
}

export function isKeyedProperty(node: ts.Node): boolean {
  return ts.isPropertyAssignment(node) ? isKeyed(skipOuter(node.initializer)) : isKeyed(node);
}

/** An anonymous function or class, a method or an accessor whose name is computed. */
export function isKeyed(node: ts.Node): boolean {
  if (ts.isMethodDeclaration(node) || ts.isAccessor(node)) return ts.isComputedPropertyName(node.name) && ts.isObjectLiteralExpression(node.parent);
  if (!ts.isArrowFunction(node) && !((ts.isFunctionExpression(node) || ts.isClassExpression(node)) && !node.name)) return false;
  let at: ts.Node = node;
  while (isOuter(at.parent)) at = at.parent;
  return ts.isPropertyAssignment(at.parent) && at.parent.initializer === at && ts.isComputedPropertyName(at.parent.name);
}

/** The key of the member that gives the function or class its name, as text of the machine that makes it. */
export function givenKey(e: Emitter, node: ts.Node): string {
  let at = node;
  while (!isNamed(at)) at = at.parent;
  const key = (at.name as ts.ComputedPropertyName).expression;
  const held = e.machine?.keys.get(key);
  if (held) return held.name;
  return ts.isLiteralExpression(key) ? `${e.$}.key(${key.getText(e.source.file)})` : `${e.$}.lastKey()`;
}

function isNamed(node: ts.Node): node is ts.PropertyAssignment | ts.MethodDeclaration {
  return ts.isPropertyAssignment(node) || ts.isMethodDeclaration(node);
}

export function propertyText(name: string): string {
  return isIdentifierText(name) && name !== "__proto__" ? name : `[${JSON.stringify(name)}]`;
}

export function accessText(name: string): string {
  return isIdentifierText(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}
