// The top level of a file: what its statements declare, mention and export, and which of them give something a name that a process has but once.

import ts from "typescript";
import { everyNode } from "../compiler/walk.ts";

/** The names that a statement brings to the top level. */
export function declaredBy(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.flatMap(({ name }) => namesOf(name));
  if (ts.isImportDeclaration(statement)) return importedBy(statement).map(({ text }) => text);
  return ts.isDeclarationStatement(statement) && statement.name && ts.isIdentifier(statement.name) ? [statement.name.text] : [];
}

function namesOf(name: ts.BindingName): string[] {
  return ts.isIdentifier(name) ? [name.text] : name.elements.flatMap((element) => (ts.isBindingElement(element) ? namesOf(element.name) : []));
}

export function importedBy({ importClause }: ts.ImportDeclaration): ts.Identifier[] {
  const bindings = importClause?.namedBindings;
  const named = bindings === undefined ? [] : ts.isNamespaceImport(bindings) ? [bindings.name] : bindings.elements.map(({ name }) => name);
  return importClause?.name ? [importClause.name, ...named] : named;
}

/** What may refer to the top level: a name that a variable further in hides is among them. `atLoad`: outside of functions alone. */
export function mentionedBy(statement: ts.Statement, { atLoad = false } = {}): Set<string> {
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && !isKey(node)) names.add(node.text);
  };
  if (atLoad) whenLoaded(statement, visit);
  else everyNode(statement, visit);
  return names;
}

/** A name that is looked up in an object or a module, or given to a part of one. */
function isKey(name: ts.Identifier): boolean {
  const { parent } = name;
  if (ts.isQualifiedName(parent)) return parent.right === name;
  if (ts.isBindingElement(parent) || ts.isExportSpecifier(parent)) return parent.propertyName !== undefined && (ts.isBindingElement(parent) ? parent.propertyName : parent.name) === name;
  if (ts.isPropertyAccessExpression(parent)) return parent.name === name;
  return !ts.isShorthandPropertyAssignment(parent) && (ts.isObjectLiteralElement(parent) || ts.isClassElement(parent) || ts.isTypeElement(parent) || ts.isEnumMember(parent)) && parent.name === name;
}

/** What is evaluated when the file is loaded, unless a function is called. */
function whenLoaded(root: ts.Node, visit: (node: ts.Node) => void): void {
  const work = [root];
  for (let node = work.pop(); node; node = work.pop()) {
    visit(node);
    ts.forEachChild(node, (part) => {
      if (!ts.isFunctionLike(part)) work.push(part);
    });
  }
}

const registering = /^(?:deflow|context|external|serializable|activity|activities)$/;
const registersArgument = /^(?:external|serializable)$/;

/**
 * What runs find by a name of its own: contexts, activities, classes of the codec, other flows. `topic("paid")` makes one too, where `topic` is a function of
 * the file that does.
 */
export function registeredIn(file: ts.SourceFile, operation: (callee: ts.Expression) => string | undefined): Set<string> {
  const registers = (node: ts.Node): node is ts.CallExpression => ts.isCallExpression(node) && registering.test(operation(node.expression) ?? "");
  const makers = new Set(file.statements.flatMap((statement) => {
    let found = false;
    everyNode(statement, (node) => void (found ||= registers(node)));
    return found ? declaredBy(statement) : [];
  }));
  const names = new Set<string>();
  for (const statement of file.statements) {
    whenLoaded(statement, (node) => {
      const isMaker = ts.isCallExpression(node) && ts.isIdentifier(node.expression) && makers.has(node.expression.text);
      if (!registers(node) && !isMaker) return;
      for (const name of declaredBy(statement)) names.add(name);
      const argument = node.arguments.find((each) => ts.isIdentifier(each));
      if (argument && registersArgument.test(operation(node.expression) ?? "")) names.add(argument.getText());
    });
  }
  return names;
}

/** The name by which each name of the top level can be imported. */
export function exportsOf(file: ts.SourceFile): Map<string, string> {
  const names = new Map<string, string>();
  for (const statement of file.statements) {
    const has = (kind: ts.SyntaxKind): boolean => ts.canHaveModifiers(statement) && ts.getModifiers(statement)?.some((modifier) => modifier.kind === kind) === true;
    if (has(ts.SyntaxKind.ExportKeyword)) for (const name of declaredBy(statement)) names.set(name, has(ts.SyntaxKind.DefaultKeyword) ? "default" : name);
    else if (ts.isExportAssignment(statement) && ts.isIdentifier(statement.expression)) names.set(statement.expression.text, "default");
    else if (ts.isExportDeclaration(statement) && statement.exportClause && ts.isNamedExports(statement.exportClause)) {
      for (const { name, propertyName } of statement.exportClause.elements) names.set(statement.moduleSpecifier ? name.text : (propertyName ?? name).text, name.text);
    } else if (ts.isExpressionStatement(statement)) for (const [name, exported] of scriptExports(statement.expression)) names.set(name, exported);
  }
  return names;
}

/** `module.exports = { order, word: shipped }`, `exports.order = order` */
function scriptExports(node: ts.Expression): (readonly [name: string, exported: string])[] {
  if (!ts.isBinaryExpression(node) || !isExports(node.left)) return [];
  const { left, right } = node;
  if (ts.isIdentifier(right) && ts.isPropertyAccessExpression(left) && isExports(left.expression)) return [[right.text, left.name.text]];
  if (!ts.isObjectLiteralExpression(right)) return [];
  return right.properties.flatMap((property) => {
    if (ts.isShorthandPropertyAssignment(property)) return [[property.name.text, property.name.text]];
    return ts.isPropertyAssignment(property) && ts.isIdentifier(property.initializer) ? [[property.initializer.text, property.name.getText()]] : [];
  });
}

/** Of a script: `module.exports`, or a part of it. */
export function isExports(node: ts.Node): boolean {
  return /^(?:module\.)?exports(?:\.\w+)?$/.test(node.getText());
}
