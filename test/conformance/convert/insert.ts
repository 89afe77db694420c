// Puts stops into a text that has none, at random places where they change nothing but the time.
//
//   g(a, b + 1);   →   g((await L([a]))[0], ((await L([b]))[0]) + 1); await L([]);
//
// The array keeps a thenable from being awaited. A place that is a reference (callee, operand of delete, left side), that
// names a function, or that is part of a pattern is left alone: there a stop would change what the program means.

import ts from "typescript";
import type { Random } from "../generate/random.ts";

interface Density {
  readonly expressions: number;
  readonly statements: number;
}

/** @param text a program with `async function f()`; only that function and the async ones within get stops */
export function insertStops(text: string, random: Random, { expressions, statements }: Density): string {
  const file = ts.createSourceFile("program.js", text, ts.ScriptTarget.ESNext, true, ts.ScriptKind.JS);
  const pieces: { at: number; text: string; order: number }[] = [];
  const harness = new Set(file.statements.flatMap(topNames));
  const visit = (node: ts.Node): void => {
    if (ts.isExpression(node) && !(ts.isStringLiteral(node) && isDirective(node)) && isPlainPosition(node, harness) && mayAwait(node) && random.chance(expressions)) {
      pieces.push({ at: node.getStart(file), text: "((await L([", order: 1 }, { at: node.end, text: "]))[0])", order: -node.getStart(file) });
    }
    if (ts.isStatement(node) && isListed(node) && !isDirectiveStatement(node) && mayAwait(node) && random.chance(statements)) {
      pieces.push({ at: node.getStart(file), text: "await L([]); ", order: 0 });
    }
    ts.forEachChild(node, visit);
  };
  for (const statement of file.statements) if (ts.isFunctionDeclaration(statement) && statement.name?.text === "f" && statement.body) ts.forEachChild(statement.body, visit);
  // Where one ends and another starts, ends come first; of two ends at one place, the inner one.
  const sorted = pieces.map((piece, i) => ({ ...piece, i })).toSorted((a, b) => a.at - b.at || Number(a.order > 0) - Number(b.order > 0) || (a.order < 0 ? a.order - b.order : a.i - b.i));
  let out = "";
  let from = 0;
  for (const { at, text: piece } of sorted) {
    out += text.slice(from, at) + piece;
    from = at;
  }
  return out + text.slice(from);
}

function topNames(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.flatMap(({ name }) => (ts.isIdentifier(name) ? [name.text] : []));
  return (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) && statement.name ? [statement.name.text] : [];
}

function standsInClassElement(node: ts.Node): boolean {
  const element = ts.findAncestor(node, ts.isClassElement);
  return element !== undefined && (!isComputedNameOf(element, node) || standsInClassElement(element.parent));
}

function isComputedNameOf({ name }: ts.ClassElement, node: ts.Node): boolean {
  return name !== undefined && ts.isComputedPropertyName(name) && name.pos <= node.pos && node.end <= name.end;
}

/** Whether `await` may stand here: the nearest function is async and this is its body, not its head. */
function mayAwait(node: ts.Node): boolean {
  for (let child: ts.Node = node, parent = node.parent; parent !== undefined; child = parent, parent = parent.parent) {
    // The functions of a class are ordinary code, which cannot wait for a stop.
    if (ts.isClassLike(parent) && ts.isClassElement(child) && !isComputedNameOf(child, node)) return false;
    if (!ts.isFunctionLike(parent)) continue;
    if (standsInClassElement(parent)) return false;
    if (parent.name === child) continue; // a computed name belongs to what is outside
    if ("body" in parent && parent.body !== child) return false;
    return ts.canHaveModifiers(parent) && (ts.getModifiers(parent) ?? []).some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword);
  }
  return false;
}

