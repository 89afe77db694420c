// The graft bridge: rewritten text becomes a tree that tsc emits as if it were its own.
//
// The new text is parsed again. A node that is one untouched stretch of the source, and has an original of the same range
// and kind, is replaced by that original. Every other node becomes synthetic: without a position in the new text, mapped
// to the place its text or its glue belongs to. Import elision, CommonJS, const enums, decorators, JSX, declarations and
// source maps then come from TypeScript itself, because it meets its own nodes.
//
//   [source]  const user = await load(id);
//   [text]    $v = load(id);            `load(id)` is the original call, the assignment is synthetic
//
// Costs one parse and one walk of either tree: linear in the file. Nobody else has the parsed nodes, so they are changed where they
// are; a copy is made only of those around an original. A line of glue is mapped as a whole, not part by part.

import type ts from "typescript";
import type { Piece } from "../text.ts";
import { originals, tokenStarts } from "./graft-index.ts";
import { places } from "./graft-places.ts";

/** `api` must be the TypeScript that made `file`: the kinds of nodes have other numbers in other versions. */
export function graft(api: typeof ts, context: ts.TransformationContext, file: ts.SourceFile, pieces: readonly Piece[]): ts.SourceFile {
  const parsed = parse(api, file, pieces.map((piece) => piece.text).join(""));
  const startOf = tokenStarts(api, parsed);
  const original = originals(api, file);
  const { verbatim, source, anchor, glued } = places(pieces);
  const isLine = (start: number, end: number): boolean => glued(start, end) && !parsed.text.slice(start, end).includes("\n");

  const visit = (node: ts.Node): ts.Node => {
    const { pos, end } = node;
    const start = startOf(node);
    const range = end > start ? verbatim(start, end) : undefined;
    const untouched = range && original(...range, node.kind);
    if (untouched) return untouched;
    if (end > start && isLine(start, end)) detachParts(node, { pos: anchor(start), end: anchor(start) });
    // Tokens and lists are visited too: `?.` and `??` would keep positions of the new text, and stray comments with them.
    else node = api.visitEachChild(node, visit, context, visitList as typeof ts.visitNodes, visit) ?? node;
    detach(node);
    return end > start ? place(node, pos, start, end) : node;
  };

  const visitList = (list: ts.NodeArray<ts.Node> | undefined, visitor: ts.Visitor, test?: (node: ts.Node) => boolean, start?: number, count?: number) => {
    const visited = api.visitNodes(list, visitor, test, start, count);
    return visited && api.setTextRange(visited, nowhere);
  };

  const detach = (node: ts.Node): void => {
    api.setTextRange(node, nowhere);
    const inner = node as Internal;
    inner.original = undefined; // a node of the parsed file: the checker has never seen it
    inner.flags |= api.NodeFlags.Synthesized;
  };

  /** The statements in it are mapped: tsc may print them on lines of their own. */
  const detachParts = (node: ts.Node, range: ts.TextRange): void => {
    const part = (child: ts.Node): void => {
      detach(child);
      if (range.pos >= 0 && api.isStatement(child)) api.setSourceMapRange(child, range);
      api.forEachChild(child, part, list);
    };
    const list = (nodes: ts.NodeArray<ts.Node>): void => {
      api.setTextRange(nodes, nowhere);
      nodes.forEach(part);
    };
    api.forEachChild(node, part, list);
  };

  const place = (node: ts.Node, pos: number, start: number, end: number): ts.Node => {
    const from = anchor(start);
    const last = source(end - 1);
    if (from >= 0) api.setSourceMapRange(node, { pos: from, end: Math.max(from, last < 0 ? anchor(end - 1) : last + 1) });
    // The same ends with another inside. JSX in CommonJS asks opening elements for their original.
    const counterpart = last >= 0 && source(start) >= 0 ? original(source(start), last + 1, node.kind) : undefined;
    if (counterpart) api.setOriginalNode(node, counterpart);
    if (counterpart?.parent === file) api.setCommentRange(node, counterpart); // the comment above a flow stays in the output
    else if (api.isStatement(node)) addComments(api, node, parsed.text, pos);
    return node;
  };

  const statements = parsed.statements.map((statement) => visit(statement) as ts.Statement);
  return context.factory.updateSourceFile(file, api.setTextRange(context.factory.createNodeArray(statements), file.statements));
}

const nowhere = { pos: -1, end: -1 };

/** A statement of the source keeps its comments itself. */
function addComments(api: typeof ts, node: ts.Node, text: string, pos: number): void {
  for (const { kind, pos: start, end } of api.getLeadingCommentRanges(text, pos) ?? []) {
    const content = text.slice(start + 2, kind === api.SyntaxKind.MultiLineCommentTrivia ? end - 2 : end);
    api.addSyntheticLeadingComment(node, kind, content, true);
  }
}

interface Internal {
  flags: ts.NodeFlags;
  original?: ts.Node | undefined;
}

function parse(api: typeof ts, file: ts.SourceFile, text: string): ts.SourceFile {
  const { languageVersion, impliedNodeFormat, fileName } = file;
  const { scriptKind } = file as unknown as { scriptKind: ts.ScriptKind };
  const parsed = api.createSourceFile(fileName, text, { languageVersion, impliedNodeFormat, jsDocParsingMode: api.JSDocParsingMode.ParseNone }, false, scriptKind);
  const [problem] = (parsed as unknown as { parseDiagnostics: readonly ts.Diagnostic[] }).parseDiagnostics;
  if (!problem) return parsed;
  const { line } = parsed.getLineAndCharacterOfPosition(problem.start ?? 0);
  const why = api.flattenDiagnosticMessageText(problem.messageText, " ");
  throw new Error(`deflow wrote code for ${fileName} that does not parse: ${why} in \`${text.split("\n")[line]}\`. Please report it with the source of the file.`);
}
