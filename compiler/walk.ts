// Walks a syntax tree without recursion: a file may be nested deeper than the stack is, as generated sums and tables are.

import ts from "typescript";

/**
 * Calls `visit` for the node and everything in it, in source order. Sets the parents on the way, for which the parser would walk the
 * tree once more: only when the walk is through all nodes have theirs.
 */
export function everyNode(root: ts.Node, visit: (node: ts.Node) => void): void {
  const work = [root];
  let parent = root;
  const push = (child: ts.Node): void => {
    (child as { parent: ts.Node }).parent = parent;
    work.push(child);
  };
  for (let node = work.pop(); node; node = work.pop()) {
    visit(node);
    const from = work.length;
    parent = node;
    ts.forEachChild(node, push);
    reverse(work, from);
  }
}

/** Reverses list[from …] in place, so that the first child is the next to be popped. */
function reverse(list: ts.Node[], from: number): void {
  for (let low = from, high = list.length - 1; low < high; low++, high--) {
    const first = list[low] as ts.Node;
    list[low] = list[high] as ts.Node;
    list[high] = first;
  }
}
