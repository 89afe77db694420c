// Writes what the frames of a machine name, and what the code means by it: looked up when a frame is read.
//
//   console.log(await x)   →   reads: { console: () => console, "console.log": () => console.log }

import ts from "typescript";
import type { Machine } from "../ir.ts";
import { plainText, skipOuter } from "../roles.ts";
import type { Emitter } from "./8-emit-emitter.ts";

/** Nothing for a machine that names nothing. The first name of each is the source's own, which an adapter may have to write otherwise. */
export function emitReads(e: Emitter, { points, unit }: Machine): void {
  const reads = new Map(points.flatMap(({ live }) => live.list().flatMap(({ reference }) => (reference === undefined ? [] : [[plainText(reference), reference] as const]))));
  let before = ", reads: { ";
  for (const [text, node] of reads) {
    const root = rootOf(node);
    e.glue(`${before}${text.includes(".") ? JSON.stringify(text) : text}: () => `, unit.node);
    e.out.slice(e.startOf(root), root.end);
    if (node !== root) e.glue(text.slice(root.getText().length), unit.node);
    before = ", ";
  }
  if (reads.size > 0) e.glue(" }", unit.node);
}

function rootOf(node: ts.Expression): ts.Expression {
  const plain = skipOuter(node);
  return ts.isPropertyAccessExpression(plain) ? rootOf(plain.expression) : plain;
}
