// Where control goes from a place, and what is live there.

import ts from "typescript";
import { isActivation, type Variable } from "./names.ts";

export type Live = ReadonlySet<Variable>;
export const nothing: Live = new Set();

/** Jumps by their label; the nearest loop or switch has the label "". */
export interface Ways {
  readonly throws: Live;
  readonly returns: () => Live;
  readonly breaks: ReadonlyMap<string, () => Live>;
  readonly continues: ReadonlyMap<string, () => Live>;
}

export function union(...sets: readonly Live[]): Live {
  let [all = nothing] = sets;
  for (const set of sets) if (![...set].every((each) => all.has(each))) all = new Set([...all, ...set]);
  return all;
}

export function without(live: Live, ...gone: readonly Variable[]): Live {
  return gone.some((each) => live.has(each)) ? new Set([...live].filter((each) => !gone.includes(each))) : live;
}

/** All jumps of `ways` through `pass`. */
export function through(ways: Ways, throws: Live, pass: (to: Live) => Live): Ways {
  const each = (jumps: Ways["breaks"]): Ways["breaks"] => new Map([...jumps].map(([label, to]) => [label, () => pass(to())]));
  return { throws, returns: () => pass(ways.returns()), breaks: each(ways.breaks), continues: each(ways.continues) };
}

/** What is live where the jumps out of some statements lead. */
export function whereJumpsLead(nodes: readonly (ts.Node | undefined)[], ways: Ways): Live {
  let live = nothing;
  const visit = (node: ts.Node, inside: ReadonlySet<string>): void => {
    if (isActivation(node) || ts.isClassLike(node)) return;
    if (ts.isReturnStatement(node) || ts.isYieldExpression(node)) live = union(live, ways.returns());
    if (ts.isBreakOrContinueStatement(node)) {
      const label = node.label?.text ?? (ts.isBreakStatement(node) ? "" : "continue");
      const jumps = ts.isBreakStatement(node) ? ways.breaks : ways.continues;
      if (!inside.has(label)) live = union(live, jumps.get(node.label?.text ?? "")?.() ?? nothing);
    }
    const within = new Set(inside);
    if (ts.isLabeledStatement(node)) within.add(node.label.text);
    if (ts.isIterationStatement(node, false)) within.add("").add("continue");
    if (ts.isSwitchStatement(node)) within.add("");
    ts.forEachChild(node, (child) => visit(child, within));
  };
  for (const node of nodes) if (node) visit(node, new Set());
  return live;
}

/** Whether control can come to the end of a statement. Says yes where it does not know. */
export function ends(node: ts.Statement): boolean {
  if (ts.isReturnStatement(node) || ts.isThrowStatement(node) || ts.isBreakOrContinueStatement(node)) return false;
  if (ts.isBlock(node)) return node.statements.every(ends);
  if (ts.isIfStatement(node)) return node.elseStatement === undefined || ends(node.thenStatement) || ends(node.elseStatement);
  if (ts.isLabeledStatement(node)) return ends(node.statement) || /\bbreak\b/.test(node.getText());
  if (ts.isTryStatement(node)) return (node.finallyBlock === undefined || ends(node.finallyBlock)) && (ends(node.tryBlock) || (node.catchClause !== undefined && ends(node.catchClause.block)));
  if ((ts.isForStatement(node) && node.condition === undefined) || (ts.isWhileStatement(node) && node.expression.kind === ts.SyntaxKind.TrueKeyword)) return /\bbreak\b/.test(node.getText());
  return true;
}
