// Which promises a run stops at: those that are surely durable. What may be an ordinary promise is none of them.
//
//   for await (const answer of [listen(a), listen(b)])   for await (const line of lines()), where the generator stops
//   listen(decision)   approve(order)   Promise.all([a, sleep("1 day")])   items.map(async (item) => { await listen(item) })

import type ts from "typescript";
import type { Unit } from "../facts.ts";
import type { Machine, Point } from "../ir.ts";
import type { TypedFile } from "./file.ts";
import { skipOuter } from "./outer.ts";

export class Stops {
  readonly #at: TypedFile;
  readonly #machines: ReadonlyMap<Unit, Machine>;
  readonly #units = new Map<Unit, boolean>();
  /** Constants may refer to each other often. While a variable that may be made of itself is asked for it is not durable. */
  readonly #made = new Map<ts.Node, boolean>();
  /** What was not found durable while a function was looked at, which may stop after all: asked again when it is known. */
  readonly #meanwhile = new Set<ts.Node>();
  #open = 0;

  constructor(at: TypedFile) {
    this.#at = at;
    this.#machines = new Map(at.flows.flatMap(({ machines }) => [...machines]));
  }

  /** A run stops where this is awaited. */
  isDurable(expression: ts.Expression): boolean {
    const { api, checker } = this.#at.program;
    const node = skipOuter(api, expression);
    if (isDurableType(api, checker.getTypeAtLocation(node))) return true;
    const known = this.#made.get(node);
    if (known !== undefined) return known;
    this.#made.set(node, false);
    const durable = this.#isMadeDurable(node);
    this.#made.set(node, durable);
    if (!durable && this.#open > 0) this.#meanwhile.add(node);
    return durable;
  }

  isStop({ node, what }: Point): boolean {
    if (what === "for-await") {
      const loop = this.#at.loopAt(node);
      return loop !== undefined && (this.isDurable(loop.expression) || this.#isStoppingGenerator(loop.expression));
    }
    const found = this.#at.awaitAt(node);
    return found !== undefined && this.isDurable(found.expression);
  }

  /** A call of the unit surely stops the run somewhere. */
  unitStops(unit: Unit): boolean {
    return !unit.generator && this.#hasStop(unit);
  }

  #hasStop(unit: Unit): boolean {
    const known = this.#units.get(unit);
    if (known !== undefined) return known;
    this.#units.set(unit, false); // while it is looked at: recursion alone stops nowhere
    this.#open++;
    const stops = this.#machines.get(unit)?.points.some((point) => this.isStop(point)) === true || this.#givesBack(unit);
    this.#open--;
    this.#units.set(unit, stops);
    if (this.#open === 0) this.#forget();
    return stops;
  }

  #forget(): void {
    for (const node of this.#meanwhile) this.#made.delete(node);
    this.#meanwhile.clear();
  }

  /** `async () => listen(decision)`. What it gives back by name may be settled already. */
  #givesBack(unit: Unit): boolean {
    const given = this.#at.givenBackBy(unit);
    return given !== undefined && this.#at.program.api.isCallExpression(skipOuter(this.#at.program.api, given)) && this.isDurable(given);
  }

  /** What an async generator of the flow gives, by a call or a constant of one: its rounds stop where it does. */
  #isStoppingGenerator(expression: ts.Expression): boolean {
    const { api, checker } = this.#at.program;
    const node = skipOuter(api, expression);
    if (api.isCallExpression(node)) {
      const called = checker.getResolvedSignature(node)?.declaration;
      const unit = called && this.#at.unitAt(called);
      return unit?.kind === "machine" && unit.async && unit.generator && this.#hasStop(unit);
    }
    const declared = api.isIdentifier(node) ? checker.getSymbolAtLocation(node)?.valueDeclaration : undefined;
    if (declared === undefined || !api.isVariableDeclaration(declared) || declared.initializer === undefined) return false;
    return this.#at.isInFlow(declared) && api.isCallExpression(skipOuter(api, declared.initializer)) && this.#isStoppingGenerator(declared.initializer);
  }

  #isMadeDurable(node: ts.Expression): boolean {
    const { api, checker } = this.#at.program;
    if (api.isConditionalExpression(node)) return this.isDurable(node.whenTrue) || this.isDurable(node.whenFalse);
    if (api.isBinaryExpression(node)) return this.isDurable(node.right);
    if (api.isIdentifier(node)) {
      const declared = checker.getSymbolAtLocation(node)?.valueDeclaration;
      return declared !== undefined && api.isVariableDeclaration(declared) && this.#at.isInFlow(declared) && declared.initializer !== undefined && !api.isAwaitExpression(declared.initializer) && this.isDurable(declared.initializer);
    }
    if (api.isArrayLiteralExpression(node)) return node.elements.some((element) => this.isDurable(api.isSpreadElement(element) ? element.expression : element));
    return api.isCallExpression(node) && this.#isDurableCall(node);
  }

  #isDurableCall(call: ts.CallExpression): boolean {
    const { api, checker } = this.#at.program;
    const { expression: callee } = call;
    if (api.isPropertyAccessExpression(callee)) {
      const name = callee.name.text;
      if (api.isIdentifier(callee.expression) && callee.expression.text === "Promise") return /^(?:all|race|any|allSettled)$/.test(name) && call.arguments[0] !== undefined && this.isDurable(call.arguments[0]);
      if (/^(?:then|catch|finally)$/.test(name)) return this.isDurable(callee.expression);
      const maker = this.#callbackOfList(call, callee);
      if (maker !== undefined) return this.#givesStrands(maker);
    }
    const called = checker.getResolvedSignature(call)?.declaration;
    const unit = called && this.#at.unitAt(called);
    return unit?.kind === "machine" && unit.async && this.unitStops(unit);
  }

  /** `lines.map(callback)`, `Array.from(lines, callback)`: a list of what the callback gives. */
  #callbackOfList({ arguments: [first, second] }: ts.CallExpression, { expression, name }: ts.PropertyAccessExpression): ts.Expression | undefined {
    const { api, checker } = this.#at.program;
    if (name.text === "from" && api.isIdentifier(expression) && expression.text === "Array") return second;
    return /^(?:map|flatMap)$/.test(name.text) && checker.isArrayType(checker.getTypeAtLocation(expression)) ? first : undefined;
  }

  #givesStrands(callback: ts.Expression): boolean {
    const { api, checker } = this.#at.program;
    const signature = checker.getTypeAtLocation(callback).getCallSignatures()[0];
    if (signature === undefined) return false;
    if (isDurableType(api, checker.getReturnTypeOfSignature(signature))) return true;
    const unit = signature.declaration && this.#at.unitAt(signature.declaration);
    if (unit === undefined) return false;
    return unit.kind === "machine" ? unit.async && this.unitStops(unit) : this.#givesBack(unit);
  }
}

/** The package's `interface Durable<T> extends Promise<T> {}`, or a list of such. */
export function isDurableType(api: typeof ts, type: ts.Type): boolean {
  if (type.isUnion()) return type.types.some((part) => isDurableType(api, part));
  const symbol = type.getSymbol();
  if (symbol === undefined) return false;
  if (symbol.name === "Durable") return symbol.declarations?.some((declaration) => api.isInterfaceDeclaration(declaration) && declaration.members.length === 0) === true;
  if (symbol.name !== "Array" && symbol.name !== "ReadonlyArray") return false;
  const [element] = (type as ts.TypeReference).typeArguments ?? [];
  return element !== undefined && isDurableType(api, element);
}