/** An expression that is only read for its value. */
function isPlainPosition(node: ts.Expression, harness: ReadonlySet<string>): boolean {
  const { parent } = node;
  if (ts.isIdentifier(node) && !isReference(node, harness)) return false;
  if (ts.isSpreadElement(node) || ts.isOmittedExpression(node) || node.kind === ts.SyntaxKind.SuperKeyword || node.kind === ts.SyntaxKind.ImportKeyword || ts.isPrivateIdentifier(node)) return false;
  if (isTarget(node) || isAnonymous(node) || isAnonymous(parent)) return false;
  if (ts.isParenthesizedExpression(parent) || ts.isParenthesizedExpression(node)) return false;
  if (ts.isCallExpression(parent) || ts.isTaggedTemplateExpression(parent)) if (callee(parent) === node || ts.isTemplateLiteral(node)) return false;
  if (ts.isDeleteExpression(parent) || ts.isTypeOfExpression(parent)) return false;
  if (ts.isExpressionWithTypeArguments(node) || ts.isTemplateHead(node) || ts.isTemplateMiddle(node) || ts.isTemplateTail(node)) return false;
  // A part of an optional chain ends early with it.
  if (ts.isOptionalChain(parent) && parent.expression === node) return false;
  if (ts.isClassStaticBlockDeclaration(parent) || ts.isMetaProperty(parent) || ts.isLiteralTypeNode(parent)) return false;
  if (ts.isPropertyName(node) && "name" in parent && parent.name === node) return false;
  return !(ts.isElementAccessExpression(parent) && parent.expression === node && isSuper(node));
}

function isReference(node: ts.Identifier, harness: ReadonlySet<string>): boolean {
  const { parent } = node;
  if (("name" in parent && parent.name === node) || ("propertyName" in parent && parent.propertyName === node)) return false;
  if (("label" in parent && parent.label === node) || ts.isShorthandPropertyAssignment(parent)) return false;
  // A function of the harness is no value of the program's, and cannot be stored.
  return node.text !== "arguments" && node.text !== "undefined" && !harness.has(node.text);
}

function callee(node: ts.CallExpression | ts.TaggedTemplateExpression): ts.Expression {
  return ts.isCallExpression(node) ? node.expression : node.tag;
}

function isSuper(node: ts.Expression): boolean {
  return node.kind === ts.SyntaxKind.SuperKeyword;
}

/** What is assigned to: left sides, heads of loops, operands of ++, and everything within a pattern but its defaults and keys. */
function isTarget(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isBinaryExpression(parent) && parent.left === node && parent.operatorToken.kind >= ts.SyntaxKind.FirstAssignment && parent.operatorToken.kind <= ts.SyntaxKind.LastAssignment) return true;
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken && isPatternPart(node)) return true;
  if ((ts.isPrefixUnaryExpression(parent) || ts.isPostfixUnaryExpression(parent)) && (parent.operator === ts.SyntaxKind.PlusPlusToken || parent.operator === ts.SyntaxKind.MinusMinusToken)) return true;
  if ((ts.isForOfStatement(parent) || ts.isForInStatement(parent)) && parent.initializer === node) return true;
  return isPatternPart(node);
}

function isPatternPart(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isArrayLiteralExpression(parent) || ts.isSpreadElement(parent) || ts.isParenthesizedExpression(parent)) return isTarget(parent);
  if (ts.isPropertyAssignment(parent) && parent.initializer === node) return isTarget(parent.parent);
  if (ts.isSpreadAssignment(parent)) return isTarget(parent.parent);
  return false;
}

/** A function or class without a name of its own takes it from its place. */
function isAnonymous(node: ts.Node): boolean {
  return ts.isArrowFunction(node) || ((ts.isFunctionExpression(node) || ts.isClassExpression(node)) && node.name === undefined);
}

function isListed({ parent }: ts.Statement): boolean {
  return ts.isBlock(parent) || ts.isCaseClause(parent) || ts.isDefaultClause(parent);
}

function isDirectiveStatement(node: ts.Statement): boolean {
  return ts.isExpressionStatement(node) && ts.isStringLiteral(node.expression);
}

function isDirective(node: ts.StringLiteral): boolean {
  return ts.isExpressionStatement(node.parent);
}
