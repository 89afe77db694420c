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

/** The statements beside it in its block, "" at the ends. Of large ones the head is enough to know them. */
function nearOf(statement: ts.Statement | undefined): readonly [before: string, behind: string] {
  const { parent } = statement ?? {};
  if (!statement || !parent || !("statements" in parent)) return ["", ""];
  const list = parent.statements as ts.NodeArray<ts.Statement>;
  const at = list.indexOf(statement);
  const beside = (other: ts.Statement | undefined): string => (other ? hash(outline(other, HEAD)) : "");
  return [beside(list[at - 1]), beside(list[at + 1])];
}

const HEAD = 6;
