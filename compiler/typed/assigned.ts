// What a variable that is assigned holds at a stop: which of its assignments a run may come from with nothing assigned between.
//
//   let page;
//   if (url) page = fetch(url);        reaches the stop
//   await listen(decision);
//   page = fetch(other);               does not
//
// So of what is pushed to a list, `jobs.push(fetch(url))`.
//
// Only ways that are surely there are followed: none through a `finally`, which may go on elsewhere, and none of a copied statement that may leave.

import ts from "typescript";
import type { Binding } from "../facts.ts";
import { blocksById, type Block, type BlockId, type Code, type Machine, type Point, type Template } from "../ir.ts";
import { usage } from "../roles.ts";

/** Of the compiler's tree. */
export interface Assignment {
  readonly name: ts.Identifier;
  readonly value: ts.Expression;
}

/** A local of the machine, each assignment of which is one of its own statements. */
export function isAssigned({ mutated, cell, hoisted, kind }: Binding): boolean {
  return mutated && !cell && hoisted && kind !== "var";
}

/** The plain ones, `let x = 1`, `x = 2`, `x ??= 3`; null: a parameter, a part of a pattern, `x++` give it something too. */
export function assignmentsOf({ node, references }: Binding): readonly (Assignment | null)[] {
  const writes = references.filter(({ write }) => write).map(({ node: name }) => assignmentBy(name));
  const { parent } = node;
  if (!ts.isVariableDeclaration(parent) || ts.isForOfStatement(parent.parent.parent) || ts.isForInStatement(parent.parent.parent)) return [null, ...writes];
  return parent.initializer ? [{ name: node, value: parent.initializer }, ...writes] : writes;
}

function assignmentBy(name: ts.Identifier): Assignment | null {
  const { parent } = name;
  if (!ts.isBinaryExpression(parent) || parent.left !== name) return null;
  const { EqualsToken, BarBarEqualsToken, QuestionQuestionEqualsToken, AmpersandAmpersandEqualsToken } = ts.SyntaxKind;
  const isPlain = [EqualsToken, BarBarEqualsToken, QuestionQuestionEqualsToken, AmpersandAmpersandEqualsToken].includes(parent.operatorToken.kind as typeof EqualsToken);
  return isPlain ? { name, value: parent.right } : null;
}

/** What the same code pushes to a constant list that begins empty, where nothing can be taken out of it. */
export function pushedTo({ node, references, mutated, hoisted, unit }: Binding): readonly Assignment[] {
  const made = ts.isVariableDeclaration(node.parent) ? node.parent.initializer : undefined;
  if (mutated || !hoisted || !made || !ts.isArrayLiteralExpression(made) || made.elements.length > 0 || !references.every(({ node: name }) => leavesWhole(name))) return [];
  return references.flatMap((reference) => {
    const { node: name } = reference;
    const call = name.parent.parent;
    const isPush = reference.unit === unit && ts.isPropertyAccessExpression(name.parent) && name.parent.name.text === "push" && ts.isCallExpression(call) && call.expression === name.parent;
    return isPush ? call.arguments.filter((value) => !ts.isSpreadElement(value)).map((value) => ({ name, value })) : [];
  });
}

/** `list.push(…)`, `list.length`, `list.map(…)`, `Promise.all(list)`, `return list`: no element is gone after it. */
function leavesWhole(name: ts.Identifier): boolean {
  const { parent } = name;
  if (ts.isReturnStatement(parent) || ts.isForOfStatement(parent) || ts.isSpreadElement(parent)) return true;
  if (ts.isCallExpression(parent)) return /^Promise\.(?:all|race|any|allSettled)$/.test(parent.expression.getText());
  if (!ts.isPropertyAccessExpression(parent)) return false;
  const isCalled = ts.isCallExpression(parent.parent) && parent.parent.expression === parent;
  return isCalled ? /^(?:push|map|flatMap|forEach|filter|slice|at|concat|some|every|includes|join)$/.test(parent.name.text) : parent.name.text === "length" && usage(parent) === "read";
}

/** The first stop that is found with what was assigned still there. */
export function stopReached(machine: Machine, binding: Binding, assignment: Assignment, isAsked: (point: Point) => boolean): Point | undefined {
  const place = placeOf(machine, binding, assignment);
  if (place === undefined || mayLeave(place, binding, assignment)) return undefined;
  const others = binding.references.filter(({ write, node }) => write && node !== assignment.name).map(({ node }) => node);
  const byId = blocksById(machine.blocks);
  const work = [{ block: place.block, from: place.at + 1 }];
  const met = new Set<BlockId>();
  const enter = (to: BlockId): void => {
    const block = byId[to];
    if (block === undefined || met.has(to)) return;
    met.add(to);
    work.push({ block, from: 0 });
  };
  for (let next = work.pop(); next; next = work.pop()) {
    const { block, from } = next;
    const isWritten = ({ template, defines }: Code): boolean => defines?.binding === binding || others.some((name) => holds(template, name));
    const until = block.code.findIndex((code, i) => i >= from && isWritten(code));
    for (const [i, exit] of block.exits.entries()) if ((block.exitsAfter[i] as number) >= from && (until < 0 || (block.exitsAfter[i] as number) < until)) enter(exit);
    if (until >= 0) continue;
    const { end, region } = block;
    if (region?.kind === "catch" && (block.code.length > from || end?.kind === "await")) enter(region.handler);
    if (end?.kind === "await") {
      if (from <= block.code.length && others.some((name) => holds(end.operand, name))) continue;
      if (isAsked(end.point)) return end.point;
      enter(end.to);
    } else if (end?.kind === "jump") enter(end.to);
    else if (end?.kind === "branch" && !others.some((name) => holds(end.test, name))) {
      enter(end.then);
      enter(end.else);
    }
  }
  return undefined;
}

interface Place {
  readonly block: Block;
  /** The index of the code, or that behind the last for the end of the block. */
  readonly at: number;
}

/** Blocks stand in the order in which they are executed: what is evaluated before a stop is found before the rest of its expression. */
function placeOf({ blocks }: Machine, binding: Binding, { value }: Assignment): Place | undefined {
  for (const block of blocks) {
    for (const [at, { template, defines, at: node }] of block.code.entries()) {
      if (holds(template, value) || (defines?.binding === binding && node.pos <= value.pos && value.end <= node.end)) return { block, at };
    }
    const { end } = block;
    const template = end?.kind === "await" ? end.operand : end?.kind === "branch" ? end.test : [];
    if (holds(template, value)) return { block, at: block.code.length };
  }
  return undefined;
}

/** In a statement that is copied as a whole there may be no way from the assignment to its end. */
function mayLeave({ block, at }: Place, { references }: Binding, { value }: Assignment): boolean {
  const code = block.code[at];
  if (code === undefined) return false;
  const isBehind = ({ node, write }: Binding["references"][number]): boolean => write && node.pos >= value.end && node.end <= code.at.end;
  return block.exitsAfter.includes(at) || references.some(isBehind) || /\bthrow\b/.test(code.at.getText());
}

function holds(template: Template, node: ts.Node): boolean {
  return template.some((part) => {
    if (typeof part === "string" || "key" in part) return false;
    const held = "pattern" in part ? part.pattern : "evaluated" in part ? part.evaluated : "assigned" in part ? part.assigned : part;
    return held.pos <= node.pos && node.end <= held.end;
  });
}
