// Finds the original node for a range and a kind, in one walk over the tree.

import type ts from "typescript";

type Originals = (start: number, end: number, kind: ts.SyntaxKind) => ts.Node | undefined;

/** Of nodes with the same range and kind the outermost wins: it is the one whose subtree can be taken over whole. */
export function originals(api: typeof ts, file: ts.SourceFile): Originals {
  const startOf = tokenStarts(api, file);
  const byStart = new Map<number, ts.Node[]>();
  const visit = (node: ts.Node): void => {
    const start = startOf(node);
    const list = byStart.get(start);
    if (list) list.push(node);
    else byStart.set(start, [node]);
    api.forEachChild(node, visit);
  };
  api.forEachChild(file, visit);
  return (start, end, kind) => byStart.get(start)?.find((node) => node.end === end && node.kind === kind);
}

/**
 * `node.getStart(file)`, remembered by position: the nodes of `a.b.c.d` all begin with the same trivia, which would be
 * skipped once per node.
 */
export function tokenStarts(api: typeof ts, file: ts.SourceFile): (node: ts.Node) => number {
  const known = new Map<number, number>();
  return (node) => {
    // In JSX text white space is content, and a missing node has no token.
    if (node.kind === api.SyntaxKind.JsxText || node.pos === node.end) return node.getStart(file);
    let start = known.get(node.pos);
    if (start === undefined) known.set(node.pos, (start = node.getStart(file)));
    return start;
  };
}
