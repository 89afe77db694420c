// What is live before an expression, given what is live after it: its parts from the last one evaluated to the first.

import ts from "typescript";
import type { Count } from "./liveness.ts";
import { assigns, isActivation, type Variable } from "./names.ts";
import { heldConstants } from "./operands.ts";
import { type Live, union, type Ways, without } from "./ways.ts";

export function expressions(count: Count, ways: Ways): Expressions {
  return new Expressions(count, ways);
}

export class Expressions {
  private readonly count: Count;
  private readonly ways: Ways;
  constructor(count: Count, ways: Ways) {
    this.count = count;
    this.ways = ways;
  }

  before(node: ts.Node | undefined, after: Live): Live {
    if (node === undefined) return after;
    if (ts.isIdentifier(node)) return this.read(node, after);
    if (ts.isShorthandPropertyAssignment(node)) return this.read(node.name, after);
    if (isActivation(node) || ts.isClassLike(node)) return this.made(node, after);
    if (ts.isAwaitExpression(node)) return this.before(node.expression, this.stopped(node, union(after, this.ways.throws)));
    if (ts.isYieldExpression(node)) {
      const returned = this.count.may ? this.ways.returns() : after;
      return this.before(node.expression, this.stopped(node, union(after, this.ways.throws, returned)));
    }
    if (ts.isBinaryExpression(node)) return this.binary(node, after);
    if (ts.isConditionalExpression(node)) return this.before(node.condition, union(this.before(node.whenTrue, after), this.before(node.whenFalse, after)));
    if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) return this.unary(node, after);
    if (ts.isOptionalChain(node)) return this.chain(node, after, after);
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) return this.parts(node, union(after, this.ways.throws));
    return this.parts(node, after);
  }

  /** A declared name or an assigned target takes a value: what it is, or what a pattern finds in it. */
  bind(target: ts.Node, after: Live): Live {
    if (ts.isIdentifier(target)) return this.write(target, after);
    if (ts.isParenthesizedExpression(target)) return this.bind(target.expression, after);
    if (ts.isArrayBindingPattern(target) || ts.isObjectBindingPattern(target)) {
      return this.reversed(target.elements, after, (element, live) => (ts.isBindingElement(element) ? this.element(element.name, element.initializer, element.propertyName, live) : live));
    }
    if (ts.isArrayLiteralExpression(target)) return this.reversed(target.elements, after, (element, live) => this.assignedElement(element, undefined, live));
    if (ts.isObjectLiteralExpression(target)) {
      return this.reversed(target.properties, after, (property, live) => {
        if (ts.isShorthandPropertyAssignment(property)) return this.element(property.name, property.objectAssignmentInitializer, undefined, live);
        if (ts.isSpreadAssignment(property)) return this.assignedElement(property.expression, undefined, live);
        return ts.isPropertyAssignment(property) ? this.assignedElement(property.initializer, property.name, live) : live;
      });
    }
    // A member: its object and key, and the setter may throw.
    return this.parts(target, union(after, this.ways.throws));
  }

  /** A hoisted function or a class is given to its variable. */
  write(name: ts.Identifier, after: Live, declares = isDeclaring(name)): Live {
    const variable = this.count.names.variable(name);
    if (variable === undefined) return after;
    if (!this.count.may) return without(after, variable);
    if (!declares && !isWhole(name)) return inCell(variable) ? union(after, new Set([variable])) : after;
    // What a cell holds is assigned through the cell; it is made where the variable is declared, or where its scope is entered.
    if (inCell(variable) && (!declares || variable.early || variable.kind !== "lexical" || ts.isBindingElement(name.parent))) return union(after, new Set([variable]));
    return union(without(after, variable), this.ways.throws);
  }

  made(node: ts.Node, after: Live): Live {
    const own = (node as ts.NamedDeclaration).name;
    const self = own && ts.isIdentifier(own) ? this.count.names.variable(own) : undefined;
    // Inside it, its name is another variable.
    const captured = this.count.names.captured(node);
    let live = union(after, self && !this.count.may ? without(captured, self) : captured);
    if (ts.isClassLike(node)) {
      live = this.reversed(node.members, live, (member, then) => (member.name && ts.isComputedPropertyName(member.name) ? this.before(member.name, then) : then));
      for (const clause of node.heritageClauses ?? []) live = this.parts(clause, live);
      return union(live, this.ways.throws);
    }
    const { name } = node as ts.NamedDeclaration;
    return name && ts.isComputedPropertyName(name) ? this.before(name, live) : live;
  }

  private read(node: ts.Identifier, after: Live): Live {
    const variable = this.count.names.variable(node);
    if (variable === undefined) return after;
    // Before its declaration it has no value yet.
    if (!this.count.may && variable.declared.some((end) => node.getStart() < end)) return after;
    return union(after, new Set([variable]));
  }

  private stopped(node: ts.Node, live: Live): Live {
    return this.count.stop(node, this.count.may ? union(live, heldConstants(node, this.count.names)) : live);
  }

  private binary(node: ts.BinaryExpression, after: Live): Live {
    const { left, right, operatorToken: { kind } } = node;
    if (kind === ts.SyntaxKind.EqualsToken) return this.assigned(left, right, after);
    const isLogical = [ts.SyntaxKind.AmpersandAmpersandToken, ts.SyntaxKind.BarBarToken, ts.SyntaxKind.QuestionQuestionToken].includes(kind);
    if (isLogical) return this.before(left, union(after, this.before(right, after)));
    if (!assigns(kind)) return this.before(left, this.before(right, after));
    const written = this.before(right, this.assign(left, after));
    const isShort = [ts.SyntaxKind.AmpersandAmpersandEqualsToken, ts.SyntaxKind.BarBarEqualsToken, ts.SyntaxKind.QuestionQuestionEqualsToken].includes(kind);
    return this.before(left, isShort ? union(after, written) : written);
  }

  /** The parts of a member stand before the right side, the assignment after it. */
  private assigned(left: ts.Expression, right: ts.Expression, after: Live): Live {
    if (!isPattern(left) && !ts.isIdentifier(left)) return this.before(left, this.before(right, union(after, this.ways.throws)));
    return this.before(right, this.bind(left, after));
  }

  private assign(left: ts.Node, after: Live): Live {
    return ts.isIdentifier(left) ? this.write(left, after) : union(after, this.ways.throws);
  }

  private unary(node: ts.PrefixUnaryExpression | ts.PostfixUnaryExpression, after: Live): Live {
    const counts = node.operator === ts.SyntaxKind.PlusPlusToken || node.operator === ts.SyntaxKind.MinusMinusToken;
    return this.before(node.operand, counts ? this.assign(node.operand, after) : after);
  }

  /** Where a link is nothing, control goes to the end of the whole chain. */
  private chain(node: ts.Expression, after: Live, end: Live): Live {
    if (!ts.isOptionalChain(node)) return this.before(node, after);
    let live = union(after, this.ways.throws);
    if (ts.isCallChain(node)) live = this.reversed(node.arguments, live, (argument, then) => this.before(argument, then));
    if (ts.isElementAccessChain(node)) live = this.before(node.argumentExpression, live);
    return this.chain(node.expression, !ts.isNonNullChain(node) && node.questionDotToken ? union(live, end) : live, end);
  }

  /** The parts of a member that is assigned are evaluated before the value is taken. */
  private element(target: ts.Node, initial: ts.Expression | undefined, key: ts.Node | undefined, after: Live): Live {
    const isMember = ts.isPropertyAccessExpression(target) || ts.isElementAccessExpression(target);
    const stored = union(after, this.ways.throws);
    const bound = isMember ? stored : this.bind(target, stored);
    const taken = initial ? union(bound, this.before(initial, bound)) : bound;
    const given = isMember ? this.parts(target, taken) : taken;
    return key && ts.isComputedPropertyName(key) ? this.before(key, given) : given;
  }

  private assignedElement(element: ts.Expression, key: ts.Node | undefined, after: Live): Live {
    if (ts.isOmittedExpression(element)) return after;
    if (ts.isSpreadElement(element)) return this.element(element.expression, undefined, undefined, after);
    const hasDefault = ts.isBinaryExpression(element) && element.operatorToken.kind === ts.SyntaxKind.EqualsToken;
    return hasDefault ? this.element(element.left, element.right, key, after) : this.element(element, undefined, key, after);
  }

  private parts(node: ts.Node, after: Live): Live {
    const children: ts.Node[] = [];
    ts.forEachChild(node, (child) => void children.push(child));
    return this.reversed(children, after, (child, live) => this.before(child, live));
  }

  private reversed<T>(nodes: readonly T[], after: Live, before: (node: T, after: Live) => Live): Live {
    return nodes.reduceRight((live, node) => before(node, live), after);
  }
}

