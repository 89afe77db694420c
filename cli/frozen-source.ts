// The text of a frozen flow's file: of the released file what the flow needs.
//
//   const DAY = 86_400_000;                                 copied, as it was released
//   export const invoice = activity("invoice", …);          imported from the file as it is: a process has one of that name
//   export const order = deflow(async function order(…) …   copied, under its new name
//   export const flows = { order };                         left out: the flow does not need it

import ts from "typescript";
import { find, type FlowSite, type Source } from "../compiler/passes/1-find.ts";
import { UsageError } from "./io.ts";
import { declaredBy, exportsOf, importedBy, isExports, mentionedBy, registeredIn } from "./top-level.ts";

/** The file that the flow was in, as it is today. */
interface Today {
  /** As other files beside it import it: "./flow.js". */
  readonly specifier: string;
  /** Undefined: it is gone, and so nothing else gives the names that it gave. */
  readonly text: string | undefined;
}

/** @throws UsageError. */
export function frozenSource(text: string, fileName: string, flow: string, name: string, today: Today): string {
  const source = find(text, fileName) as Source;
  const { file } = source;
  const site = source.flows.find((each) => each.name === flow) as FlowSite;
  const own = statementOf(site.call);
  const other = source.flows.find((each) => each !== site && statementOf(each.call) === own);
  if (other) throw new UsageError(`the flow \`${other.name}\` is made in the statement that makes \`${flow}\`, so neither can be frozen without the other: give \`--from\` a file where each has a statement of its own`);
  const { copied, imported, mentioned } = needed(source, own, today);
  const kept = file.statements.map((statement) => {
    if (ts.isImportDeclaration(statement)) return importText(statement, mentioned);
    return statement === own ? ownText(own, site, name) : copied.has(statement) ? textOf(statement) : "";
  });
  const isModule = ts.isExternalModule(file);
  return [
    ...file.statements.filter(isDirective).map((statement) => statement.getText()),
    `// Written by \`deflow freeze\`: \`${flow}\` as it was released, for runs that only this code fits. No new run begins here.`,
    ...(imported.length > 0 ? [importLine(imported, flow, fileName, today, isModule)] : []),
    kept.join("").trim(),
    ...(isModule ? [] : [`module.exports = { ${declaredBy(own).join(", ")} };`]),
  ].join("\n") + "\n";
}

function statementOf(node: ts.Node): ts.Statement {
  return ts.findAncestor(node, (up): up is ts.Statement => ts.isSourceFile(up.parent)) as ts.Statement;
}

interface Needed {
  readonly copied: ReadonlySet<ts.Statement>;
  readonly imported: readonly string[];
  readonly mentioned: ReadonlySet<string>;
}

/** What the flow mentions, what that mentions, and so on, but not through what is imported. */
function needed({ file, operation }: Source, own: ts.Statement, today: Today): Needed {
  const registered = today.text === undefined ? new Set<string>() : registeredIn(file, operation);
  const [copied, mentioned] = [new Set<ts.Statement>(), new Set<string>()];
  const add = (statement: ts.Statement): void => {
    copied.add(statement);
    for (const name of mentionedBy(statement)) mentioned.add(name);
  };
  const isWanted = (statement: ts.Statement): boolean => {
    if (ts.isImportDeclaration(statement) || isDirective(statement)) return false;
    if (isAction(statement)) return !isOperation(statement, operation) && actsOn(statement, copied, own);
    return declaredBy(statement).some((name) => mentioned.has(name) && !registered.has(name));
  };
  add(own);
  for (let before = 0; before < copied.size;) {
    before = copied.size;
    for (const statement of file.statements) if (!copied.has(statement) && isWanted(statement)) add(statement);
  }
  const names = file.statements.flatMap((statement) => (statement === own ? [] : declaredBy(statement)));
  return { copied, mentioned, imported: [...new Set(names)].filter((name) => mentioned.has(name) && registered.has(name)) };
}

/** It declares nothing, and is there for what it does. */
function isAction(statement: ts.Statement): boolean {
  return !ts.isDeclarationStatement(statement) && !ts.isVariableStatement(statement) && !(ts.isExpressionStatement(statement) && ts.isBinaryExpression(statement.expression) && isExports(statement.expression.left));
}

function isDirective(statement: ts.Statement): boolean {
  return ts.isExpressionStatement(statement) && ts.isStringLiteral(statement.expression);
}

/** `migrate(…)`, `serializable(…)`: today's file says it once for all. */
function isOperation(statement: ts.Statement, operation: Source["operation"]): boolean {
  return ts.isExpressionStatement(statement) && ts.isCallExpression(statement.expression) && operation(statement.expression.expression) !== undefined;
}

