// Whether a name of a file's imports means something else where it is used: a parameter or a variable hides it.

import ts from "typescript";

/** `function g(deflow) { return deflow(async () => 1) }`: the parameter is called, not the import. */
export function isShadowed(callee: ts.Expression): boolean {
  const root = ts.isPropertyAccessExpression(callee) ? callee.expression : callee;
  if (!ts.isIdentifier(root)) return false;
  for (let up: ts.Node = root.parent; !ts.isSourceFile(up); up = up.parent) if (declares(up, root.text)) return true;
  return false;
}

function declares(node: ts.Node, name: string): boolean {
  if (ts.isFunctionLike(node)) return node.parameters.some((p) => binds(p.name, name)) || (ts.isFunctionExpression(node) && node.name?.text === name);
  if (ts.isCatchClause(node)) return node.variableDeclaration !== undefined && binds(node.variableDeclaration.name, name);
  if (ts.isForStatement(node) || ts.isForInStatement(node) || ts.isForOfStatement(node)) return listBinds(node.initializer, name);
  if (ts.isBlock(node)) return node.statements.some((s) => statementBinds(s, name));
  return ts.isCaseBlock(node) && node.clauses.some((clause) => clause.statements.some((s) => statementBinds(s, name)));
}

function statementBinds(node: ts.Statement, name: string): boolean {
  if (ts.isVariableStatement(node)) return listBinds(node.declarationList, name);
  return (ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node)) && node.name?.text === name;
}

function listBinds(list: ts.ForInitializer | undefined, name: string): boolean {
  return list !== undefined && ts.isVariableDeclarationList(list) && list.declarations.some((d) => binds(d.name, name));
}

function binds(pattern: ts.BindingName, name: string): boolean {
  if (ts.isIdentifier(pattern)) return pattern.text === name;
  return pattern.elements.some((element) => ts.isBindingElement(element) && binds(element.name, name));
}
