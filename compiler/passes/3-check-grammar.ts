// What JavaScript's grammar excludes and TypeScript's parser accepts, where the machine would give it a meaning: copied text
// fails when it is loaded, but a name that is declared twice becomes two locals, and a jump that leads nowhere no jump at all.
//
//   let x = 1; let x = 2        →   DF107 at the second x
//   for (;;) { break nope }     →   DF107 at the break
//
// And what only sloppy scripts have, whose meaning a machine would change: DF108.

import ts from "typescript";
import type { Code } from "../diagnostics/table.ts";
import type { Facts, Unit } from "../facts.ts";
import { listKind } from "./2-scope-declare.ts";
import { isAsync } from "./2-scope-units.ts";

export type Report = (code: Code, node: ts.Node, name?: string) => void;

export function checkGrammar(node: ts.Node, report: Report): void {
  switch (node.kind) {
    case Kind.BreakStatement:
    case Kind.ContinueStatement: return checkJump(node as ts.BreakOrContinueStatement, report);
    case Kind.LabeledStatement: return checkLabel(node as ts.LabeledStatement, report);
    case Kind.VariableDeclarationList: return checkDeclarations(node as ts.VariableDeclarationList, report);
    case Kind.AwaitExpression: return isInParameters(node) ? report("DF107", node, "`await` stands in a parameter of its function") : undefined;
  }
}

const Kind = ts.SyntaxKind;

/** Names that are declared twice in one scope. */
export function checkRepeated(facts: Facts, report: Report): void {
  for (const id of facts.repeated) report("DF107", id, `\`${id.text}\` is declared twice`);
}

function checkJump(node: ts.BreakOrContinueStatement, report: Report): void {
  const label = node.label?.text;
  const takes = (up: ts.Node): boolean => {
    if (label === undefined) return ts.isIterationStatement(up, false) || (ts.isBreakStatement(node) && ts.isSwitchStatement(up));
    if (!ts.isLabeledStatement(up) || up.label.text !== label) return false;
    return ts.isBreakStatement(node) || ts.isIterationStatement(up, true);
  };
  for (let up: ts.Node = node.parent; !isBoundary(up); up = up.parent) if (takes(up)) return;
  report("DF107", node, `\`${node.getText()}\` leads nowhere`);
}

function checkLabel(node: ts.LabeledStatement, report: Report): void {
  for (let up: ts.Node = node.parent; !isBoundary(up); up = up.parent)
    if (ts.isLabeledStatement(up) && up.label.text === node.label.text) return report("DF107", node.label, `the label \`${node.label.text}\` stands inside itself`);
}

function isBoundary(node: ts.Node): boolean {
  return ts.isFunctionLike(node) || ts.isClassStaticBlockDeclaration(node) || ts.isSourceFile(node);
}

function checkDeclarations(node: ts.VariableDeclarationList, report: Report): void {
  const { parent } = node;
  const kind = listKind(node);
  if (kind === "using") checkUsing(node, report);
  if (ts.isForInStatement(parent) || ts.isForOfStatement(parent)) return;
  for (const { name, initializer } of node.declarations) {
    if (initializer) continue;
    if (kind === "const") report("DF107", name, "a constant needs a value");
    else if (kind === "using") report("DF107", name, "`using` needs a value");
    else if (!ts.isIdentifier(name)) report("DF107", name, "a pattern needs a value");
  }
}

function checkUsing(node: ts.VariableDeclarationList, report: Report): void {
  const { parent } = node;
  if (ts.isForInStatement(parent)) report("DF107", node, "`using` cannot stand in the head of a `for…in`");
  if (ts.isCaseOrDefaultClause(parent.parent)) report("DF107", node, "`using` stands directly in a clause of a `switch`: give the clause a block");
  for (const { name } of node.declarations) if (!ts.isIdentifier(name)) report("DF107", name, "`using` declares names, not patterns");
}

function isInParameters(node: ts.Node): boolean {
  for (let up = node; !ts.isSourceFile(up); up = up.parent) {
    if (ts.isParameter(up) && isAsync(up.parent as ts.FunctionLikeDeclaration)) return true;
    if (ts.isFunctionLike(up)) return false;
  }
  return false;
}

/** Sloppy code that a machine, or its copy of a variable, would not do alike. */
export function checkSloppy(unit: Unit, report: Report): void {
  if (!isSloppy(unit.node)) return;
  if (unit.kind === "machine" && unit.usesArguments && !unit.arrow) report("DF108", unit.node, "`arguments` follows the parameters");
  for (const { kind, references } of unit.bindings)
    if (kind === "self") for (const { node, write } of references) if (write) report("DF108", node, "assigning a function's own name does nothing");
}

export function checkSloppyNode(node: ts.Node, report: Report): void {
  if (node.kind === Kind.FunctionDeclaration) {
    const inBlock = !(ts.isBlock(node.parent) && ts.isFunctionLike(node.parent.parent));
    if (inBlock && isSloppy(node)) report("DF108", node, "a function in a block is a variable of the function around it");
  } else if (node.kind === Kind.DeleteExpression) {
    if (ts.isIdentifier((node as ts.DeleteExpression).expression) && isSloppy(node)) report("DF108", node, "`delete` of a variable");
  }
}

/** JavaScript that is neither a module nor begins with "use strict"; TypeScript is compiled as strict code. */
function isSloppy(node: ts.Node): boolean {
  const file = node.getSourceFile();
  if (ts.isExternalModule(file) || /\.[cm]?tsx?$/.test(file.fileName) || isStrict(file.statements)) return false;
  for (let up = node; up !== file; up = up.parent) {
    if (ts.isClassLike(up)) return false;
    if (ts.isFunctionLike(up) && "body" in up && up.body && ts.isBlock(up.body as ts.Node) && isStrict((up.body as ts.Block).statements)) return false;
  }
  return true;
}

function isStrict(statements: readonly ts.Statement[]): boolean {
  for (const statement of statements) {
    if (!ts.isExpressionStatement(statement) || !ts.isStringLiteral(statement.expression)) return false;
    if (/^.use strict.$/.test(statement.expression.getText())) return true;
  }
  return false;
}
