// 7. Name.
//
// Takes   the units of a flow and the points of its machines, with what the lock file says of them.
// Gives   the ids that stored frames refer to: of resume points, of functions, of slots.
// Keeps   them stable under edits elsewhere: an id is made of what is waited for and of the structure around it, never of a
//         position. Equal ones get ".2", ".3" in source order.
//
//   await listen(decision)          →   listen:decision
//   await step("pay", …)            →   step:pay
//   await price(line)  in for, try  →   price~k3f0a
//   items.map(async (item) => …)    →   approve#map~9qx2b
//   step("pay", () => …)            →   approve#step:pay

import ts from "typescript";
import { hash } from "../hash.ts";
import type { Facts, Unit } from "../facts.ts";
import type { Machine, Point } from "../ir.ts";
import { isOuter, keyText, skipOuter } from "../roles.ts";
import type { Source } from "./1-find.ts";

/** Gives every point its id. `keeper`: says which of them are released. */
export function namePoints(machine: Machine, source: Source, keeper: Keeper | null): void {
  const inOrder = pointsInOrder(machine);
  const names = inOrder.map((point) => pointName(point, machine.unit, source));
  const kept = keeper?.points(machine, inOrder.map((point, i) => ({ point, ...(names[i] as PointName) })));
  const taken = new Map<string, number>([...(kept?.values() ?? []), ...(keeper?.usedPoints(machine) ?? [])].map((id) => [id, 1]));
  for (const [i, point] of inOrder.entries()) point.id = kept?.get(i) ?? distinct((names[i] as PointName).name, taken);
}

export function pointsInOrder({ points }: Machine): Point[] {
  return points.toSorted((a, b) => a.node.pos - b.node.pos);
}

export interface PointName {
  readonly name: string;
  /** The name as the author gave it to this one point. */
  readonly label?: string | undefined;
}

/** Says which points and functions are released, and under which ids. The places are those in source order. */
export interface Keeper {
  readonly points: (machine: Machine, inOrder: readonly (PointName & { readonly point: Point })[]) => ReadonlyMap<number, string>;
  readonly units: (around: string, inOrder: readonly Unit[]) => ReadonlyMap<number, string>;
  /** Ids that no other point or function is given. */
  readonly usedPoints: (machine: Machine) => Iterable<string>;
  readonly usedUnits: Iterable<string>;
}

/** The path of a function is written out up to here: as long as its depth, the ids of n functions in each other would have n² characters. */
const LONGEST = 160;

/** Gives every unit of a flow its id: the flow's name, then the path of the functions. A long path is a hash of what is left out: `approve#~k3f0a/each`. */
export function nameUnits(flow: string, facts: Facts, keeper: Keeper | null): Map<Unit, string> {
  const ids = new Map<Unit, string>([[facts.root, flow]]);
  const shortened = new Map<string, number>();
  const visit = (unit: Unit, around: string, separator: string): void => {
    const inOrder = unitsInOrder(unit);
    const kept = keeper?.units(around, inOrder);
    const taken = new Map<string, number>();
    for (const [i, child] of inOrder.entries()) {
      const id = kept?.get(i) ?? freshId(distinct(unitName(child), taken), around, separator);
      ids.set(child, id);
      visit(child, id, "/");
    }
  };
  const freshId = (name: string, around: string, separator: string): string => {
    const full = `${around}${separator}${name}`;
    const id = full.length - flow.length <= LONGEST || around === flow ? full : distinct(`${flow}#~${hash(around)}/${name}`, shortened);
    return used ? distinct(id, used) : id;
  };
  const used = keeper && new Map<string, number>([...keeper.usedUnits].map((id) => [id, 1]));
  visit(facts.root, flow, "#");
  return ids;
}

/** `taken` has for each name how many were asked for: thousands of equal ones are still told apart in one step each. */
export function distinct(name: string, taken: Map<string, number>): string {
  let candidate = name;
  let n = taken.get(name) ?? 0;
  while (taken.has(candidate)) candidate = `${name}.${++n}`;
  taken.set(name, Math.max(n, 1)).set(candidate, 1);
  return candidate;
}

/** Parentheses and type assertions are no part of an id. */
export function pointName(point: Point, unit: Unit, source: Source): PointName {
  const operand = point.operand && skipOuter(point.operand);
  const label = operand && ts.isCallExpression(operand) && source.operation(skipOuter(operand.expression)) !== undefined ? labelOf(operand) : undefined;
  return { name: label ?? (point.kind === "parameters" ? "~start" : unlikeNumbered(naturalName(point, unit, source))), label };
}

/** `listen("p.2")` is not the second `listen("p")`. */
function unlikeNumbered(name: string): string {
  return /\.\d+$/.test(name) ? `${name}.1` : name;
}

