// DF504: a flow assigns a variable of the module, which is no part of the run.

import type ts from "typescript";
import type { Around } from "./around.ts";
import type { TypedFile } from "./file.ts";
import { skipOuter } from "./outer.ts";
import type { Tell } from "./tell.ts";

export function moduleWrites(node: ts.Node, { kind }: Around, at: TypedFile, tell: Tell): void {
  if (kind !== "flow" && kind !== "class") return;
  for (const name of assignedIn(node, at)) {
    const declaration = variableOf(name, at)?.valueDeclaration;
    if (declaration !== undefined && isOfModule(declaration, at)) tell("DF504", name, name.text, `line ${at.lineOf(declaration.getStart())}`);
  }
}

/** In `({ count } = given)` the name is that of a property too. */
function variableOf(name: ts.Identifier, { program: { api, checker } }: TypedFile): ts.Symbol | undefined {
  return api.isShorthandPropertyAssignment(name.parent) && name.parent.name === name ? checker.getShorthandAssignmentValueSymbol(name.parent) : checker.getSymbolAtLocation(name);
}

function isOfModule(declaration: ts.Declaration, { program: { api }, file }: TypedFile): boolean {
  const variable = api.findAncestor(declaration, (up) => api.isVariableDeclaration(up) || api.isFunctionLike(up));
  return variable !== undefined && api.isVariableDeclaration(variable) && api.isVariableStatement(variable.parent.parent) && variable.parent.parent.parent === file;
}

/** The names that the node itself assigns. */
function assignedIn(node: ts.Node, at: TypedFile): ts.Identifier[] {
  const { api } = at.program;
  if (api.isBinaryExpression(node)) {
    const { kind } = node.operatorToken;
    return kind >= api.SyntaxKind.FirstAssignment && kind <= api.SyntaxKind.LastAssignment ? namesIn(node.left, at) : [];
  }
  if (api.isPrefixUnaryExpression(node) || api.isPostfixUnaryExpression(node)) {
    return node.operator === api.SyntaxKind.PlusPlusToken || node.operator === api.SyntaxKind.MinusMinusToken ? namesIn(node.operand, at) : [];
  }
  return api.isForOfStatement(node) || api.isForInStatement(node) ? (api.isVariableDeclarationList(node.initializer) ? [] : namesIn(node.initializer, at)) : [];
}

function namesIn(target: ts.Expression, at: TypedFile): ts.Identifier[] {
  const { api } = at.program;
  const node = skipOuter(api, target);
  if (api.isIdentifier(node)) return [node];
  if (api.isBinaryExpression(node)) return namesIn(node.left, at);
  if (api.isSpreadElement(node)) return namesIn(node.expression, at);
  if (api.isArrayLiteralExpression(node)) return node.elements.flatMap((element) => namesIn(element, at));
  if (!api.isObjectLiteralExpression(node)) return [];
  return node.properties.flatMap((property) => {
    if (api.isShorthandPropertyAssignment(property)) return [property.name];
    if (api.isPropertyAssignment(property)) return namesIn(property.initializer, at);
    if (api.isSpreadAssignment(property)) return namesIn(property.expression, at);
    return [];
  });
}
