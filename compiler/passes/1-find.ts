// 1. Find.
//
// Takes   the text of a file.
// Gives   its syntax tree and the flows in it: the async functions written as an argument of `deflow`, with their names.
// Keeps   the text; nothing is rewritten before pass 8.
//
//   import { deflow as flow } from "deflow";
//   export const approve = flow(async (order: Order) => { … });
//   →  { name: "approve", fn: the arrow }, and `flow` is known to be `deflow`

import ts from "typescript";
import { isFatal, type Diagnostic } from "../diagnostics/diagnostic.ts";
import { diagnose, diagnoseAt } from "../diagnostics/table.ts";
import { skipOuter, targetOf } from "../roles.ts";
import { everyNode } from "../walk.ts";
import { isShadowed } from "./1-find-shadow.ts";

export interface Source {
  readonly file: ts.SourceFile;
  readonly fileName: string;
  readonly flows: readonly FlowSite[];
  readonly diagnostics: Diagnostic[];
  /** What a callee means: the name that `deflow` exports, if it is one of its imports ("listen", "step.once"). */
  readonly operation: (callee: ts.Expression) => string | undefined;
  /** Every name that stands in the target of an assignment anywhere in the file. */
  readonly assigned: ReadonlySet<string>;
  /** The names that the top level of the file declares or imports: what is not among them is global. */
  readonly declared: ReadonlySet<string>;
  /** The starts of lines inside templates and strings: the indentation there is part of a value. */
  readonly fixedLines: ReadonlySet<number>;
}

export interface FlowSite {
  readonly name: string;
  readonly call: ts.CallExpression;
  readonly fn: ts.FunctionExpression | ts.ArrowFunction;
  /** Its runs go on with the text that they were begun with alone: `deflow({ version: "pin" }, …)`. */
  readonly pinned: boolean;
  readonly diagnostics: Diagnostic[];
}

/** Null where the file has no call of `deflow`: most files are dismissed without a parse. */
export function find(text: string, fileName: string): Source | null {
  if (!/\bdeflow\b/.test(text)) return null;
  const file = parse(text, fileName);
  const operation = operations(file);
  const named: ts.CallExpression[] = [];
  const targets: ts.Expression[] = [];
  const fixedLines = new Set<number>();
  everyNode(file, (node) => {
    if (ts.isCallExpression(node) && isDeflow(node.expression, operation)) named.push(node);
    const target = targetOf(node);
    if (target) targets.push(target);
    if (isText(node)) addLinesOf(node, file, fixedLines);
  });
  const calls = named.filter(({ expression }) => !isShadowed(expression));
  if (calls.length === 0) return null;
  const assigned = new Set<string>();
  for (const target of targets) addNames(skipOuter(target), assigned);
  const syntax = syntaxErrors(file);
  const declared = declaredNames(file);
  if (syntax.length > 0) return { file, fileName, flows: [], diagnostics: syntax, operation, assigned, declared, fixedLines };
  const again = calls.find(isCompiled);
  if (again) return { file, fileName, flows: [], diagnostics: [diagnose("DF110", again.expression)], operation, assigned, declared, fixedLines };
  const { flows, diagnostics } = sites(calls);
  return { file, fileName, flows, diagnostics, operation, assigned, declared, fixedLines };
}

/** Without the parents of nodes, which the walk over the file sets, and without JSDoc, which means nothing to a flow. */
function parse(text: string, fileName: string): ts.SourceFile {
  const options = { languageVersion: ts.ScriptTarget.Latest, jsDocParsingMode: ts.JSDocParsingMode.ParseNone };
  return ts.createSourceFile(fileName, text, options, false, scriptKind(fileName));
}

/** Literals and the parts of templates. White space at the start of a line has no meaning in JSX. */
function isText({ kind }: ts.Node): boolean {
  return kind >= ts.SyntaxKind.FirstLiteralToken && kind <= ts.SyntaxKind.LastTemplateToken && kind !== ts.SyntaxKind.JsxText;
}

function addLinesOf(node: ts.Node, file: ts.SourceFile, lines: Set<number>): void {
  const lineAfter = (at: number): number => file.text.indexOf("\n", at) + 1;
  for (let line = lineAfter(node.pos); line > 0 && line < node.end; line = lineAfter(line)) if (line > node.getStart(file)) lines.add(line);
}

