// What becomes of each `new Promise(…)` and `Promise.withResolvers()`: who can call the functions that settle it.
//
//   new Promise((resolve) => setTimeout(resolve, 10))                                              ordinary code: stays native
//   let done; new Promise((resolve) => { done = resolve }); await listen(go); done()               the flow alone: own
//   const d = {}; new Promise((resolve) => { d.resolve = resolve }); bus.once("x", d.resolve)      either: shared
//
// Own and shared ones are durable. Nobody waits for ordinary code to settle an own one, so that must be sure: a function may be called,
// compared, and put into variables and containers of the flow that stay there, in code that is itself only called by the flow.

import ts from "typescript";
import type { Binding, Facts, Reference, Unit } from "../facts.ts";
import { isAssignment, isOuter, usage } from "../roles.ts";
import { isGlobal } from "./2-scope-refer.ts";

type Hands = "own" | "shared";

/** `makers`: each `Promise` of a `new Promise(…)`, and each callee of a `Promise.withResolvers()`. */
export function settleHands(facts: Facts, makers: readonly ts.Node[]): ReadonlyMap<ts.Node, Hands> {
  const found = new Map<ts.Node, Hands>();
  for (const maker of makers) {
    const hands = ts.isNewExpression(maker.parent) ? ofConstructor(facts, maker.parent) : ofResolvers(facts, maker.parent);
    if (hands !== undefined) found.set(maker, hands);
  }
  return found;
}

function ofConstructor(facts: Facts, { arguments: args }: ts.NewExpression): Hands | undefined {
  const [executor] = args ?? [];
  if (args?.length !== 1 || executor === undefined || !isExpressionOfFunction(executor) || executor.asteriskToken) return undefined;
  const settlers = plain(facts, executor.parameters);
  if (settlers === undefined || facts.unitOf.get(executor)?.usesArguments === true) return "shared";
  if (settlers.every((binding) => new Stay(facts).staysIn(binding))) return "own";
  return isUsedLater(facts, executor, settlers) ? "shared" : undefined;
}

/** `const { promise, resolve } = Promise.withResolvers()` */
function ofResolvers(facts: Facts, call: ts.Node): Hands {
  const { parent } = call;
  if (!ts.isVariableDeclaration(parent) || !ts.isObjectBindingPattern(parent.name)) return "shared";
  const settlers = plain(facts, parent.name.elements.filter(({ propertyName, name }) => !isNamed(propertyName ?? name, "promise")));
  return settlers?.every((binding) => new Stay(facts).staysIn(binding)) === true ? "own" : "shared";
}

function isNamed(name: ts.PropertyName | ts.BindingName, text: string): boolean {
  return ts.isIdentifier(name) && name.text === text;
}

/** The bindings of simple names; undefined where there are others. */
function plain(facts: Facts, elements: readonly (ts.ParameterDeclaration | ts.BindingElement)[]): readonly Binding[] | undefined {
  const found = elements.map((element) => {
    const isPlain = ts.isIdentifier(element.name) && element.dotDotDotToken === undefined && element.initializer === undefined;
    return isPlain && (!ts.isBindingElement(element) || element.propertyName === undefined || ts.isIdentifier(element.propertyName)) ? facts.declarations.get(element.name) : undefined;
  });
  return found.every((binding) => binding !== undefined) ? found : undefined;
}

// Whether the flow itself may settle it later: a function of it is kept somewhere, or a strand or a callback has it.

function isUsedLater(facts: Facts, executor: ts.Node, settlers: readonly Binding[]): boolean {
  return settlers.some(({ references }) => references.some((reference) => isHandedOn(facts, reference.node) || standsInLaterCode(facts, reference.node, executor)));
}

function standsInLaterCode(facts: Facts, node: ts.Node, executor: ts.Node): boolean {
  for (let at: ts.Node = node; at !== executor.parent; at = at.parent) {
    if (!ts.isFunctionLike(at)) continue;
    if (hasModifier(at, ts.SyntaxKind.AsyncKeyword) || (at !== executor && isHandedOn(facts, at as ts.Node as ts.Expression))) return true;
    if (ts.isFunctionDeclaration(at)) return true;
  }
  return false;
}

