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
// Costs one parse and one walk of either tree: linear in the file, with a binary search per node.

import type ts from "typescript";
import type { Piece } from "../text.ts";
import { originals, tokenStarts } from "./graft-index.ts";
import { places } from "./graft-places.ts";

/** `api` must be the TypeScript that made `file`: the kinds of nodes have other numbers in other versions. */
export function graft(api: typeof ts, context: ts.TransformationContext, file: ts.SourceFile, pieces: readonly Piece[]): ts.SourceFile {
  const parsed = parse(api, file, pieces.map((piece) => piece.text).join(""));
  const startOf = tokenStarts(api, parsed);
  const original = originals(api, file);
  const { verbatim, source, anchor } = places(pieces);

  const visit = (node: ts.Node): ts.Node => {
    const start = startOf(node);
    const range = node.end > start ? verbatim(start, node.end) : undefined;
    const untouched = range && original(...range, node.kind);
    if (untouched) return untouched;
    // Tokens and lists are visited too: `?.` and `??` would keep positions of the new text, and stray comments with them.
    const changed = api.visitEachChild(node, visit, context, visitList as typeof ts.visitNodes, visit) ?? node;
    return detach(changed === node ? copyLeaf(api, context.factory, node) : changed, node, start);
  };

  const visitList = (list: ts.NodeArray<ts.Node> | undefined, visitor: ts.Visitor, test?: (node: ts.Node) => boolean, start?: number, count?: number) => {
    const visited = api.visitNodes(list, visitor, test, start, count);
    if (!visited) return undefined;
    if (visited === list) return context.factory.createNodeArray([...visited], visited.hasTrailingComma);
    return api.setTextRange(visited, { pos: -1, end: -1 });
  };

  const detach = (node: ts.Node, parsedNode: ts.Node, start: number): ts.Node => {
    const { end } = parsedNode;
    api.setTextRange(node, { pos: -1, end: -1 });
    const inner = node as Internal;
    inner.original = undefined; // a node of the parsed file: the checker has never seen it
    inner.flags |= api.NodeFlags.Synthesized;
    if (end <= start) return node;
    const from = anchor(start);
    if (from >= 0) api.setSourceMapRange(node, { pos: from, end: Math.max(from, source(end - 1) < 0 ? anchor(end - 1) : source(end - 1) + 1) });
    // The same ends with another inside. JSX in CommonJS asks opening elements for their original.
    const counterpart = source(start) >= 0 && source(end - 1) >= 0 ? original(source(start), source(end - 1) + 1, node.kind) : undefined;
    if (counterpart) api.setOriginalNode(node, counterpart);
    if (counterpart?.parent === file) api.setCommentRange(node, counterpart); // the comment above a flow stays in the output
    else if (api.isStatement(node)) addComments(api, node, parsed.text, parsedNode.pos);
    return node;
  };

  const statements = parsed.statements.map((statement) => visit(statement) as ts.Statement);
  return context.factory.updateSourceFile(file, api.setTextRange(context.factory.createNodeArray(statements), file.statements));
}

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

/** `cloneNode` would keep the literal's own text range, so the leaves with text are made anew. */
function copyLeaf(api: typeof ts, factory: ts.NodeFactory, node: ts.Node): ts.Node {
  if (api.isIdentifier(node)) return factory.createIdentifier(node.text);
  if (api.isPrivateIdentifier(node)) return factory.createPrivateIdentifier(node.text);
  if (api.isStringLiteral(node)) return factory.createStringLiteral(node.text);
  if (api.isNumericLiteral(node)) return factory.createNumericLiteral(node.text);
  return (factory as unknown as { cloneNode(node: ts.Node): ts.Node }).cloneNode(node);
}
