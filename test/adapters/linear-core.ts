// A core for the tests of the bridge alone: it rewrites flows without branches, in the manner of the real one (slices of
// the source in another order, glue with anchors, an await spilled out of an expression), so that a failure here is a
// failure of the graft.

import ts from "typescript";
import { TextBuilder, type Piece } from "../../compiler/text.ts";

export function linear(source: string, fileName: string): readonly Piece[] | null {
  if (!source.includes("deflow(")) return null;
  const file = ts.createSourceFile(fileName, source, ts.ScriptTarget.Latest, true);
  const text = new TextBuilder(source);
  const firstStatement = file.statements.find((s) => !ts.isExpressionStatement(s)) as ts.Statement;
  text.slice(0, firstStatement.getStart());
  text.glue('import * as $ from "deflow/internal"; ', firstStatement.getStart());
  let at = firstStatement.getStart();
  const visit = (node: ts.Node): void => {
    if (!ts.isCallExpression(node) || node.expression.getText() !== "deflow") return ts.forEachChild(node, visit);
    const fn = node.arguments[0] as ts.FunctionExpression;
    text.slice(at, fn.getStart());
    machine(text, fn);
    at = fn.end;
  };
  visit(file);
  text.slice(at, source.length);
  return text.pieces;
}

/** async function (id) { const a = await f(id); }  →  $.machine(async ($f) => { let id, a, $v; [id] = $f; a = await f(id); }) */
function machine(text: TextBuilder, fn: ts.FunctionExpression): void {
  const parameters = fn.parameters.map((p) => p.name.getText());
  const names = fn.body.statements.flatMap((s) => (ts.isVariableStatement(s) ? s.declarationList.declarations.map((d) => d.name) : [])).filter(ts.isIdentifier);
  const start = fn.getStart();
  text.glue("$.machine(async ($f) => {\n", start);
  text.glue(`let ${[...parameters, ...names.map((n) => n.text), "$v"].join(", ")};\n`, start);
  text.glue(`[${parameters.join(", ")}] = $f;\n`, start);
  for (const statement of fn.body.statements) assign(text, statement);
  text.glue("})", fn.end - 1);
}

function assign(text: TextBuilder, statement: ts.Statement): void {
  const declarations = ts.isVariableStatement(statement) ? statement.declarationList.declarations : [];
  if (declarations.length === 0 || !declarations.every((d) => ts.isIdentifier(d.name))) {
    text.slice(statement.getStart(), statement.end);
    text.glue("\n", -1);
    return;
  }
  for (const { name, initializer } of declarations) {
    if (!initializer) continue;
    const inner = ts.isAwaitExpression(initializer) ? initializer : nestedAwait(initializer);
    if (inner) {
      text.glue("$v = await ", inner.getStart());
      text.slice(inner.expression.getStart(), inner.expression.end);
      text.glue(";\n", -1);
    }
    text.slice(name.getStart(), name.end);
    text.glue(" = ", name.end);
    if (inner) {
      text.slice(initializer.getStart(), inner.getStart());
      text.glue("$v", inner.getStart());
      text.slice(inner.end, initializer.end);
    } else text.slice(initializer.getStart(), initializer.end);
    text.glue(";\n", -1);
  }
}

function nestedAwait(node: ts.Node): ts.AwaitExpression | undefined {
  if (ts.isFunctionLike(node)) return undefined;
  return ts.isAwaitExpression(node) ? node : ts.forEachChild(node, nestedAwait);
}
