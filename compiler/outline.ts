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
  const operator = ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node) ? String(ts.tokenToString(node.operator)) : "";
  return `${ts.SyntaxKind[node.kind]}${operator}(${parts.join(",")})`;
}

export function outlineHash(node: ts.Node): string {
  return hash(outline(node));
}

function isTemplatePart(node: ts.Node): node is ts.TemplateHead | ts.TemplateMiddle | ts.TemplateTail {
  return ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node);
}
