// The configuration of a bundler: the import of deflow's plugin, and its call first among the plugins.
//
//   export default defineConfig({ plugins: [react()] });
//   →  import { deflow } from "deflow/vite";
//      export default defineConfig({ plugins: [deflow(), react()] });
//
// With ts-loader, that it does not check the types of compiled text: ts-loader.ts.
// What is found is a literal: where plugins come from elsewhere the lines to add are told instead.

import ts from "typescript";
import type { ByHand, Change } from "./change.ts";
import { type Edit, hasText, isSyntaxWrong, parsed, some } from "./script-source.ts";
import { isPatched, tsLoaderLines, uncheckedEdits } from "./ts-loader.ts";

export interface Bundler {
  /** The sub-path of deflow. */
  readonly module: string;
  /** Of the configuration. */
  readonly property: string;
}

/** Undefined: it has the plugin, and what comes behind it takes compiled text. */
export function pluginChange(file: string, before: string, bundler: Bundler): Change | ByHand | undefined {
  const { module, property } = bundler;
  const source = parsed(file, before);
  const isModule = source.statements.some((statement) => ts.isImportDeclaration(statement) || ts.isExportAssignment(statement));
  const quote = /(?:from|require\()\s*'/.test(before) ? "'" : '"';
  const imported = isModule ? `import { deflow } from ${quote}deflow/${module}${quote}` : `const { deflow } = require(${quote}deflow/${module}${quote})`;
  const unchecked = /^(?:webpack|rspack)$/.test(module) ? uncheckedEdits(source) : [];
  const isChecked = unchecked === undefined || unchecked.length > 0;
  const byHand = (why: string): ByHand => ({ file, why, lines: [`${imported};`, `${property}: [deflow(), …]`, ...(isChecked ? tsLoaderLines : [])] });
  if (isSyntaxWrong(source)) return byHand("it does not parse");
  const isThere = hasText(source, (text) => text === `deflow/${module}`);
  if (isPatched(source)) return isThere ? { file, why: "the plugin and ts-loader with ts-patch/compiler both compile the flows: one of them is enough", lines: tsLoaderLines } : undefined;
  const wrong = isThere ? wrongUse(source, `deflow/${module}`) : undefined;
  if (wrong !== undefined) return byHand(wrong);
  const eol = before.includes("\r\n") ? "\r\n" : "\n";
  const ends = /;\s*(?:\n|$)/.test(before) ? ";" : "";
  const edits = isThere ? [] : pluginEdits(source, before, bundler, importEdit(source, `${imported}${ends}`, eol));
  if (typeof edits === "string") return byHand(edits);
  if (unchecked === undefined) return { file, why: "its ts-loader stands there in a form that is not understood", lines: byHand("").lines };
  if (edits.length + unchecked.length === 0) return undefined;
  const after = applied(before, [...edits, ...unchecked]);
  return isSyntaxWrong(parsed(file, after)) ? byHand("it cannot be edited safely") : { file, before, after };
}

/** Or why there are none. */
function pluginEdits(source: ts.SourceFile, before: string, { property }: Bundler, imported: Edit): readonly Edit[] | string {
  if (some(source, (node) => ts.isIdentifier(node) && node.text === "deflow" && !isKey(node))) return "it uses the name `deflow` for something else";
  const config = configOf(source);
  if (config === undefined) return "its configuration is no object that stands in it";
  const inserted = insertedIn(config, property, before);
  return inserted === undefined ? `its \`${property}\` are no list that stands in it` : [imported, inserted];
}

/** A name in an object, which is no variable's: `externals: { deflow: "commonjs deflow" }`. */
function isKey(node: ts.Identifier): boolean {
  const { parent } = node;
  return (ts.isPropertyAssignment(parent) || ts.isMethodDeclaration(parent) || ts.isPropertyAccessExpression(parent) || ts.isPropertySignature(parent)) && parent.name === node;
}

/** What is imported by name is called by that name somewhere, and once in a list; of other forms nothing is asked. */
function wrongUse(source: ts.SourceFile, module: string): string | undefined {
  const names = importedNames(source, module);
  const isCall = (node: ts.Node): boolean => ts.isCallExpression(node) && ts.isIdentifier(node.expression) && names.includes(node.expression.text);
  if (names.length > 0 && !some(source, isCall)) return "it imports the plugin and does not call it";
  return some(source, (node) => ts.isArrayLiteralExpression(node) && node.elements.filter(isCall).length > 1) ? "a list in it has the plugin twice" : undefined;
}

function importedNames(source: ts.SourceFile, module: string): readonly string[] {
  return source.statements.flatMap((statement) => {
    if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.flatMap(({ name, initializer }) => (ts.isObjectBindingPattern(name) && isRequired(initializer, module) ? name.elements.map((each) => each.name.getText(source)) : []));
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier) || statement.moduleSpecifier.text !== module) return [];
    const bindings = statement.importClause?.namedBindings;
    return bindings !== undefined && ts.isNamedImports(bindings) ? bindings.elements.map(({ name }) => name.text) : [];
  });
}

