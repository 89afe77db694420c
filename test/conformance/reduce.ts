// Makes a failing program small. Every candidate is the program with one piece left out or replaced by a part of itself;
// it is kept when it still fails in the same way. Candidates come from the syntax tree, largest first.

import ts from "typescript";

interface Edit {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

interface ReduceOptions {
  /** Whether a text still shows the failure. Texts that do not parse or fail natively must give false. */
  readonly fails: (text: string) => Promise<boolean>;
  readonly onStep?: (text: string) => void;
  readonly maxTries?: number;
}

export async function reduce(text: string, { fails, onStep, maxTries = 4000 }: ReduceOptions): Promise<string> {
  let current = text;
  let tries = 0;
  const seen = new Set<string>([text]);
  for (let progress = true; progress; ) {
    progress = false;
    // One sweep goes on behind an accepted edit as long as the tree's offsets before it hold, so edits run back to front
    // within equal sizes; a new sweep starts with a new tree.
    for (const edit of edits(current)) {
      const next = current.slice(0, edit.from) + edit.text + current.slice(edit.to);
      if (seen.has(next)) continue;
      seen.add(next);
      if (++tries > maxTries) return current;
      if (!(await fails(next))) continue;
      current = next;
      onStep?.(current);
      progress = true;
      break;
    }
  }
  const tidy = current.replace(/^\s*\n/gm, "").replace(/[ \t]{2,}/g, " ");
  return (await fails(tidy)) ? tidy : current;
}

function edits(text: string): Edit[] {
  const file = ts.createSourceFile("program.js", text, ts.ScriptTarget.ESNext, true, ts.ScriptKind.JS);
  const all: Edit[] = [];
  const visit = (node: ts.Node) => {
    for (const replacement of replacements(node, file)) all.push({ from: node.getStart(file), to: node.end, text: replacement });
    all.push(...listEdits(node, file));
    ts.forEachChild(node, visit);
  };
  visit(file);
  return all.filter(({ from, to, text: t }) => t.length < to - from).toSorted((a, b) => b.to - b.from - b.text.length - (a.to - a.from - a.text.length));
}

/** Shorter texts that may stand where the node stands. */
function replacements(node: ts.Node, file: ts.SourceFile): string[] {
  if (ts.isStatement(node)) return [...statementParts(node).map((part) => inner(part, file)), ...(ts.isBlock(node) ? ["{}"] : [""])];
  if (isExpression(node)) {
    const parts: string[] = [];
    ts.forEachChild(node, (child) => {
      if (isExpression(child) && !ts.isFunctionLike(node)) parts.push(parenthesised(child, file));
    });
    if (ts.isCallExpression(node)) parts.push(...node.arguments.filter((a) => !ts.isSpreadElement(a)).map((a) => parenthesised(a, file)));
    if (ts.isTemplateExpression(node)) parts.push(...node.templateSpans.map((span) => parenthesised(span.expression, file)));
    return [...parts, "0", "1"];
  }
  return [];
}

/** Statements that a statement holds and that may take its place. */
function statementParts(node: ts.Statement): ts.Node[] {
  const parts: ts.Node[] = [];
  if (ts.isIfStatement(node)) parts.push(node.thenStatement, ...(node.elseStatement ? [node.elseStatement] : []));
  if (ts.isIterationStatement(node, false) || ts.isLabeledStatement(node)) parts.push(node.statement);
  if (ts.isTryStatement(node)) {
    parts.push(node.tryBlock);
    if (node.catchClause) parts.push(node.catchClause.block);
    if (node.finallyBlock) parts.push(node.finallyBlock);
  }
  if (ts.isSwitchStatement(node)) parts.push(...node.caseBlock.clauses.flatMap((clause) => [...clause.statements]));
  return parts;
}

function inner(node: ts.Node, file: ts.SourceFile): string {
  const text = node.getText(file);
  return ts.isBlock(node) && !node.statements.some((s) => ts.isVariableStatement(s)) ? text.slice(1, -1).trim() : text;
}

/** Leaves out one member of a list with its comma, a clause of a try, an initialiser, a modifier. */
function listEdits(node: ts.Node, file: ts.SourceFile): Edit[] {
  const out: Edit[] = [];
  const drop = (list: ts.NodeArray<ts.Node> | undefined) => {
    list?.forEach((member, i) => {
      const next = list[i + 1];
      const previous = list[i - 1];
      if (next !== undefined) out.push({ from: member.getStart(file), to: next.getStart(file), text: "" });
      else out.push({ from: previous?.end ?? member.getStart(file), to: member.end, text: "" });
    });
  };
  if (ts.isCallExpression(node) || ts.isNewExpression(node)) drop(node.arguments);
  if (ts.isArrayLiteralExpression(node)) drop(node.elements);
  if (ts.isObjectLiteralExpression(node)) drop(node.properties);
  if (ts.isArrayBindingPattern(node) || ts.isObjectBindingPattern(node)) drop(node.elements);
  if (ts.isVariableDeclarationList(node)) drop(node.declarations);
  if (ts.isFunctionLike(node)) drop(node.parameters);
  if (ts.isClassLike(node)) drop(node.members);
  if (ts.isCaseBlock(node)) drop(node.clauses);
  if (ts.isTryStatement(node)) {
    if (node.catchClause && node.finallyBlock) {
      out.push({ from: node.tryBlock.end, to: node.catchClause.end, text: "" }, { from: node.catchClause.end, to: node.finallyBlock.end, text: "" });
    }
  }
  if (ts.isIfStatement(node) && node.elseStatement) out.push({ from: node.thenStatement.end, to: node.elseStatement.end, text: "" });
  if ((ts.isBindingElement(node) || ts.isParameter(node) || ts.isVariableDeclaration(node)) && node.initializer) {
    out.push({ from: node.name.end, to: node.initializer.end, text: "" });
  }
  if (ts.isForStatement(node)) {
    for (const part of [node.initializer, node.condition, node.incrementor]) if (part) out.push({ from: part.getStart(file), to: part.end, text: "" });
  }
  return out;
}

function isExpression(node: ts.Node): node is ts.Expression {
  return ts.isExpression(node) && !ts.isSpreadElement(node) && !isName(node);
}

// Names in declarations, property names and the like: identifiers that are no expressions of their own.
function isName(node: ts.Node): boolean {
  if (!ts.isIdentifier(node)) return false;
  const { parent } = node;
  return "name" in parent && parent.name === node;
}

function parenthesised(node: ts.Node, file: ts.SourceFile): string {
  const text = node.getText(file);
  return ts.isBinaryExpression(node) || ts.isArrowFunction(node) || ts.isConditionalExpression(node) || ts.isAwaitExpression(node) || ts.isFunctionExpression(node) || ts.isObjectLiteralExpression(node)
    ? `(${text})`
    : text;
}