function hasModifier(node: ts.Node, kind: ts.SyntaxKind): boolean {
  return ts.canHaveModifiers(node) && node.modifiers?.some((modifier) => modifier.kind === kind) === true;
}

const callbacks = /^(?:then|catch|finally)$/;
const additions = /^(?:push|unshift|add|set|splice)$/;

/** Kept in a variable, a property or a list, or given to code of the flow or to a promise. */
function isHandedOn(facts: Facts, value: ts.Node): boolean {
  const { node, parent } = outermost(value);
  if (ts.isBinaryExpression(parent)) return isAssignment(parent.operatorToken.kind) ? parent.right === node : isChoice(parent.operatorToken.kind) && isHandedOn(facts, parent);
  if (ts.isVariableDeclaration(parent) || ts.isReturnStatement(parent)) return true;
  if (ts.isConditionalExpression(parent)) return parent.condition !== node && isHandedOn(facts, parent);
  const literal = literalOf(parent, node);
  if (literal !== undefined) return isHandedOn(facts, literal);
  if (ts.isMethodDeclaration(node) && ts.isObjectLiteralExpression(parent)) return isHandedOn(facts, parent);
  if (ts.isNewExpression(parent)) return facts.references.has(parent.expression as ts.Identifier) || /^(?:Map|Set|Array)$/.test(parent.expression.getText());
  if (!ts.isCallExpression(parent) || parent.expression === node) return false;
  const callee = parent.expression;
  if (ts.isIdentifier(callee)) return facts.references.has(callee);
  if (!ts.isPropertyAccessExpression(callee)) return false;
  if (isGlobal(facts, callee.expression, "Object") || isGlobal(facts, callee.expression, "Reflect")) return true;
  return callbacks.test(callee.name.text) || (additions.test(callee.name.text) && (rootOf(facts, callee) !== undefined || standsOnThis(callee)));
}

/** `this.waiters.push` */
function standsOnThis({ expression }: ts.PropertyAccessExpression): boolean {
  return expression.kind === ts.SyntaxKind.ThisKeyword || (ts.isPropertyAccessExpression(expression) && standsOnThis(expression));
}

/** The literal that a value is an element or a property of. */
function literalOf(parent: ts.Node, node: ts.Node): ts.Expression | undefined {
  if (ts.isArrayLiteralExpression(parent)) return parent;
  if (ts.isSpreadElement(parent) && ts.isArrayLiteralExpression(parent.parent)) return parent.parent;
  const isProperty = ts.isShorthandPropertyAssignment(parent) || (ts.isPropertyAssignment(parent) && parent.initializer === node);
  return isProperty ? parent.parent : undefined;
}

function isChoice(operator: ts.SyntaxKind): boolean {
  const { AmpersandAmpersandToken, BarBarToken, QuestionQuestionToken, CommaToken } = ts.SyntaxKind;
  return operator === AmpersandAmpersandToken || operator === BarBarToken || operator === QuestionQuestionToken || operator === CommaToken;
}

function isEquality(operator: ts.SyntaxKind): boolean {
  const { EqualsEqualsToken, EqualsEqualsEqualsToken, ExclamationEqualsToken, ExclamationEqualsEqualsToken } = ts.SyntaxKind;
  return operator === EqualsEqualsToken || operator === EqualsEqualsEqualsToken || operator === ExclamationEqualsToken || operator === ExclamationEqualsEqualsToken;
}

/** Parentheses and types around an expression say nothing. */
function outermost(value: ts.Node): { readonly node: ts.Node; readonly parent: ts.Node } {
  let node = value;
  while (isOuter(node.parent)) node = node.parent;
  return { node, parent: node.parent };
}

function isExpressionOfFunction(node: ts.Node): node is ts.ArrowFunction | ts.FunctionExpression {
  return ts.isArrowFunction(node) || ts.isFunctionExpression(node);
}

/** The variable of the flow at the beginning of `a.b[c]`. */
function rootOf(facts: Facts, node: ts.Expression): Binding | undefined {
  if (ts.isIdentifier(node)) return facts.references.get(node)?.binding;
  if (isOuter(node)) return rootOf(facts, node.expression);
  return ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node) ? rootOf(facts, node.expression) : undefined;
}