function naturalName({ what: kind, operand: awaited, node }: Point, unit: Unit, source: Source): string {
  const operand = awaited && skipOuter(awaited);
  if (!operand || !ts.isCallExpression(operand)) return hashed(kind, node, unit);
  const callee = skipOuter(operand.expression);
  const operation = source.operation(callee);
  const [first] = operand.arguments;
  const what = first && subject(skipOuter(first));
  if (operation === "listen") return what === undefined ? "listen" : `listen:${what}`;
  if (operation?.startsWith("step")) return what === undefined ? hashed("step", node, unit) : `step:${what}`;
  if (operation !== undefined) return operation;
  return hashed(calleeName(callee), node, unit);
}

/** `listen(decision, { label: "manager" })` */
function labelOf(call: ts.CallExpression): string | undefined {
  const options = call.arguments.at(-1);
  if (!options || !ts.isObjectLiteralExpression(options)) return undefined;
  for (const p of options.properties)
    if (ts.isPropertyAssignment(p) && p.name.getText() === "label" && ts.isStringLiteralLike(p.initializer)) return p.initializer.text;
  return undefined;
}

function subject(argument: ts.Expression): string | undefined {
  if (ts.isStringLiteralLike(argument)) return argument.text;
  if (ts.isIdentifier(argument)) return argument.text;
  return ts.isPropertyAccessExpression(argument) ? argument.name.text : undefined;
}

function calleeName(callee: ts.Expression): string {
  if (ts.isIdentifier(callee)) return callee.text;
  return ts.isPropertyAccessExpression(callee) ? callee.name.text : "call";
}

export function unitsInOrder({ children }: Unit): Unit[] {
  return children.toSorted((a, b) => a.node.pos - b.node.pos);
}

export function unitName(unit: Unit): string {
  const { node } = unit;
  const own = node.name;
  const kind = ts.isAccessor(node) ? accessorKind(node) : undefined;
  if (own && (ts.isIdentifier(own) || ts.isStringLiteralLike(own))) return kind === undefined ? own.text : `${kind}:${own.text}`;
  const inferred = inferredName(node as ts.Expression) ?? stepLabel(unit);
  if (inferred !== undefined) return inferred;
  const call = ts.findAncestor(node.parent, (up) => ts.isCallExpression(up) || ts.isStatement(up));
  const callee = call && ts.isCallExpression(call) ? calleeName(call.expression) : (kind ?? unit.kind);
  return hashed(callee, node, unit.parent ?? unit);
}

/** `step("pay", () => …)`: as the point where it is awaited, which may stand elsewhere. */
function stepLabel({ step, node }: Unit): string | undefined {
  let at: ts.Node = node;
  while (isOuter(at.parent)) at = at.parent;
  const [first] = (at.parent as ts.CallExpression).arguments ?? [];
  const what = step && first && first !== at ? subject(skipOuter(first)) : undefined;
  return what === undefined ? undefined : `step:${what}`;
}

export function accessorKind(node: ts.AccessorDeclaration): "get" | "set" {
  return ts.isGetAccessor(node) ? "get" : "set";
}

/** The name that JavaScript gives an anonymous function or class by where it stands (ECMA-262 NamedEvaluation). */
export function inferredName(node: ts.Expression): string | undefined {
  let at: ts.Node = node;
  while (isOuter(at.parent)) at = at.parent;
  const { parent } = at;
  if (ts.isVariableDeclaration(parent) && parent.initializer === at && ts.isIdentifier(parent.name)) return parent.name.text;
  if ((ts.isBindingElement(parent) || ts.isParameter(parent)) && parent.initializer === at && ts.isIdentifier(parent.name)) return parent.name.text;
  if (ts.isPropertyAssignment(parent) && parent.initializer === at) return keyName(parent.name);
  if (ts.isShorthandPropertyAssignment(parent) && parent.objectAssignmentInitializer === at) return parent.name.text;
  if (ts.isBinaryExpression(parent) && parent.right === at && ts.isIdentifier(parent.left) && assigns(parent.operatorToken.kind)) return parent.left.text;
  return undefined;
}

/** `{ __proto__: value }` sets the prototype: no name. */
function keyName(key: ts.PropertyName): string | undefined {
  return ts.isComputedPropertyName(key) || ts.isPrivateIdentifier(key) || key.text === "__proto__" ? undefined : keyText(key);
}

function assigns(operator: ts.SyntaxKind): boolean {
  return (
    operator === ts.SyntaxKind.EqualsToken || operator === ts.SyntaxKind.BarBarEqualsToken ||
    operator === ts.SyntaxKind.AmpersandAmpersandEqualsToken || operator === ts.SyntaxKind.QuestionQuestionEqualsToken
  );
}

function hashed(name: string, node: ts.Node, unit: Unit): string {
  return `${name}~${hash(`${name} ${structure(node, unit)}`)}`;
}

/** The kinds of the statements around a node, up to its unit: loops, branches, try. */
function structure(node: ts.Node, unit: Unit): string {
  const path: string[] = [];
  for (let up = node.parent; up && up !== unit.node; up = up.parent) {
    if (ts.isIterationStatement(up, false) || ts.isIfStatement(up) || ts.isTryStatement(up) || ts.isSwitchStatement(up)) path.push(String(ts.SyntaxKind[up.kind]));
  }
  return path.join("/");
}
