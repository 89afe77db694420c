// Which functions and classes of a flow become units, and of which kind.
//
//   step("pay", () => pay(x))   →   a unit of ordinary code: a step function
//   async () => { … }           →   a machine

import ts from "typescript";
import type { Facts, Scope, Unit, UnitNode } from "../facts.ts";
import { isOuter } from "../roles.ts";
import type { Source } from "./1-find.ts";
import { findBinding } from "./2-scope-declare.ts";

export function makeUnit(facts: Pick<Facts, "unitOf">, prefix: string, node: UnitNode, kind: Unit["kind"], parent: Unit | null, step = false): Unit {
  const depth = parent && kind === "inline" ? Number(parent.env.slice(prefix.length + 1) || 0) + 1 : 0;
  const unit: Unit = {
    kind, node, parent, step,
    children: [],
    ordinary: step || kind === "class" || kind === "inline",
    arrow: ts.isArrowFunction(node),
    async: ts.isFunctionLike(node) && isAsync(node as ts.FunctionLikeDeclaration),
    generator: ts.isFunctionLike(node) && (node as ts.FunctionLikeDeclaration).asteriskToken !== undefined,
    strands: false,
    env: `${prefix}e${depth || ""}`,
    captures: new Map(),
    free: new Set(),
    usesThis: false,
    usesSuper: false,
    usesArguments: false,
    usesTarget: false,
    bindings: [],
  };
  parent?.children.push(unit);
  if (kind === "machine" && unit.async) for (let at: Unit | null = unit; at && !at.strands; at = at.parent) at.strands = true;
  facts.unitOf.set(node, unit);
  return unit;
}

export function isAsync(node: ts.FunctionLikeDeclaration): boolean {
  return ts.canHaveModifiers(node) && (ts.getModifiers(node)?.some((m) => m.kind === ts.SyntaxKind.AsyncKeyword) ?? false);
}

/** `step("pay", fn)`, `step.once(…)`, `step.tx(…)`: the function given stays ordinary code. */
export function isStepFunction(node: ts.Node, scope: Scope, source: Source): boolean {
  const { parent } = node;
  if (isOuter(parent)) return isStepFunction(parent, scope, source);
  if (!ts.isCallExpression(parent) || !parent.arguments.includes(node as ts.Expression)) return false;
  if (!/^step(\.|$)/.test(source.operation(parent.expression) ?? "")) return false;
  const root = rootName(parent.expression);
  // A name of the flow's own is another one, whatever the module imports under it.
  return root === undefined || !findBinding(scope, root);
}

/** `step` of `step.once`. */
function rootName(node: ts.Expression): string | undefined {
  if (ts.isPropertyAccessExpression(node)) return rootName(node.expression);
  return ts.isIdentifier(node) ? node.text : undefined;
}

/** Decorators and `accessor` are not JavaScript yet: what replaces them needs the class where it stands. */
export function isLiftable(node: ts.ClassLikeDeclaration): boolean {
  if (decorators(node).length > 0) return false;
  return !node.members.some((member) => decorators(member).length > 0 || ts.isAutoAccessorPropertyDeclaration(member) || hasDecoratedParameter(member));
}

function hasDecoratedParameter(member: ts.ClassElement): boolean {
  return ts.isFunctionLike(member) && member.parameters.some((parameter) => decorators(parameter).length > 0);
}

export function decorators(node: ts.Node): readonly ts.Decorator[] {
  return (ts.canHaveDecorators(node) ? ts.getDecorators(node) : undefined) ?? [];
}
