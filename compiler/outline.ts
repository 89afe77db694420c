// The text of a node as it counts for what stored runs refer to: without layout, comments, types and parentheses.
//
//   get( 1 ) /* first */   and   get(1 as number)   →   CallExpression(get,1)

import ts from "typescript";
import { hash } from "./hash.ts";
import { isTypeOnly, skipOuter } from "./roles.ts";

/** `depth`: how far down the node is looked at. */
export function outline(outer: ts.Node, depth = Infinity): string {
  const node = skipOuter(outer as ts.Expression) as ts.Node;
  if (ts.isStringLiteralLike(node)) return JSON.stringify(node.text);
  if (ts.isIdentifier(node) || ts.isPrivateIdentifier(node) || ts.isLiteralExpression(node) || isTemplatePart(node)) return node.text;
  if (depth === 0) return "…";
  const parts: string[] = [];
  ts.forEachChild(node, (child) => {
    if (!isTypeOnly(child)) parts.push(outline(child, depth - 1));
  });
  return `${ts.SyntaxKind[node.kind]}${operatorOf(node)}(${parts.join(",")})`;
}

export function outlineHash(node: ts.Node): string {
  return hash(outline(node));
}

const hashes = new WeakMap<ts.Node, string>();

/** The hash of hashes: of nodes in each other, each is looked at once. */
export function treeHash(outer: ts.Node): string {
  const node = skipOuter(outer as ts.Expression) as ts.Node;
  let found = hashes.get(node);
  if (found !== undefined) return found;
  const parts: string[] = [outline(node, 0)];
  ts.forEachChild(node, (child) => {
    if (!isTypeOnly(child)) parts.push(treeHash(child));
  });
  hashes.set(node, (found = hash(`${ts.SyntaxKind[node.kind]}${operatorOf(node)}(${parts.join(",")})`)));
  return found;
}

function operatorOf(node: ts.Node): string {
  return ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node) ? String(ts.tokenToString(node.operator)) : "";
}

function isTemplatePart(node: ts.Node): node is ts.TemplateHead | ts.TemplateMiddle | ts.TemplateTail {
  return ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node);
}
