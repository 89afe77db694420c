// Whether ordinary code can get hold of the functions that settle a promise. Where it surely cannot, the run alone settles the promise,
// and no turn waits for somebody else to do so.
//
//   let done; new Promise((resolve) => { done = resolve }); await listen(go); done()      the flow's own
//   new Promise((resolve) => setTimeout(resolve, 10))                                     not
//
// Sure is only what is plain: a function is called, compared, or given to another variable, in code that is itself only called.

import ts from "typescript";
import type { Binding, Facts, Reference, Unit } from "../facts.ts";

/** `node` is the `Promise` of `new Promise(…)`, or the callee of `Promise.withResolvers()`. */
export function isOwnPromise(facts: Facts, node: ts.Node): boolean {
  const settlers = ts.isIdentifier(node) ? ofExecutor(facts, node.parent as ts.NewExpression) : ofPattern(facts, node.parent);
  return settlers !== undefined && settlers.every((binding) => staysInside(facts, binding, new Set()));
}

/** The parameters of an executor that is written out; undefined: who knows. */
function ofExecutor(facts: Facts, { arguments: args }: ts.NewExpression): readonly Binding[] | undefined {
  const [executor] = args ?? [];
  if (args?.length !== 1 || executor === undefined || !(ts.isArrowFunction(executor) || ts.isFunctionExpression(executor))) return undefined;
  const unit = facts.unitOf.get(executor);
  if (unit === undefined || unit.usesArguments) return undefined;
  return bindings(facts, executor.parameters);
}

/** `const { promise, resolve } = Promise.withResolvers()` */
function ofPattern(facts: Facts, call: ts.Node): readonly Binding[] | undefined {
  const declaration = call.parent;
  if (!ts.isVariableDeclaration(declaration) || declaration.initializer !== call || !ts.isObjectBindingPattern(declaration.name)) return undefined;
  const settlers = declaration.name.elements.filter(({ propertyName, name }) => (propertyName ?? name).getText() !== "promise");
  return bindings(facts, settlers);
}

function bindings(facts: Facts, elements: readonly (ts.ParameterDeclaration | ts.BindingElement)[]): readonly Binding[] | undefined {
  const found = elements.map((element) => {
    const isPlain = ts.isIdentifier(element.name) && element.dotDotDotToken === undefined && element.initializer === undefined;
    return isPlain && (!ts.isBindingElement(element) || element.propertyName === undefined || ts.isIdentifier(element.propertyName)) ? facts.declarations.get(element.name) : undefined;
  });
  return found.every((binding) => binding !== undefined) ? found : undefined;
}

function staysInside(facts: Facts, binding: Binding, met: Set<Binding>): boolean {
  if (met.has(binding)) return true;
  met.add(binding);
  return binding.references.every((reference) => reference.write || (isKept(facts, reference.node, met) && isReachedByCalls(facts, reference, met)));
}

/** Nothing is done with what the name stands for that gives it away. */
function isKept(facts: Facts, node: ts.Identifier, met: Set<Binding>): boolean {
  const { parent } = node;
  if (ts.isCallExpression(parent)) return parent.expression === node;
  if (ts.isTypeOfExpression(parent) || (ts.isPrefixUnaryExpression(parent) && parent.operator === ts.SyntaxKind.ExclamationToken)) return true;
  if (ts.isIfStatement(parent)) return parent.expression === node;
  if (ts.isVariableDeclaration(parent)) return isKeptBy(facts, parent.name, met);
  return ts.isBinaryExpression(parent) && (isEquality(parent.operatorToken.kind) || isAssignedInside(facts, parent, node, met));
}

/** `done = resolve`, of which nothing else is made. */
function isAssignedInside(facts: Facts, { left, operatorToken, right, parent }: ts.BinaryExpression, value: ts.Node, met: Set<Binding>): boolean {
  const isUnused = ts.isExpressionStatement(parent) || isBodyOfExecutor(right.parent, parent) || isBodyOfExecutor(parent, parent.parent);
  return operatorToken.kind === ts.SyntaxKind.EqualsToken && right === value && isUnused && isKeptBy(facts, left, met);
}

function isEquality(operator: ts.SyntaxKind): boolean {
  return operator === ts.SyntaxKind.EqualsEqualsEqualsToken || operator === ts.SyntaxKind.ExclamationEqualsEqualsToken
    || operator === ts.SyntaxKind.EqualsEqualsToken || operator === ts.SyntaxKind.ExclamationEqualsToken;
}

function isKeptBy(facts: Facts, target: ts.Node, met: Set<Binding>): boolean {
  if (!ts.isIdentifier(target)) return false;
  const binding = facts.references.get(target)?.binding ?? facts.declarations.get(target);
  return binding !== undefined && staysInside(facts, binding, met);
}

/** What an executor gives back is nobody's. */
function isBodyOfExecutor(body: ts.Node, fn: ts.Node): boolean {
  return ts.isArrowFunction(fn) && fn.body === body && ts.isNewExpression(fn.parent) && ts.isIdentifier(fn.parent.expression) && fn.parent.expression.text === "Promise";
}

/** The functions between a variable and its use are called by the flow alone. */
function isReachedByCalls(facts: Facts, { unit, binding }: Reference, met: Set<Binding>): boolean {
  for (let at: Unit | null = unit; at !== null && at !== binding.unit; at = at.parent) if (!isOnlyCalled(facts, at.node, met)) return false;
  return true;
}

function isOnlyCalled(facts: Facts, fn: ts.Node, met: Set<Binding>): boolean {
  if (ts.isFunctionDeclaration(fn)) return fn.name !== undefined && isKeptBy(facts, fn.name, met);
  if (!ts.isArrowFunction(fn) && !ts.isFunctionExpression(fn)) return false;
  let { parent } = fn;
  let inner: ts.Node = fn;
  while (ts.isParenthesizedExpression(parent)) [inner, parent] = [parent, parent.parent];
  if (ts.isVariableDeclaration(parent)) return isKeptBy(facts, parent.name, met);
  if (ts.isBinaryExpression(parent)) return isAssignedInside(facts, parent, inner, met);
  if (ts.isNewExpression(parent)) return ts.isIdentifier(parent.expression) && parent.expression.text === "Promise" && !facts.references.has(parent.expression);
  return ts.isCallExpression(parent) && parent.expression === inner;
}
