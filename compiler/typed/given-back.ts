// What a function gives back, as far as its text says.

import type ts from "typescript";
import { walk } from "./walk.ts";

export function isAsync(declaration: ts.SignatureDeclaration, api: typeof ts): boolean {
  return api.canHaveModifiers(declaration) && api.getModifiers(declaration)?.some(({ kind }) => kind === api.SyntaxKind.AsyncKeyword) === true;
}

/** What a function gives back where it says `return`, or as its whole body. */
export function givenBackBy(declaration: ts.SignatureDeclaration, api: typeof ts): ts.Expression[] {
  if (!("body" in declaration) || declaration.body === undefined) return [];
  const body = declaration.body as ts.Expression | ts.Block;
  if (!api.isBlock(body)) return [body];
  const found: ts.Expression[] = [];
  walk(api, body, true, (node, isOwn) => {
    if (isOwn && api.isReturnStatement(node) && node.expression) found.push(node.expression);
    return isOwn && !api.isFunctionLike(node);
  });
  return found;
}
