// DF106 of a step function that is given by its name: pass 3 sees those that are written in the call.
//
//   const pay = () => { receipt = bank.pay(order); };   await step("pay", pay);

import type ts from "typescript";
import type { Unit } from "../facts.ts";
import type { Around } from "./around.ts";
import type { TypedFile } from "./file.ts";
import { skipOuter } from "./outer.ts";
import type { Tell } from "./tell.ts";

export function stepWrites(node: ts.Node, { kind }: Around, at: TypedFile, tell: Tell): void {
  const { api, checker } = at.program;
  if (kind !== "flow" || !api.isCallExpression(node) || !/^step(?:\.|$)/.test(at.operation(node.expression) ?? "")) return;
  for (const argument of node.arguments) {
    const name = skipOuter(api, argument);
    if (!api.isIdentifier(name)) continue;
    const declaration = checker.getTypeAtLocation(name).getCallSignatures()[0]?.declaration;
    const unit = declaration && at.unitAt(declaration);
    if (unit) for (const reference of writesOf(unit)) tell("DF106", at.nameAt(reference) ?? name, reference.text);
  }
}

/** Where the function, or one in it, assigns what it captured. */
function writesOf(unit: Unit): ts.Identifier[] {
  const isInside = (inner: Unit): boolean => inner === unit || (inner.parent !== null && isInside(inner.parent));
  return [...unit.captures.keys()].flatMap(({ references }) => references.filter((reference) => reference.write && isInside(reference.unit)).map(({ node }) => node));
}
