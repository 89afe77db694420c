// 4. Spill.
//
// Takes   the facts of a flow.
// Gives   for each operand that is evaluated before a later await of the same expression: how it is kept.
// Keeps   evaluation order: an operand that ran before the stop is stored before it, never run again after it.
//
//   total(a(), await b, c())
//   →  keep a(): "value" · the await is the last, so c() stays where it is
//
// Runs after 2-scope, because a binding that is never assigned again need not be kept.

import ts from "typescript";
import type { Facts } from "../facts.ts";
import { isOuter } from "../roles.ts";
import type { Suspends } from "../suspends.ts";
import type { Source } from "./1-find.ts";

/**
 * value: as it is. string: a substitution of a template literal, converted at its place. key: a property key, converted
 * at its place. spread: iterated at its place, once. copy: an object spread, whose getters run at its place.
 */
export type Keep = "value" | "string" | "key" | "spread" | "copy";

export interface Operand {
  readonly node: ts.Expression;
  readonly as: Keep;
}

export type Spills = ReadonlyMap<ts.Node, Keep>;

export function spill(unit: ts.FunctionLikeDeclaration, facts: Facts & { suspends: Suspends }, immutable: ReadonlySet<string>): Spills {
  const spills = new Map<ts.Node, Keep>();
  const visit = (node: ts.Node): void => {
    if (!facts.suspends(node)) return;
    keepEarlier(operands(node), facts, immutable, spills);
    // The substitutions of a tagged template are its operands: nothing converts them to strings.
    if (ts.isTaggedTemplateExpression(node)) for (const { node: part } of [{ node: node.tag }, ...operands(node)]) visit(part);
    else ts.forEachChild(node, visit);
  };
  if (unit.body) visit(unit.body);
  return spills;
}

function keepEarlier(list: readonly Operand[], facts: Facts & { suspends: Suspends }, immutable: ReadonlySet<string>, spills: Map<ts.Node, Keep>): void {
  const last = list.findLastIndex(({ node }) => facts.suspends(node));
  for (const { node, as } of list.slice(0, Math.max(last, 0))) {
    if (facts.suspends(node) || needsKeeping(node, as, facts, immutable)) spills.set(node, as);
  }
}

function needsKeeping(node: ts.Expression, as: Keep, facts: Facts, immutable: ReadonlySet<string>): boolean {
  if (as === "spread" || as === "copy") return true;
  return !isStable(node, facts, immutable) || (as !== "value" && !ts.isLiteralExpression(node));
}

/** True where evaluating the expression later gives the same and shows nothing. */
export function isStable(node: ts.Expression, facts: Facts, immutable: ReadonlySet<string>): boolean {
  if (isOuter(node)) return isStable(node.expression, facts, immutable);
  if (ts.isIdentifier(node)) {
    const reference = facts.references.get(node);
    return reference ? !reference.binding.mutated && !reference.binding.early : immutable.has(node.text);
  }
  return (
    ts.isLiteralExpression(node) || ts.isArrowFunction(node) || ts.isFunctionExpression(node) ||
    node.kind === ts.SyntaxKind.ThisKeyword || node.kind === ts.SyntaxKind.SuperKeyword || node.kind === ts.SyntaxKind.NullKeyword ||
    node.kind === ts.SyntaxKind.TrueKeyword || node.kind === ts.SyntaxKind.FalseKeyword || ts.isOmittedExpression(node)
  );
}

/** The operands of an expression in the order of their evaluation; none for the forms that pass 5 takes apart itself. */
export function operands(node: ts.Node): Operand[] {
  if (ts.isBinaryExpression(node)) return isPlainOperator(node.operatorToken.kind) ? values(node.left, node.right) : [];
  if (ts.isElementAccessExpression(node)) return values(node.expression, node.argumentExpression);
  if (ts.isCallExpression(node) || ts.isNewExpression(node)) return (node.arguments ?? []).map(item);
  if (ts.isArrayLiteralExpression(node)) return node.elements.map(item);
  if (ts.isObjectLiteralExpression(node)) return node.properties.flatMap(property);
  if (ts.isTemplateExpression(node)) return node.templateSpans.map((span) => ({ node: span.expression, as: "string" }));
  if (ts.isTaggedTemplateExpression(node) && ts.isTemplateExpression(node.template)) return values(...node.template.templateSpans.map((s) => s.expression));
  if (ts.isJsxElement(node)) return [...jsxAttributes(node.openingElement), ...jsxChildren(node.children)];
  if (ts.isJsxSelfClosingElement(node)) return jsxAttributes(node);
  if (ts.isJsxFragment(node)) return jsxChildren(node.children);
  return [];
}

