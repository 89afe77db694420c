// DF501 of what an expression has read before an await that stands in it, and needs after that.
//
//   basket.add(await listen(line))     `basket.add` is read first: a method of a class of the module, which is no function of a flow
//
// What is read of the module itself, `api.send(await listen(line))`, is kept by its name.

import ts from "typescript";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { diagnoseAt } from "../diagnostics/table.ts";
import type { Point, Slot } from "../ir.ts";
import type { TypedFile } from "./file.ts";
import type { Keepable } from "./keepable.ts";
import type { Stops } from "./stops.ts";

export function heldMembers(at: TypedFile, stops: Stops, keepable: Keepable): Diagnostic[] {
  const found = new Map<ts.Node, Diagnostic>();
  for (const { machines } of at.flows) {
    for (const { points } of machines.values()) {
      for (const point of points) {
        for (const node of membersHeldAt(point)) {
          if (!found.has(node) && stops.isStop(point)) for (const diagnostic of refused(node, point, at, keepable)) found.set(node, diagnostic);
        }
      }
    }
  }
  return [...found.values()];
}

function membersHeldAt({ held, live }: Point): ts.PropertyAccessExpression[] {
  const isKept = (slot: Slot): boolean => slot.reference === undefined && live.has(slot);
  const members: ts.PropertyAccessExpression[] = [];
  for (let at = held; at; at = at.before) if (ts.isPropertyAccessExpression(at.node) && ts.isIdentifier(at.node.name) && isKept(at.slot)) members.push(at.node);
  return members;
}

function refused(node: ts.PropertyAccessExpression, point: Point, at: TypedFile, keepable: Keepable): Diagnostic[] {
  const name = at.nameAt(node.name as ts.Identifier);
  const refusal = name && keepable.refusal(at.program.checker.getTypeAtLocation(name), "unknown");
  if (!refusal?.sure) return [];
  const start = node.getStart();
  const line = at.lineOf(point.node.getStart());
  return [diagnoseAt("DF501", start, node.end - start, `\`${node.getText()}${refusal.path}\` is ${refusal.what}`, `it is read before the await in line ${line}, and used after it`, "Await into a constant first.")];
}