/** Shared with closures, so that its content may be seen by others. */
function inCell({ captured, assigned, early, kind }: Variable): boolean {
  return early || (captured && (assigned || kind !== "lexical"));
}

function isDeclaring(name: ts.Identifier): boolean {
  return ts.isVariableDeclaration(name.parent) || ts.isBindingElement(name.parent) || ts.isClassDeclaration(name.parent);
}

/** The assignment is a statement of its own, or steps a loop. Inside an expression it is not taken to end a life. */
function isWhole(name: ts.Node): boolean {
  let at: ts.Node = name;
  while (at.parent !== undefined && !ts.isStatement(at.parent) && !isActivation(at.parent)) at = at.parent;
  const { parent } = at;
  if (ts.isExpressionStatement(parent) || ts.isForStatement(parent)) return isAssignment(at);
  return ts.isForOfStatement(parent) || ts.isForInStatement(parent);
}

function isAssignment(node: ts.Node): boolean {
  if (ts.isParenthesizedExpression(node)) return isAssignment(node.expression);
  return (ts.isBinaryExpression(node) && assigns(node.operatorToken.kind)) || ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node);
}

function isPattern(node: ts.Node): boolean {
  return ts.isArrayLiteralExpression(node) || ts.isObjectLiteralExpression(node) || (ts.isParenthesizedExpression(node) && isPattern(node.expression));
}
