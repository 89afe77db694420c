// Walks a syntax tree without recursion: a file may be nested deeper than the stack is, as generated sums and tables are.

import ts from "typescript";

/** Calls `visit` for the node and everything in it, in source order. */
export function everyNode(root: ts.Node, visit: (node: ts.Node) => void): void {
  const work = [root];
  for (let node = work.pop(); node; node = work.pop()) {
    visit(node);
    const children: ts.Node[] = [];
    ts.forEachChild(node, (child) => void children.push(child));
    while (children.length > 0) work.push(children.pop() as ts.Node);
  }
}
