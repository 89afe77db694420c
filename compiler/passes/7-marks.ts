// By what a point or a function is found again after an edit: what it awaits, what its value is given to, what stands beside it.
//
//   const answer = await listen(decision)   →   text: listen(decision) · target: answer · near: the statements before and behind

import ts from "typescript";
import { words } from "../chain.ts";
import type { Unit } from "../facts.ts";
import { hash } from "../hash.ts";
import type { Point } from "../ir.ts";
import { outline, outlineHash } from "../outline.ts";
import type { Marks } from "./7-align.ts";
import { slotsAt } from "./7-name-slots.ts";

export function marksOfPoint(point: Point): Omit<Marks, "name"> {
  const { node, operand, what } = point;
  const awaited = operand ?? (ts.isForOfStatement(node) ? node.expression : undefined);
  const statement = statementOf(node);
  return {
    text: hash(`${what} ${awaited ? outline(awaited) : ""}`),
    regions: words(point.chain).join("/"),
    target: targetOf(statement),
    slots: slotsAt(point).map(({ key, cell }) => (cell ? `${key}*` : key)).sort().join(" "),
    near: nearOf(statement),
  };
}

export function marksOfUnit({ node, captures }: Unit): Omit<Marks, "name"> {
  return {
    text: outlineHash(node),
    regions: "",
    target: "",
    slots: [...captures].map(([{ cell }, key]) => (cell ? `${key}*` : key)).sort().join(" "),
    near: nearOf(statementOf(node)),
  };
}

function statementOf(node: ts.Node): ts.Statement | undefined {
  return ts.findAncestor(node, ts.isStatement);
}

/** The names that a statement declares, or the first of what it assigns. */
function targetOf(statement: ts.Statement | undefined): string {
  if (!statement) return "";
  if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.map(({ name }) => hashed(name)).join(" ");
  if (!ts.isExpressionStatement(statement) || !ts.isBinaryExpression(statement.expression)) return "";
  const { left, operatorToken } = statement.expression;
  return operatorToken.kind === ts.SyntaxKind.EqualsToken ? hashed(left) : "";
}

function hashed(name: ts.Node): string {
  return ts.isIdentifier(name) ? name.text : outlineHash(name);
}

/** The statements beside it in its block, "" at the ends, and the heads of those around it. Of large ones the head is enough to know them. */
function nearOf(statement: ts.Statement | undefined): Marks["near"] {
  const { parent } = statement ?? {};
  const around = statement ? hash(headsAround(statement).join(" ")) : "";
  if (!statement || !parent || !("statements" in parent)) return ["", "", around];
  const list = parent.statements as ts.NodeArray<ts.Statement>;
  const at = list.indexOf(statement);
  const beside = (other: ts.Statement | undefined): string => (other ? hash(outline(other, HEAD)) : "");
  return [beside(list[at - 1]), beside(list[at + 1]), around];
}

/** `if (a > 1) { … } else { HERE }`: which part of the statement it is, and what stands in it besides blocks. */
function headsAround(statement: ts.Statement): string[] {
  const heads: string[] = [];
  for (let at: ts.Node = statement, { parent: up } = at; !ts.isFunctionLike(up) && !ts.isSourceFile(up); at = up, up = up.parent) {
    if (ts.isBlock(up)) continue;
    const parts: string[] = [];
    ts.forEachChild(up, (child) => void parts.push(child === at ? "here" : isBody(child) ? "" : outline(child, HEAD)));
    // Of a block with many statements the place among them is no matter.
    heads.push(ts.isCaseOrDefaultClause(up) || ts.isCaseBlock(up) ? `${ts.SyntaxKind[up.kind]} ${parts[0]}` : parts.join(","));
  }
  return heads;
}

function isBody(node: ts.Node): boolean {
  return ts.isStatement(node) || ts.isCatchClause(node) || ts.isCaseBlock(node);
}

const HEAD = 6;
