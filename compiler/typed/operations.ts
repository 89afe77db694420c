// What a name means that a file imports from the package: `listen`, `step.once`, by import, by namespace and under another name.

import type ts from "typescript";

export type OperationOf = (callee: ts.Expression) => string | undefined;

/** Of a file in a program. A name that is declared again further in means what it is declared as. */
export function operationsOf(api: typeof ts, checker: ts.TypeChecker, file: ts.SourceFile): OperationOf {
  const named = new Map<string, string>();
  const spaces = new Set<string>();
  for (const statement of file.statements) {
    if (!api.isImportDeclaration(statement) || !isPackage(api, statement.moduleSpecifier)) continue;
    const bindings = statement.importClause?.namedBindings;
    if (bindings && api.isNamespaceImport(bindings)) spaces.add(bindings.name.text);
    else for (const { name, propertyName } of bindings?.elements ?? []) named.set(name.text, (propertyName ?? name).text);
  }
  const isImport = (name: ts.Identifier): boolean => ((checker.getSymbolAtLocation(name)?.flags ?? 0) & api.SymbolFlags.Alias) !== 0;
  const operation: OperationOf = (callee) => {
    if (api.isIdentifier(callee)) return named.has(callee.text) && isImport(callee) ? named.get(callee.text) : undefined;
    if (!api.isPropertyAccessExpression(callee)) return undefined;
    const { expression, name } = callee;
    if (api.isIdentifier(expression) && spaces.has(expression.text)) return isImport(expression) ? name.text : undefined;
    const outer = operation(expression);
    return outer === undefined ? undefined : `${outer}.${name.text}`;
  };
  return operation;
}

/** The modules of the package that a file imports. */
export function packageImports(api: typeof ts, file: ts.SourceFile): ts.Expression[] {
  return file.statements.flatMap((statement) => (api.isImportDeclaration(statement) && isPackage(api, statement.moduleSpecifier) ? [statement.moduleSpecifier] : []));
}

function isPackage(api: typeof ts, specifier: ts.Expression): boolean {
  return api.isStringLiteral(specifier) && (specifier.text === "deflow" || specifier.text.startsWith("deflow/"));
}
