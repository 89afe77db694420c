// The migrations that a file declares: `migrate(approve, "listen:decision@k3f0a", …)` at its top level.
//
//   →  approve listen:decision@k3f0a
//
// Of a function in a flow the point has its id before it: `migrate(approve, "approve#each listen:price@k3f0a", …)`.

import ts from "typescript";
import { find } from "../passes/1-find.ts";

/** A flow of another module is known by the name that it has there, or by the one that it is imported under. */
export function migrationsIn(file: ts.SourceFile): string[] {
  const names = new Map<string, string>();
  let migrate: string | undefined;
  for (const statement of file.statements) {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) continue;
    const bindings = statement.importClause?.namedBindings;
    if (!bindings || !ts.isNamedImports(bindings)) continue;
    for (const { name, propertyName } of bindings.elements) {
      if (/^deflow(?:\/|$)/.test(statement.moduleSpecifier.text)) {
        if ((propertyName ?? name).text === "migrate") migrate = name.text;
      } else names.set(name.text, (propertyName ?? name).text);
    }
  }
  if (migrate === undefined) return [];
  for (const { call, name } of find(file.text, file.fileName)?.flows ?? []) {
    const declaration = ts.findAncestor(call, ts.isVariableDeclaration);
    names.set(declaration && ts.isIdentifier(declaration.name) ? declaration.name.text : name, name);
  }
  return file.statements.flatMap((statement) => {
    if (!ts.isExpressionStatement(statement) || !ts.isCallExpression(statement.expression)) return [];
    const { expression, arguments: [flow, from] } = statement.expression;
    if (!ts.isIdentifier(expression) || expression.text !== migrate || !flow || !ts.isIdentifier(flow) || !from || !ts.isStringLiteralLike(from)) return [];
    const name = names.get(flow.text) ?? flow.text;
    return [from.text.startsWith(`${name}#`) ? from.text : `${name} ${from.text}`];
  });
}

/** Of the flow itself and of the functions in it. */
export function migrationsOf(flow: string, migrations: readonly string[]): string[] {
  return migrations.filter((each) => each.startsWith(`${flow} `) || each.startsWith(`${flow}#`));
}
