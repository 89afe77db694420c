// Emits the comments of a flow's statements: those above a statement, those behind it on its line, and those at the end of a
// block. Behind a statement that is copied as a whole they stay there; the first code of any other has them above it.
//
//   await sleep("1 day"); // payments leave on the next day
//   →  // payments leave on the next day
//      $v = sleep("1 day");

import ts from "typescript";
import { commentsAtEnd } from "./5-lower-statements.ts";
import type { Emitter } from "./8-emit-emitter.ts";

/** Of the statements that begin with the code made of `at`: the comments that were not written yet, each on a line of its own. */
export function emitComments(e: Emitter, at: ts.Node, whole = false): void {
  const begun: ts.Node[] = [];
  let node = at;
  for (; node && node !== e.unit.node && !e.commented.has(node); node = node.parent) {
    if (ts.isStatement(node) || ts.isCaseOrDefaultClause(node)) begun.push(node);
  }
  // A way out of a statement that is copied as a whole, with its comments.
  if (e.commented.get(node)) return;
  for (const each of begun) e.commented.set(each, whole && each === at);
  for (const each of begun.reverse()) {
    const behind = (whole && each === at) || endsWithStatement(each) ? [] : commentsBehind(e, each);
    for (const comment of [...commentsAbove(e, each), ...behind]) emitComment(e, comment, "\n      ", each);
  }
}

export function emitCommentsBehind(e: Emitter, node: ts.Node): void {
  for (const comment of commentsBehind(e, node)) emitComment(e, comment, " ", node);
}

export function emitCommentsAtEnd(e: Emitter, node: ts.Block | ts.CaseOrDefaultClause): void {
  for (const comment of commentsAtEnd(node)) emitComment(e, comment, "\n      ", node);
}

function emitComment(e: Emitter, { pos, end }: ts.TextRange, before: string, node: ts.Node): void {
  e.glue(before, node);
  e.indented(pos, end, () => e.out.slice(pos, end));
}

function commentsAbove(e: Emitter, node: ts.Node): ts.CommentRange[] {
  const { text } = e.source.file;
  if (!text.slice(node.pos, e.startOf(node)).includes("/")) return [];
  const above = ts.getLeadingCommentRanges(text, node.pos) ?? [];
  // What stands behind another statement on its line is that one's.
  const open = isFirst(node) ? ts.getTrailingCommentRanges(text, node.pos) ?? [] : [];
  return [...open, ...above];
}

/** Not behind a block: that is far from the statement's first line. */
function commentsBehind(e: Emitter, node: ts.Node): ts.CommentRange[] {
  const { text } = e.source.file;
  return text[node.end - 1] === "}" ? [] : ts.getTrailingCommentRanges(text, node.end) ?? [];
}

/** What is behind `if (late) await warn();` belongs to the inner one. */
function endsWithStatement(node: ts.Node): boolean {
  return ts.forEachChild(node, (child) => child.end === node.end && ts.isStatement(child) && !ts.isEmptyStatement(child)) ?? false;
}

function isFirst({ pos, parent }: ts.Node): boolean {
  if (ts.isCaseBlock(parent)) return parent.clauses[0]?.pos === pos;
  return !("statements" in parent) || (parent as ts.Block).statements[0]?.pos === pos;
}