function declaredNames(file: ts.SourceFile): Set<string> {
  const names = new Set<string>();
  const addPattern = (name: ts.BindingName): void => {
    if (ts.isIdentifier(name)) names.add(name.text);
    else for (const element of name.elements) if (ts.isBindingElement(element)) addPattern(element.name);
  };
  for (const statement of file.statements) {
    if (ts.isVariableStatement(statement)) for (const { name } of statement.declarationList.declarations) addPattern(name);
    else if (ts.isImportDeclaration(statement)) addImports(statement.importClause, names);
    else if (ts.isDeclarationStatement(statement) && statement.name && ts.isIdentifier(statement.name)) names.add(statement.name.text);
  }
  return names;
}

function addImports(clause: ts.ImportClause | undefined, names: Set<string>): void {
  if (clause?.name) names.add(clause.name.text);
  const bindings = clause?.namedBindings;
  if (bindings && ts.isNamespaceImport(bindings)) names.add(bindings.name.text);
  else for (const { name } of bindings?.elements ?? []) names.add(name.text);
}

/** `o.p = 1` assigns no name; of a pattern every name counts, which is more than enough. */
function addNames(target: ts.Expression, names: Set<string>): void {
  if (ts.isPropertyAccessExpression(target) || ts.isElementAccessExpression(target)) return;
  everyNode(target, (part) => void (ts.isIdentifier(part) && names.add(part.text)));
}

/** Asks for the name first: `operation` walks the whole chain of a callee. */
function isDeflow(callee: ts.Expression, operation: Source["operation"]): boolean {
  return (ts.isIdentifier(callee) || (ts.isPropertyAccessExpression(callee) && ts.isIdentifier(callee.expression))) && operation(callee) === "deflow";
}

function scriptKind(fileName: string): ts.ScriptKind {
  if (/\.tsx$/.test(fileName)) return ts.ScriptKind.TSX;
  if (/\.[cm]?ts$/.test(fileName)) return ts.ScriptKind.TS;
  return ts.ScriptKind.JSX;
}

/** `o?.#name`: TypeScript parses it and reports it all the same. */
const PRIVATE_IN_CHAIN = 18030;

function syntaxErrors(file: ts.SourceFile): Diagnostic[] {
  const errors = (file as unknown as { parseDiagnostics: readonly ts.DiagnosticWithLocation[] }).parseDiagnostics;
  return errors.filter(({ code }) => code !== PRIVATE_IN_CHAIN).map((e) => diagnoseAt("DF107", e.start, e.length, ts.flattenDiagnosticMessageText(e.messageText, " ")));
}

function sites(calls: readonly ts.CallExpression[]): { flows: FlowSite[]; diagnostics: Diagnostic[] } {
  const flows: FlowSite[] = [];
  const diagnostics: Diagnostic[] = [];
  const names = new Set<string>();
  for (const call of calls) {
    const site = flowSite(call);
    if (!("fn" in site)) {
      diagnostics.push(site);
      continue;
    }
    if (names.has(site.name)) site.diagnostics.push(diagnose("DF104", site.fn.name ?? call.expression, site.name));
    names.add(site.name);
    flows.push(site);
    diagnostics.push(...site.diagnostics.filter(isFatal));
  }
  return { flows, diagnostics };
}

/** `deflow($.flow({ contract: … }, …))`: what pass 8 emits, in whatever module system it was printed. */
function isCompiled({ arguments: [fn] }: ts.CallExpression): boolean {
  if (!fn || !ts.isCallExpression(fn) || !ts.isPropertyAccessExpression(fn.expression) || fn.expression.name.text !== "flow") return false;
  const [meta] = fn.arguments;
  return meta !== undefined && ts.isObjectLiteralExpression(meta) && meta.properties[0]?.name?.getText() === "contract";
}

function flowSite(call: ts.CallExpression): FlowSite | Diagnostic {
  const fn = call.arguments.at(-1);
  if (!fn || !isFunctionLiteral(fn) || call.arguments.length > 2) return diagnose("DF101", fn ?? call.expression);
  if (fn.asteriskToken) return diagnose("DF203", call.expression, "generator");
  if (!fn.modifiers?.some((m) => m.kind === ts.SyntaxKind.AsyncKeyword)) return diagnose("DF101", call.expression);
  const around = enclosing(call);
  if (around) return diagnose(ts.isClassLike(around) ? "DF310" : "DF102", call.expression);
  const name = option(call, "name") ?? fn.name?.text ?? variableName(call);
  if (name === undefined) return diagnose("DF103", call.expression);
  return { name, call, fn, pinned: option(call, "version") === "pin", diagnostics: [] };
}