/** `rates.set("EUR", 1)`, where `rates` is copied. */
function actsOn(statement: ts.Statement, copied: ReadonlySet<ts.Statement>, own: ts.Statement): boolean {
  const mentioned = mentionedBy(statement, { atLoad: true });
  return [...copied].some((each) => each !== own && declaredBy(each).some((name) => mentioned.has(name)));
}

/** With the comments before it, and one behind it on its line. */
function textOf(statement: ts.Statement): string {
  const { text, statements } = statement.getSourceFile();
  const before = statements[statements.indexOf(statement) - 1];
  return text.slice(before ? endOf(before, text) : (ts.getShebang(text)?.length ?? 0), endOf(statement, text));
}

function endOf({ end }: ts.Statement, text: string): number {
  return ts.getTrailingCommentRanges(text, end)?.at(-1)?.end ?? end;
}

/** What is mentioned of an import; one that is there for what it does stays. */
function importText(statement: ts.ImportDeclaration, mentioned: ReadonlySet<string>): string {
  const { importClause } = statement;
  const whole = textOf(statement);
  const names = importedBy(statement);
  const left = names.filter(({ text }) => mentioned.has(text));
  if (!importClause || left.length === names.length) return whole;
  if (left.length === 0) return "";
  const bindings = importClause.namedBindings;
  const elements = bindings && ts.isNamedImports(bindings) ? bindings.elements.filter(({ name }) => left.includes(name)).map((element) => element.getText()) : [];
  const clause = [
    ...(importClause.name && left.includes(importClause.name) ? [importClause.name.text] : []),
    ...(bindings && ts.isNamespaceImport(bindings) && left.includes(bindings.name) ? [bindings.getText()] : []),
    ...(elements.length > 0 ? [`{ ${elements.join(", ")} }`] : []),
  ].join(", ");
  const at = whole.length - (endOf(statement, statement.getSourceFile().text) - importClause.getStart());
  return `${whole.slice(0, at)}${importClause.isTypeOnly ? "type " : ""}${clause}${whole.slice(at + importClause.getWidth())}`;
}

function importLine(names: readonly string[], flow: string, fileName: string, { specifier, text = "" }: Today, isModule: boolean): string {
  const exported = exportsOf(ts.createSourceFile(fileName, text, ts.ScriptTarget.Latest, true));
  const hidden = names.filter((name) => !exported.has(name));
  if (hidden.length > 0) {
    const listed = hidden.map((name) => `\`${name}\``).join(", ");
    throw new UsageError(`\`${fileName}\` does not export ${listed}. A process has one context, activity, class or flow of a name, so the frozen file of \`${flow}\` imports what it needs of them: export ${listed} there, and freeze again`);
  }
  const elements = names.map((name) => (exported.get(name) === name ? name : `${exported.get(name)}${isModule ? " as" : ":"} ${name}`)).join(", ");
  return isModule ? `import { ${elements} } from ${JSON.stringify(specifier)};` : `const { ${elements} } = require(${JSON.stringify(specifier)});`;
}

/** Exported, so that engines can be given it. */
function ownText(own: ts.Statement, { call, fn }: FlowSite, name: string): string {
  const put = nameIn(call, fn, name);
  const text = textOf(own);
  const start = endOf(own, own.getSourceFile().text) - text.length;
  const renamed = text.slice(0, put.from - start) + put.text + text.slice(put.to - start);
  const isExported = !ts.isVariableStatement(own) || !ts.isExternalModule(own.getSourceFile()) || own.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;
  const at = own.getStart() - start;
  return isExported ? renamed : `${renamed.slice(0, at)}export ${renamed.slice(at)}`;
}

/** Where the call says the new name: in its options, or before the function. */
function nameIn(call: ts.CallExpression, fn: FlowSite["fn"], name: string): { readonly from: number; readonly to: number; readonly text: string } {
  const text = `name: ${JSON.stringify(name)}`;
  const options = call.arguments[0];
  if (!options || options === fn) return { from: fn.getStart(), to: fn.getStart(), text: `{ ${text} }, ` };
  if (!ts.isObjectLiteralExpression(options)) return { from: options.getStart(), to: options.end, text: `{ ...${options.getText()}, ${text} }` };
  const given = options.properties.find((property) => property.name?.getText() === "name");
  if (given) return { from: given.getStart(), to: given.end, text };
  const at = options.getStart() + 1;
  return { from: at, to: at, text: ` ${text},` };
}