/** Whether values stay in the flow: those of a variable and all that they are put into. What is asked about already does. */
class Stay {
  readonly #facts: Facts;
  readonly #met = new Set<Binding | ts.Node>();

  constructor(facts: Facts) {
    this.#facts = facts;
  }

  staysIn(binding: Binding | undefined): boolean {
    if (binding === undefined) return false;
    if (this.#met.has(binding)) return true;
    this.#met.add(binding);
    return binding.references.every((reference) => this.#isReachedByCalls(reference) && (usage(reference.node) === "write" || this.#stays(reference.node)));
  }

  /** The functions between a variable and its use are called by the flow alone. */
  #isReachedByCalls({ unit, binding }: Reference): boolean {
    for (let at: Unit | null = unit; at !== null && at !== binding.unit; at = at.parent) if (!this.#functionStays(at.node)) return false;
    return true;
  }

  #functionStays(fn: ts.Node): boolean {
    if (this.#met.has(fn)) return true;
    this.#met.add(fn);
    if (ts.isFunctionLike(fn) && (fn as ts.FunctionLikeDeclaration).asteriskToken) return false;
    if (ts.isFunctionDeclaration(fn)) return fn.name !== undefined && this.staysIn(this.#facts.declarations.get(fn.name));
    if (ts.isMethodDeclaration(fn)) return ts.isObjectLiteralExpression(fn.parent) && this.#stays(fn.parent);
    if (!isExpressionOfFunction(fn)) return false;
    const named = fn.name && this.#facts.declarations.get(fn.name);
    return (named === undefined || this.staysIn(named)) && this.#stays(fn);
  }

  /** What the expression gives goes nowhere but into the flow. */
  #stays(value: ts.Node): boolean {
    const { node, parent } = outermost(value);
    if (ts.isExpressionStatement(parent) || ts.isIfStatement(parent) || ts.isTypeOfExpression(parent) || ts.isVoidExpression(parent) || ts.isPrefixUnaryExpression(parent)) return true;
    if (ts.isWhileStatement(parent) || ts.isDoStatement(parent) || ts.isForStatement(parent) || ts.isDeleteExpression(parent)) return true;
    if (ts.isBinaryExpression(parent)) return this.#staysInBinary(parent, node);
    if (ts.isConditionalExpression(parent)) return parent.condition === node || this.#stays(parent);
    if (ts.isVariableDeclaration(parent)) return this.#bindsInside(parent.name);
    if (ts.isPropertyAccessExpression(parent)) return this.#stays(parent);
    if (ts.isElementAccessExpression(parent)) return parent.expression === node && this.#stays(parent);
    if (ts.isForOfStatement(parent)) return !parent.awaitModifier && ts.isVariableDeclarationList(parent.initializer) && parent.initializer.declarations.every(({ name }) => this.#bindsInside(name));
    if (ts.isReturnStatement(parent) || (ts.isArrowFunction(parent) && parent.body === node)) return this.#isResultKept(ts.findAncestor(parent, ts.isFunctionLike));
    if (ts.isCallExpression(parent)) return parent.expression === node ? this.#isCallKept(parent) : this.#isArgumentKept(parent, node);
    if (ts.isNewExpression(parent)) return isExpressionOfFunction(node) && isGlobal(this.#facts, parent.expression, "Promise");
    const literal = literalOf(parent, node);
    return literal !== undefined && this.#stays(literal);
  }

  #staysInBinary(parent: ts.BinaryExpression, node: ts.Node): boolean {
    const operator = parent.operatorToken.kind;
    if (isEquality(operator)) return true;
    if (isChoice(operator)) return this.#stays(parent);
    if (!isAssignment(operator)) return false;
    if (parent.left === node) return operator === ts.SyntaxKind.EqualsToken || this.#stays(parent);
    if (ts.isIdentifier(parent.left)) return this.staysIn(this.#facts.references.get(parent.left)?.binding) && this.#stays(parent);
    const isMember = ts.isPropertyAccessExpression(parent.left) || ts.isElementAccessExpression(parent.left);
    return isMember && this.#staysInMade(parent.left.expression) && this.#stays(parent);
  }

  /** A container that the flow has made, and that no other name had before. */
  #staysInMade(container: ts.Expression): boolean {
    const binding = ts.isIdentifier(container) ? this.#facts.references.get(container)?.binding : undefined;
    return binding !== undefined && !binding.mutated && isMadeHere(initializerOf(this.#facts, binding)) && this.staysIn(binding);
  }

  #bindsInside(name: ts.BindingName): boolean {
    if (ts.isIdentifier(name)) return this.staysIn(this.#facts.declarations.get(name));
    return name.elements.every((element) => ts.isOmittedExpression(element) || this.#bindsInside(element.name));
  }

  /** What a method of a list gives may be an element of it; what another call gives, the function itself hands out. */
  #isCallKept(call: ts.CallExpression): boolean {
    const isMethod = ts.isPropertyAccessExpression(call.expression) || ts.isElementAccessExpression(call.expression);
    return !isMethod || this.#stays(call);
  }

  #isResultKept(fn: ts.SignatureDeclaration | undefined): boolean {
    if (fn === undefined || hasModifier(fn, ts.SyntaxKind.AsyncKeyword) || (fn as ts.FunctionLikeDeclaration).asteriskToken) return false;
    if (isExpressionOfFunction(fn) && ts.isNewExpression(fn.parent) && isGlobal(this.#facts, fn.parent.expression, "Promise")) return true;
    const name = nameOf(fn);
    const binding = name && this.#facts.declarations.get(name);
    return binding !== undefined && binding.references.every(({ node }) => ts.isCallExpression(node.parent) && node.parent.expression === node && this.#isReached(node.parent));
  }

  #isReached(call: ts.CallExpression): boolean {
    if (this.#met.has(call)) return true;
    this.#met.add(call);
    return this.#stays(call);
  }

  #isArgumentKept(call: ts.CallExpression, node: ts.Node): boolean {
    const callee = call.expression;
    if (ts.isPropertyAccessExpression(callee)) return additions.test(callee.name.text) && this.#staysInMade(callee.expression) && this.#stays(call);
    const binding = ts.isIdentifier(callee) ? this.#facts.references.get(callee)?.binding : undefined;
    const fn = binding === undefined ? undefined : functionOf(this.#facts, binding);
    if (binding === undefined || binding.mutated || fn === undefined || fn.asteriskToken || call.arguments.some(ts.isSpreadElement)) return false;
    const settlers = plain(this.#facts, fn.parameters);
    const unit = this.#facts.unitOf.get(fn);
    if (settlers === undefined || unit === undefined || unit.usesArguments) return false;
    const parameter = settlers[call.arguments.indexOf(node as ts.Expression)];
    return parameter === undefined || this.staysIn(parameter);
  }
}

/** The variable that a function is called by. */
function nameOf(fn: ts.SignatureDeclaration): ts.Identifier | undefined {
  if (ts.isFunctionDeclaration(fn)) return fn.name;
  const { parent } = outermost(fn);
  return ts.isVariableDeclaration(parent) && ts.isIdentifier(parent.name) ? parent.name : undefined;
}

/** The function that a constant holds, or that is declared. */
function functionOf(facts: Facts, binding: Binding): ts.FunctionLikeDeclaration | undefined {
  if (binding.kind === "function") return binding.scope.functions.findLast(({ name }) => name?.text === binding.name);
  const value = binding.kind === "const" ? initializerOf(facts, binding) : undefined;
  return value !== undefined && isExpressionOfFunction(value) ? value : undefined;
}

/** What a variable that is declared by its name alone begins with. */
function initializerOf({ declarations }: Facts, binding: Binding): ts.Expression | undefined {
  for (const [name, declared] of declarations) if (declared === binding && ts.isVariableDeclaration(name.parent)) return name.parent.initializer;
  return undefined;
}

function isMadeHere(value: ts.Expression | undefined): boolean {
  if (value === undefined) return false;
  if (ts.isObjectLiteralExpression(value) || ts.isArrayLiteralExpression(value)) return true;
  return ts.isNewExpression(value) && ts.isIdentifier(value.expression) && /^(?:Map|Set|Array)$/.test(value.expression.text);
}