/** Neither an assignment nor an operator that may leave its right side out. */
function isPlainOperator(kind: ts.SyntaxKind): boolean {
  return (
    !(kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment) && kind !== ts.SyntaxKind.CommaToken &&
    kind !== ts.SyntaxKind.AmpersandAmpersandToken && kind !== ts.SyntaxKind.BarBarToken && kind !== ts.SyntaxKind.QuestionQuestionToken
  );
}

function values(...nodes: readonly ts.Expression[]): Operand[] {
  return nodes.filter((node) => !ts.isPrivateIdentifier(node)).map((node) => ({ node, as: "value" }));
}

/** An argument or an element of an array. */
function item(node: ts.Expression): Operand {
  return ts.isSpreadElement(node) ? { node: node.expression, as: "spread" } : { node, as: "value" };
}

function property(node: ts.ObjectLiteralElementLike): Operand[] {
  const key: Operand[] = node.name && ts.isComputedPropertyName(node.name) ? [{ node: node.name.expression, as: "key" }] : [];
  if (ts.isPropertyAssignment(node)) return [...key, ...values(node.initializer)];
  if (ts.isShorthandPropertyAssignment(node)) return values(node.name);
  if (ts.isSpreadAssignment(node)) return [{ node: node.expression, as: "copy" }];
  return key;
}

function jsxAttributes(node: ts.JsxOpeningLikeElement): Operand[] {
  return node.attributes.properties.flatMap((a): Operand[] => {
    if (ts.isJsxSpreadAttribute(a)) return [{ node: a.expression, as: "copy" }];
    const value = a.initializer;
    if (!value || ts.isStringLiteral(value)) return [];
    return ts.isJsxExpression(value) ? (value.expression ? values(value.expression) : []) : values(value);
  });
}

function jsxChildren(children: readonly ts.JsxChild[]): Operand[] {
  return children.flatMap((child): Operand[] => {
    if (ts.isJsxText(child)) return [];
    if (!ts.isJsxExpression(child)) return values(child);
    return child.expression ? values(child.expression) : [];
  });
}

/**
 * Names that this file declares once and for all at its top level: constants, functions and classes that it never assigns, namespaces that
 * it imports, and what this package exports. Other imports are what their module says at the time.
 */
export function immutableNames({ file, assigned }: Source): Set<string> {
  const names = new Set(["undefined", "NaN", "Infinity"]);
  for (const statement of file.statements) declaredNames(statement, names);
  for (const name of assigned) names.delete(name);
  return names;
}

function declaredNames(statement: ts.Statement, names: Set<string>): void {
  if (ts.isImportDeclaration(statement)) importedNames(statement, names);
  else if (ts.isVariableStatement(statement) && (statement.declarationList.flags & ts.NodeFlags.Const) !== 0) {
    for (const d of statement.declarationList.declarations) if (ts.isIdentifier(d.name)) names.add(d.name.text);
  } else if ((ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) && statement.name) names.add(statement.name.text);
}

function importedNames({ importClause, moduleSpecifier }: ts.ImportDeclaration, names: Set<string>): void {
  const bindings = importClause?.namedBindings;
  if (bindings && ts.isNamespaceImport(bindings)) names.add(bindings.name.text);
  else if (bindings && ts.isStringLiteral(moduleSpecifier) && /^deflow(?:\/|$)/.test(moduleSpecifier.text)) for (const { name } of bindings.elements) names.add(name.text);
}
