// The migrations that a file declares: `migrate(approve, "listen:decision@k3f0a", …)` at its top level.
//
//   →  approve listen:decision@k3f0a

import ts from "typescript";
import type { Source } from "../passes/1-find.ts";

export function migrationsIn({ file, flows, operation }: Source): string[] {
  const names = new Map<string, string>();
  for (const { call, name } of flows) {
    const declaration = ts.findAncestor(call, ts.isVariableDeclaration);
    names.set(declaration && ts.isIdentifier(declaration.name) ? declaration.name.text : name, name);
  }
  return file.statements.flatMap((statement) => {
    if (!ts.isExpressionStatement(statement) || !ts.isCallExpression(statement.expression)) return [];
    const { expression, arguments: [flow, from] } = statement.expression;
    if (operation(expression) !== "migrate" || !flow || !from || !ts.isStringLiteralLike(from)) return [];
    // A flow of another module is known by the name that it is imported under.
    const name = ts.isIdentifier(flow) ? (names.get(flow.text) ?? flow.text) : flow.getText();
    return [`${name} ${from.text}`];
  });
}