function isFunctionLiteral(node: ts.Node): node is ts.FunctionExpression | ts.ArrowFunction {
  return ts.isFunctionExpression(node) || ts.isArrowFunction(node);
}

function enclosing(node: ts.Node): ts.Node | undefined {
  return ts.findAncestor(node.parent, (up) => ts.isFunctionLike(up) || ts.isClassLike(up) || ts.isIterationStatement(up, false));
}

/** `deflow({ name: "approve" }, …)` */
function option(call: ts.CallExpression, name: "name" | "version"): string | undefined {
  const options = call.arguments[0];
  if (call.arguments.length !== 2 || !options || !ts.isObjectLiteralExpression(options)) return undefined;
  for (const property of options.properties) {
    if (ts.isPropertyAssignment(property) && property.name.getText() === name && ts.isStringLiteralLike(property.initializer))
      return property.initializer.text;
  }
  return undefined;
}

function variableName(call: ts.CallExpression): string | undefined {
  let node: ts.Node = call;
  while (ts.isParenthesizedExpression(node.parent) || ts.isAsExpression(node.parent) || ts.isSatisfiesExpression(node.parent)) node = node.parent;
  const { parent } = node;
  if (ts.isVariableDeclaration(parent) && ts.isIdentifier(parent.name)) return parent.name.text;
  if (ts.isPropertyAssignment(parent) && (ts.isIdentifier(parent.name) || ts.isStringLiteralLike(parent.name))) return parent.name.text;
  if (ts.isExportAssignment(parent)) return "default";
  return undefined;
}

/** Reads `import { step as s } from "deflow"`, `import * as d from "deflow"` and the same by `require`. */
function operations(file: ts.SourceFile): (callee: ts.Expression) => string | undefined {
  const named = new Map<string, string>();
  const spaces = new Set<string>();
  for (const statement of file.statements) {
    if (ts.isImportDeclaration(statement) && isPackage(statement.moduleSpecifier)) readImport(statement, named, spaces);
    else if (ts.isVariableStatement(statement)) readRequire(statement, named, spaces);
  }
  const operation = (callee: ts.Expression): string | undefined => {
    if (ts.isIdentifier(callee)) return named.get(callee.text);
    if (!ts.isPropertyAccessExpression(callee)) return undefined;
    if (ts.isIdentifier(callee.expression) && spaces.has(callee.expression.text)) return callee.name.text;
    const outer = operation(callee.expression);
    return outer === undefined ? undefined : `${outer}.${callee.name.text}`;
  };
  return operation;
}

function isPackage(specifier: ts.Expression): boolean {
  return ts.isStringLiteral(specifier) && (specifier.text === "deflow" || specifier.text.startsWith("deflow/"));
}

function readImport(statement: ts.ImportDeclaration, named: Map<string, string>, spaces: Set<string>): void {
  const bindings = statement.importClause?.namedBindings;
  if (!bindings) return;
  if (ts.isNamespaceImport(bindings)) spaces.add(bindings.name.text);
  else for (const e of bindings.elements) named.set(e.name.text, (e.propertyName ?? e.name).text);
}

function readRequire(statement: ts.VariableStatement, named: Map<string, string>, spaces: Set<string>): void {
  for (const { name, initializer } of statement.declarationList.declarations) {
    if (!initializer || !ts.isCallExpression(initializer) || !isRequire(initializer.expression)) continue;
    const specifier = initializer.arguments[0];
    if (!specifier || !isPackage(specifier)) continue;
    if (ts.isIdentifier(name)) spaces.add(name.text);
    else for (const e of name.elements) {
      if (ts.isBindingElement(e) && ts.isIdentifier(e.name)) named.set(e.name.text, plainKey(e.propertyName) ?? e.name.text);
    }
  }
}

function isRequire(callee: ts.Expression): boolean {
  return ts.isIdentifier(callee) && callee.text === "require";
}

function plainKey(key: ts.PropertyName | undefined): string | undefined {
  return key && (ts.isIdentifier(key) || ts.isStringLiteral(key)) ? key.text : undefined;
}
