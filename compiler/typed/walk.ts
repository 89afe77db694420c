// Walks a program's tree without recursion, with something that is handed down: a file may be nested deeper than the stack is.

import type ts from "typescript";

/** `visit` gives what the parts of the node get. */
export function walk<Down>(api: Pick<typeof ts, "forEachChild">, root: ts.Node, down: Down, visit: (node: ts.Node, down: Down) => Down): void {
  const work: { readonly node: ts.Node; readonly down: Down }[] = [{ node: root, down }];
  for (let next = work.pop(); next; next = work.pop()) {
    const inner = visit(next.node, next.down);
    api.forEachChild(next.node, (node) => void work.push({ node, down: inner }));
  }
}
