// Lowering of `using`: a scope with resources disposes of them on every way out, in reverse order.
//
//   { using a = open(); await work(a) }
//   →  b0: u = resources(); jump b1
//      b1 [dispose]: a = use(u, open()); await work(a) → b2
//      b2 [dispose]: c = undefined; jump b3
//      b3: c = dispose(u, c); resume c: throw it, or go where it says
//   With `await using` the end is a loop, because each disposal is awaited in the machine itself:
//      b3: branch disposing(u) → b4, b6
//      b4 [catch]: await u.result → b5;  b5: jump b3
//      handler of b3 and b4: c = suppress(c, the error); jump b3
//      b6: resume c

import ts from "typescript";
import { CompilerBug } from "../diagnostics/table.ts";
import type { Region, Slot, Template } from "../ir.ts";
import { listKind } from "./2-scope-declare.ts";
import type { Lowering } from "./5-lower.ts";
import { catchRegion, leavingRegion, onEveryWayOut } from "./5-lower-jumps.ts";

/** The `using` declarations that stand directly among some statements. */
export function usingLists(statements: readonly ts.Statement[]): ts.VariableDeclarationList[] {
  return statements.flatMap((s) => (ts.isVariableStatement(s) && listKind(s.declarationList) === "using" ? [s.declarationList] : []));
}

/** The same of the head of a loop. */
export function usingHead(head: ts.ForInitializer | undefined): ts.VariableDeclarationList[] {
  return head && ts.isVariableDeclarationList(head) && listKind(head) === "using" ? [head] : [];
}

/** Lowers the inside of a scope whose resources are declared by `lists`. */
export function withResources(b: Lowering, lists: readonly ts.VariableDeclarationList[], at: ts.Node, inside: () => void): void {
  if (lists.length === 0) return inside();
  const outer = b.region;
  const resources = b.named("resources");
  const region = leavingRegion(b, outer, "dispose", resources);
  const finish = b.block(region);
  const after = b.block(outer);
  b.code([resources, ` = ${b.input.prefix}.resources()`], at, resources);
  b.next(region, at);
  b.within("using", "resources", inside);
  b.jump(finish.id, at);
  onEveryWayOut(b, region, finish, after, at, () => (lists.some(isAwaited) ? b.within("disposing", "completion", () => disposeAwaited(b, region, at)) : disposeAtOnce(b, region, at)));
  b.place(after, at);
}

function isAwaited({ flags }: ts.VariableDeclarationList): boolean {
  return (flags & ts.NodeFlags.BlockScoped) === ts.NodeFlags.AwaitUsing;
}

function disposeAtOnce(b: Lowering, region: Region, at: ts.Node): void {
  const { completion } = leavingOf(region);
  b.code([completion, ` = ${b.input.prefix}.dispose(`, region.resources as Slot, ", ", completion, ")"], at, completion);
}

function disposeAwaited(b: Lowering, region: Region, at: ts.Node): void {
  const { completion } = leavingOf(region);
  const resources = region.resources as Slot;
  const outer = b.region;
  const guard = catchRegion(b, outer);
  const head = b.next(guard, at);
  const waiting = b.block(guard);
  const handler = b.block(outer);
  const done = b.block(outer);
  guard.handler = handler.id;
  b.end({ kind: "branch", test: [`${b.input.prefix}.disposing(`, resources, ")"], then: waiting.id, else: done.id, at });
  b.place(waiting);
  b.await([resources, ".result"], at, null, "await", "dispose");
  b.jump(head.id, at);
  b.place(handler);
  b.code([completion, ` = ${b.input.prefix}.suppress(`, completion, ", ", b.machine.value, ")"], at, completion);
  b.jump(head.id, at);
  b.place(done, at);
}

function leavingOf(region: Region): { completion: Slot } {
  if (!region.leaving) throw new CompilerBug("a region of resources that cannot be left");
  return region.leaving;
}

/** `using x = value`: the value, registered with the scope that the declaration stands in. */
export function registered(b: Lowering, list: ts.VariableDeclarationList, value: Template): Template {
  let region = b.region;
  while (region && region.kind !== "dispose") region = region.parent;
  if (!region?.resources) throw new CompilerBug("a `using` without its scope", list);
  return [`${b.input.prefix}.${isAwaited(list) ? "useAsync" : "use"}(`, region.resources, ", ", ...value, ")"];
}