function isRequired(node: ts.Expression | undefined, module: string): boolean {
  return node !== undefined && ts.isCallExpression(node) && node.expression.getText() === "require" && node.arguments.some((given) => ts.isStringLiteral(given) && given.text === module);
}

/** After the imports, or before the first statement that is no directive. */
function importEdit(source: ts.SourceFile, text: string, eol: string): Edit {
  const last = source.statements.findLast((statement) => ts.isImportDeclaration(statement));
  if (last !== undefined) return { at: last.end, text: `${eol}${text}` };
  const first = source.statements.find((statement) => !ts.isExpressionStatement(statement) || !ts.isStringLiteral(statement.expression));
  return { at: first?.getStart(source) ?? source.end, text: `${text}${eol}${eol}` };
}

/** The object that is exported, through `defineConfig`, a function that gives it, and a constant. */
function configOf(source: ts.SourceFile): ts.ObjectLiteralExpression | undefined {
  for (const statement of source.statements) {
    if (ts.isExportAssignment(statement) && !statement.isExportEquals) return objectIn(statement.expression, source);
    if (!ts.isExpressionStatement(statement) || !ts.isBinaryExpression(statement.expression)) continue;
    const { left, right } = statement.expression;
    if (left.getText(source) === "module.exports") return objectIn(right, source);
  }
  return undefined;
}

function objectIn(node: ts.Node, source: ts.SourceFile): ts.ObjectLiteralExpression | undefined {
  if (ts.isObjectLiteralExpression(node)) return node;
  if (ts.isParenthesizedExpression(node) || ts.isSatisfiesExpression(node) || ts.isAsExpression(node)) return objectIn(node.expression, source);
  if (ts.isCallExpression(node)) return /^defineConfig$/.test(node.expression.getText(source)) && node.arguments[0] ? objectIn(node.arguments[0], source) : undefined;
  if (ts.isArrowFunction(node) && !ts.isBlock(node.body)) return objectIn(node.body, source);
  if (!ts.isIdentifier(node)) return undefined;
  const declared = source.statements.flatMap((statement) => (ts.isVariableStatement(statement) ? [...statement.declarationList.declarations] : []))
    .find(({ name, initializer }) => name.getText(source) === node.text && initializer !== undefined && !ts.isIdentifier(initializer));
  return declared?.initializer && objectIn(declared.initializer, source);
}

function insertedIn(config: ts.ObjectLiteralExpression, property: string, text: string): Edit | undefined {
  const known = config.properties.find(({ name }) => name !== undefined && name.getText().replace(/^["']|["']$/g, "") === property);
  if (known !== undefined) {
    if (!ts.isPropertyAssignment(known) || !ts.isArrayLiteralExpression(known.initializer)) return undefined;
    const { elements } = known.initializer;
    const first = elements[0];
    return first === undefined ? { at: known.initializer.getStart() + 1, text: "deflow()" } : { at: first.getStart(), text: `deflow(), ` };
  }
  // A spread may bring plugins of its own.
  if (config.properties.some((each) => ts.isSpreadAssignment(each))) return undefined;
  const first = config.properties[0];
  const at = config.getStart() + 1;
  if (first === undefined) return { at, text: ` ${property}: [deflow()] ` };
  const space = text.slice(at, first.getStart()).replace(/\S[\s\S]*$/, "");
  return { at, text: `${space || " "}${property}: [deflow()],` };
}

function applied(text: string, edits: readonly Edit[]): string {
  return edits.toSorted((a, b) => b.at - a.at).reduce((result, { at, text: put }) => result.slice(0, at) + put + result.slice(at), text);
}
