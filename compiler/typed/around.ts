// In what code a node stands: of the module, of an ordinary function, of a flow, of a step of one, of a class in one.

import type ts from "typescript";
import type { TypedFile } from "./file.ts";

export interface Around {
  /** module: evaluated when it is loaded. ordinary: a function that is no flow's. class: of a flow, whose code is ordinary. */
  readonly kind: "module" | "ordinary" | "flow" | "step" | "class";
  /** Of the innermost function. */
  readonly async: boolean;
}

export const moduleCode: Around = { kind: "module", async: false };

/** What is around the parts of `node`. */
export function aroundIn(node: ts.Node, around: Around, at: TypedFile): Around {
  const { api } = at.program;
  if (api.isClassLike(node)) return around.kind === "flow" ? { kind: "class", async: false } : around;
  if (!api.isFunctionLike(node)) return around;
  const async = api.canHaveModifiers(node) && api.getModifiers(node)?.some(({ kind }) => kind === api.SyntaxKind.AsyncKeyword) === true;
  return { kind: kindOf(node, around.kind, at), async };
}

function kindOf(fn: ts.SignatureDeclaration, around: Around["kind"], at: TypedFile): Around["kind"] {
  const called = at.callWith(fn);
  const operation = called && at.operation(called.expression);
  // Flows of methods are refused by pass 1, which has told it.
  if (operation === "deflow") return "flow";
  if (around === "flow" && operation !== undefined && /^step(?:\.|$)/.test(operation)) return "step";
  return around === "module" ? "ordinary" : around;
}
