// Whether a promise that ordinary code gives may be a durable one that it hands on, whatever its type says: bodies are followed.
//
//   const ask = (id: string): Promise<string> => wait(id);      where `wait` gives `listen(id)`: may
//   const load = (id: string): Promise<string> => fetch(id).then((answer) => answer.text());      does not
//
// What cannot be followed may. A parameter does not: what it is given is judged where it is given.

import type ts from "typescript";
import type { TypedFile } from "./file.ts";
import { givenBackBy, isAsync } from "./given-back.ts";
import { refused } from "./library.ts";
import { skipOuter } from "./outer.ts";
import { isDurableType } from "./stops.ts";

/** One question, of one call. */
export class HandsOn {
  readonly #at: TypedFile;
  /** A function that gives back what it gives itself gives nothing durable by that, for the one that is asked for. */
  readonly #known = new Map<ts.Node, boolean>();

  constructor(at: TypedFile) {
    this.#at = at;
  }

  byFunction(declaration: ts.SignatureDeclaration): boolean {
    const { api, checker } = this.#at.program;
    const name = api.getNameOfDeclaration(declaration);
    const overloaded = name && checker.getSymbolAtLocation(name)?.declarations?.find((each) => "body" in each && each.body !== undefined);
    const fn = overloaded && api.isFunctionLike(overloaded) ? overloaded : declaration;
    if (isAsync(fn, api)) return false;
    if ("body" in fn && fn.body !== undefined) return givenBackBy(fn, api).some((expression) => this.#of(expression));
    return !api.isFunctionDeclaration(fn) && !fn.getSourceFile().isDeclarationFile && !this.#isOfParameter(fn);
  }

  /** By a method that an interface names: of an object that is written somewhere, or of the package; undefined: of who knows what. */
  byMember(callee: ts.Expression): boolean | undefined {
    const { api, checker } = this.#at.program;
    const made = api.isPropertyAccessExpression(callee) ? this.#made(callee.expression) : undefined;
    if (made === undefined || !api.isPropertyAccessExpression(callee)) return undefined;
    if (!api.isObjectLiteralExpression(made)) return true;
    const property = made.properties.find((each) => each.name?.getText() === callee.name.text);
    if (property === undefined) return undefined;
    if (api.isMethodDeclaration(property)) return this.byFunction(property);
    const value = api.isPropertyAssignment(property) ? property.initializer : property.name;
    const called = value && checker.getTypeAtLocation(value).getCallSignatures()[0]?.declaration;
    return called && !api.isJSDocSignature(called) ? this.byFunction(called) : undefined;
  }

  #of(expression: ts.Expression): boolean {
    const { api, checker } = this.#at.program;
    const node = skipOuter(api, expression);
    const type = checker.getTypeAtLocation(node);
    if (isDurableType(api, type)) return true;
    if (!mayBePromise(type, this.#at)) return false;
    const known = this.#known.get(node);
    if (known !== undefined) return known;
    this.#known.set(node, false);
    const may = this.#ofNode(node);
    this.#known.set(node, may);
    return may;
  }

  #ofNode(node: ts.Expression): boolean {
    const { api } = this.#at.program;
    if (api.isConditionalExpression(node)) return this.#of(node.whenTrue) || this.#of(node.whenFalse);
    if (api.isBinaryExpression(node)) return this.#of(node.left) || this.#of(node.right);
    if (api.isArrayLiteralExpression(node)) return node.elements.some((element) => this.#of(api.isSpreadElement(element) ? element.expression : element));
    if (api.isNewExpression(node)) return false;
    if (api.isCallExpression(node)) return this.#ofCall(node);
    return !api.isIdentifier(node) || this.#ofName(node);
  }

  #ofName(name: ts.Identifier): boolean {
    const { api } = this.#at.program;
    const declared = this.#declared(name);
    if (declared === undefined) return true;
    if (api.isParameter(declared)) return false;
    const initializer = this.#constant(declared);
    return initializer ? this.#of(initializer) : !declared.getSourceFile().isDeclarationFile;
  }

  #ofCall(call: ts.CallExpression): boolean {
    const { api, checker } = this.#at.program;
    const callee = skipOuter(api, call.expression);
    if (callee.kind === api.SyntaxKind.ImportKeyword) return false;
    if (call.arguments.some((argument) => this.#given(argument))) return true;
    if (api.isPropertyAccessExpression(callee)) {
      const { expression, name: { text } } = callee;
      if (api.isIdentifier(expression) && expression.text === "Promise") return false;
      if (/^(?:then|catch|finally)$/.test(text)) return this.#of(expression);
      const owner = checker.getTypeAtLocation(expression).getSymbol();
      // What a list or a map has may be anything, and what a callback gives is judged with the arguments.
      if (owner && this.#at.program.isLibrary(owner) && !refused.has(owner.name)) return !/^(?:map|flatMap|from)$/.test(text);
    }
    const called = checker.getResolvedSignature(call)?.declaration;
    if (called === undefined || api.isJSDocSignature(called)) return true;
    return (api.isMethodSignature(called) ? this.byMember(callee) : undefined) ?? this.byFunction(called);
  }

  /** An argument, or a function that is one and may be called. */
  #given(argument: ts.Expression): boolean {
    const { api, checker } = this.#at.program;
    const node = skipOuter(api, argument);
    if (api.isObjectLiteralExpression(node)) return node.properties.some((property) => !api.isPropertyAssignment(property) || this.#given(property.initializer));
    const called = checker.getTypeAtLocation(node).getCallSignatures()[0]?.declaration;
    return called && !api.isJSDocSignature(called) ? this.byFunction(called) : this.#of(api.isSpreadElement(node) ? node.expression : node);
  }

  /** The object that an expression is, or the call of the package that makes it. */
  #made(expression: ts.Expression, depth = 5): ts.Expression | undefined {
    const { api, checker } = this.#at.program;
    const node = skipOuter(api, expression);
    if (depth === 0 || api.isObjectLiteralExpression(node)) return depth === 0 ? undefined : node;
    if (api.isIdentifier(node)) {
      const declared = this.#declared(node);
      const initializer = declared && this.#constant(declared);
      return initializer && this.#made(initializer, depth - 1);
    }
    if (!api.isCallExpression(node)) return undefined;
    const symbol = checker.getTypeAtLocation(node.expression).getSymbol();
    if (symbol && this.#at.isOwn(symbol)) return node;
    const called = checker.getResolvedSignature(node)?.declaration;
    const [given, ...others] = called && !api.isJSDocSignature(called) && !isAsync(called, api) ? givenBackBy(called, api) : [];
    return given && others.length === 0 ? this.#made(given, depth - 1) : undefined;
  }

  #declared(name: ts.Identifier): ts.Declaration | undefined {
    const { api, checker } = this.#at.program;
    const symbol = checker.getSymbolAtLocation(name);
    const named = symbol && (symbol.flags & api.SymbolFlags.Alias) !== 0 ? checker.getAliasedSymbol(symbol) : symbol;
    return named?.valueDeclaration;
  }

  #constant(declared: ts.Declaration): ts.Expression | undefined {
    const { api } = this.#at.program;
    const isConstant = api.isVariableDeclaration(declared) && (api.getCombinedNodeFlags(declared) & api.NodeFlags.Const) !== 0;
    return isConstant && api.isIdentifier(declared.name) ? declared.initializer : undefined;
  }

  /** `run: () => Promise<void>` */
  #isOfParameter(type: ts.Node): boolean {
    return this.#at.program.api.isParameter(type.parent);
  }
}

/** A promise, a list of such, or what may be anything. */
export function mayBePromise(type: ts.Type, at: TypedFile): boolean {
  const { api, checker } = at.program;
  if (type.isUnionOrIntersection()) return type.types.some((part) => mayBePromise(part, at));
  if ((type.flags & (api.TypeFlags.Any | api.TypeFlags.Unknown | api.TypeFlags.TypeParameter)) !== 0 || type.getProperty("then") !== undefined) return true;
  return (checker.isArrayType(type) || checker.isTupleType(type)) && checker.getTypeArguments(type as ts.TypeReference).some((part) => mayBePromise(part, at));
}
