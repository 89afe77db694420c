// Lowering of destructuring that awaits inside the pattern: the protocol step by step. Patterns without an await are
// copied as native ones.
//
//   const { a = await b, ...rest } = v
//   →  $.object(v); t1 = v.a; branch t1 === undefined → …await b; t1 = value…; a = t1; rest = $.rest(v, ["a"])

import ts from "typescript";
import { CompilerBug } from "../diagnostics/table.ts";
import type { Part, Slot, Template } from "../ir.ts";
import { isPattern, skipOuter } from "../roles.ts";
import { outlineHash } from "../outline.ts";
import { patternText } from "./2-scope-declare.ts";
import type { Lowering } from "./5-lower.ts";
import { initialise } from "./5-lower-bindings.ts";
import { holdTarget } from "./5-lower-assignments.ts";
import { expression } from "./5-lower-expressions.ts";
import { abandon, closeRegion } from "./5-lower-loops.ts";

/** One place of a pattern, of a declaration or of an assignment alike. */
interface Place {
  readonly at: ts.Node;
  readonly target: ts.BindingName | ts.Expression | null;
  readonly key: ts.PropertyName | null;
  readonly default: ts.Expression | null;
  readonly rest: boolean;
}

/** Binds or assigns `pattern` from the value in `slot`; its cells exist already. */
export function bindPattern(b: Lowering, pattern: ts.BindingName | ts.Expression, slot: Slot): void {
  const node = ts.isBindingName(pattern) ? pattern : skipOuter(pattern);
  if (ts.isObjectBindingPattern(node) || (ts.isObjectLiteralExpression(node) && isPattern(node))) return objectPattern(b, node, slot);
  if (ts.isArrayBindingPattern(node) || (ts.isArrayLiteralExpression(node) && isPattern(node))) return arrayPattern(b, node, slot);
  store(b, node, [slot], pattern);
}

function store(b: Lowering, target: ts.Node, value: Template, at: ts.Node): void {
  const binding = ts.isIdentifier(target) ? b.facts.declarations.get(target) : undefined;
  if (!binding) return b.code([{ assigned: target }, " = ", ...value], at);
  if (binding.cell) b.code([b.slot(binding), ".v = ", ...value], at);
  else initialise(b, binding, value, at);
}

function objectPattern(b: Lowering, node: ts.ObjectBindingPattern | ts.ObjectLiteralExpression, slot: Slot): void {
  const $ = b.input.prefix;
  b.code([`${$}.object(`, slot, ")"], node);
  const taken: Part[] = [];
  const places = ts.isObjectBindingPattern(node) ? node.elements.map(bindingPlace) : node.properties.map(propertyPlace);
  for (const place of places) {
    if (place.rest) {
      evaluateTarget(b, place);
      const value = b.temp(place.at);
      b.code([value, ` = ${$}.rest(`, slot, ", [", ...taken, "])"], place.at, value);
      bindPlace(b, place, value);
      continue;
    }
    const key = propertyKey(b, place);
    taken.push(taken.length > 0 ? ", " : "", ...key);
    evaluateTarget(b, place);
    const value = b.temp(place.at);
    b.code([value, " = ", slot, "[", ...key, "]"], place.at, value);
    bindPlace(b, place, value);
  }
}

function propertyKey(b: Lowering, { key, at }: Place): Template {
  if (!key || ts.isPrivateIdentifier(key)) throw new CompilerBug("a property of a pattern without a key", at);
  if (!ts.isComputedPropertyName(key)) return [ts.isIdentifier(key) ? JSON.stringify(key.text) : key];
  const slot = b.temp(key);
  b.code([slot, ` = ${b.input.prefix}.key(`, ...expression(b, key.expression), ")"], key, slot);
  return [slot];
}

function arrayPattern(b: Lowering, node: ts.ArrayBindingPattern | ts.ArrayLiteralExpression, slot: Slot): void {
  const $ = b.input.prefix;
  const outer = b.region;
  const cursor = b.named("cursor");
  b.code([cursor, ` = ${$}.iterate(`, slot, ")"], node, cursor);
  const region = closeRegion(b, outer, cursor);
  b.next(region, node);
  const places = ts.isArrayBindingPattern(node) ? node.elements.map(bindingPlace) : node.elements.map(elementPlace);
  const names = ts.isArrayBindingPattern(node) ? patternText(node) : outlineHash(node);
  b.within("pattern", "cursor", () => takeElements(b, places, cursor), names);
  const after = b.block(outer);
  b.jump(after.id, node);
  abandon(b, region, cursor, node);
  b.place(after);
  b.code([`${$}.close(`, cursor, ")"], node);
}

function takeElements(b: Lowering, places: readonly Place[], cursor: Slot): void {
  const $ = b.input.prefix;
  for (const place of places) {
    if (!place.target) {
      b.code([`${$}.skip(`, cursor, ")"], place.at);
      continue;
    }
    evaluateTarget(b, place);
    const value = b.temp(place.at);
    const take = place.rest ? `${$}.remaining(` : `${$}.element(`;
    b.code([value, ` = ${take}`, cursor, ")"], place.at, value);
    bindPlace(b, place, value);
  }
}

/** The base and the key of `[a().b] = …` are evaluated before the value is taken. */
function evaluateTarget(b: Lowering, { target }: Place): void {
  if (target && !ts.isBindingName(target) && !isPattern(target)) holdTarget(b, target, true);
}

function bindPlace(b: Lowering, place: Place, value: Slot): void {
  if (place.default) applyDefault(b, value, place.default);
  if (place.target) bindPattern(b, place.target, value);
}

function applyDefault(b: Lowering, value: Slot, node: ts.Expression): void {
  const absent = b.block(b.region);
  const after = b.block(b.region);
  b.end({ kind: "branch", test: [value, " === undefined"], then: absent.id, else: after.id, at: node });
  b.place(absent);
  b.code([value, " = ", ...expression(b, node)], node, value);
  b.place(after, node);
}

function bindingPlace(node: ts.ArrayBindingElement): Place {
  if (ts.isOmittedExpression(node)) return { at: node, target: null, key: null, default: null, rest: false };
  const key = node.propertyName ?? (ts.isIdentifier(node.name) ? node.name : null);
  return { at: node, target: node.name, key, default: node.initializer ?? null, rest: node.dotDotDotToken !== undefined };
}

function propertyPlace(node: ts.ObjectLiteralElementLike): Place {
  if (ts.isSpreadAssignment(node)) return { at: node, target: node.expression, key: null, default: null, rest: true };
  if (ts.isShorthandPropertyAssignment(node)) return { at: node, target: node.name, key: node.name, default: node.objectAssignmentInitializer ?? null, rest: false };
  if (ts.isPropertyAssignment(node)) return { ...elementPlace(node.initializer), key: node.name };
  throw new CompilerBug("a method in a pattern", node);
}

function elementPlace(node: ts.Expression): Place {
  if (ts.isOmittedExpression(node)) return { at: node, target: null, key: null, default: null, rest: false };
  if (ts.isSpreadElement(node)) return { at: node, target: node.expression, key: null, default: null, rest: true };
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken)
    return { at: node, target: node.left, key: null, default: node.right, rest: false };
  return { at: node, target: node, key: null, default: null, rest: false };
}
