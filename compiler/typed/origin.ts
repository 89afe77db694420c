// Where a value comes from, as far as its expression tells: types alone do not say who made a function or a promise.
//
//   fetch(url)   load(id)   ids.map((id) => load(id))   (await open()).query     outside
//   listen(decision)   { close() {} }   [() => 1]                                flow
//   ids.map(async (id) => await load(id))   handlers.get(name)                   unknown

import type ts from "typescript";
import type { TypedFile } from "./file.ts";
import { givenBackBy, isAsync } from "./given-back.ts";
import { type Origin, originOfCall } from "./origin-call.ts";
import { skipOuter } from "./outer.ts";

export class Origins {
  readonly #at: TypedFile;
  /**
   * By the node, once of it and once of what it settles with: constants may refer to each other often. Functions and constants may be made of
   * themselves: while one is asked for it is unknown, so what is remembered meanwhile is said with less, and never with more.
   */
  readonly #known = { whole: new Map<ts.Node, Origin>(), settled: new Map<ts.Node, Origin>() };

  constructor(at: TypedFile) {
    this.#at = at;
  }

  /** What `name`, a name that a flow declares, begins with. */
  ofName(name: ts.Identifier): Origin {
    return this.#ofName(name, false);
  }

  /** All that the names of one variable are given. */
  ofValues(values: readonly ts.Expression[]): Origin {
    return this.#same(values, false);
  }

  #ofName(name: ts.Identifier, settled: boolean): Origin {
    const { api } = this.#at.program;
    const { parent } = name;
    if (api.isFunctionDeclaration(parent) || api.isClassDeclaration(parent)) return "flow";
    let declaration: ts.Node = parent;
    while (api.isBindingElement(declaration) || api.isObjectBindingPattern(declaration) || api.isArrayBindingPattern(declaration)) {
      // What it is where nothing is given is made here.
      if (api.isBindingElement(declaration) && declaration.initializer) return "unknown";
      declaration = declaration.parent;
    }
    if (!api.isVariableDeclaration(declaration) || declaration.initializer === undefined) return "unknown";
    const origin = this.#of(declaration.initializer, settled);
    // A part of what `new` gave is not made by it.
    return parent !== declaration && origin === "new" ? "unknown" : origin;
  }

  /** `settled`: of what a promise gives, rather than of the promise. */
  #of(expression: ts.Expression, settled: boolean): Origin {
    const { api } = this.#at.program;
    const node = skipOuter(api, expression);
    const known = this.#known[settled ? "settled" : "whole"];
    const before = known.get(node);
    if (before !== undefined) return before;
    known.set(node, "unknown");
    const origin = this.#ofNode(node, settled);
    known.set(node, origin);
    return origin;
  }

  #ofNode(node: ts.Expression, settled: boolean): Origin {
    const { api, checker } = this.#at.program;
    if (api.isAwaitExpression(node)) return this.#of(node.expression, true);
    if (api.isNewExpression(node)) {
      const symbol = checker.getTypeAtLocation(node).getSymbol();
      return symbol?.declarations?.some((declaration) => this.#at.isInFlow(declaration)) ? "flow" : "new";
    }
    if (api.isCallExpression(node)) return this.#ofPromises(node, settled) ?? this.#ofList(node, settled) ?? this.#ofCall(node, settled);
    if (api.isConditionalExpression(node)) return this.#same([node.whenTrue, node.whenFalse], settled);
    if (api.isBinaryExpression(node) && isChoice(api, node.operatorToken.kind)) return this.#same([node.left, node.right], settled);
    if (api.isIdentifier(node)) return this.#ofReference(node, settled);
    if (api.isPropertyAccessExpression(node) || api.isElementAccessExpression(node)) return partOf(this.#of(node.expression, false));
    if (api.isArrayLiteralExpression(node)) return this.#same(node.elements, settled) === "outside" ? "outside" : "flow";
    const isMade = api.isObjectLiteralExpression(node) || api.isFunctionExpression(node) || api.isArrowFunction(node) || api.isClassExpression(node);
    return isMade ? "flow" : "unknown";
  }

  /** What all of them that are neither primitives nor empty begin with. */
  #same(nodes: readonly ts.Expression[], settled: boolean): Origin {
    const { api, checker } = this.#at.program;
    const isEmpty = (node: ts.Expression): boolean => api.isArrayLiteralExpression(node) && node.elements.length === 0;
    const [first = "unknown", ...others] = nodes.filter((node) => !isEmpty(node) && !isPrimitive(checker.getTypeAtLocation(node), api))
      .map((node) => (api.isSpreadElement(node) ? "unknown" : this.#of(node, settled)));
    return others.every((other) => other === first) ? first : "unknown";
  }

  /** Of promises that are made of others: one durable member makes the whole durable, and an ordinary one alone does not. */
  #ofPromises({ expression: callee, arguments: [first] }: ts.CallExpression, settled: boolean): Origin | undefined {
    const { api } = this.#at.program;
    if (!api.isPropertyAccessExpression(callee)) return undefined;
    const { expression, name } = callee;
    const isCombinator = api.isIdentifier(expression) && expression.text === "Promise" && /^(?:all|race|any|allSettled)$/.test(name.text);
    if (isCombinator) return first && this.#of(first, settled) === "outside" ? "outside" : "unknown";
    if (!/^(?:then|catch|finally)$/.test(name.text)) return undefined;
    // What it settles with may come from a callback of the flow.
    return !settled && this.#of(expression, false) === "outside" ? "outside" : "unknown";
  }

  /** `ids.map(callback)`, `Array.from(ids, callback)`: a list of what the callback gives. */
  #ofList({ expression: callee, arguments: [first, second] }: ts.CallExpression, settled: boolean): Origin | undefined {
    const { api, checker } = this.#at.program;
    if (!api.isPropertyAccessExpression(callee)) return undefined;
    const { expression, name: { text } } = callee;
    const isFrom = text === "from" && api.isIdentifier(expression) && expression.text === "Array";
    const list = checker.getTypeAtLocation(isFrom && first ? first : expression);
    const callback = isFrom ? second : first;
    if (!callback || !(isFrom || /^(?:map|flatMap)$/.test(text)) || !(checker.isArrayType(list) || checker.isTupleType(list))) return undefined;
    const node = skipOuter(api, callback);
    const own = this.#ownFunction(node);
    if (own) return this.#givenBy(own, settled);
    const signature = checker.getTypeAtLocation(node).getCallSignatures()[0];
    const elements = checker.getTypeArguments(list as ts.TypeReference).map((type) => ({ type, origin: () => partOf(this.#of(isFrom && first ? first : expression, false)) }));
    if (signature === undefined) return undefined;
    return originOfCall({ callee: node, declaration: signature.declaration, given: signature.getReturnType(), arguments: elements }, this.#at, (owner) => this.#of(owner, false));
  }

  #ofCall(call: ts.CallExpression, settled: boolean): Origin {
    const { api, checker } = this.#at.program;
    if (call.expression.kind === api.SyntaxKind.ImportKeyword) return "outside";
    const operation = this.#at.operation(call.expression);
    if (operation !== undefined) return operation === "listen" || operation === "callback" ? "flow" : "unknown";
    const callee = skipOuter(api, call.expression);
    const own = this.#ownFunction(callee);
    if (own) return this.#givenBy(own, settled);
    const given = call.arguments.map((argument) => ({ type: checker.getTypeAtLocation(argument), origin: () => this.#of(argument, false) }));
    return originOfCall({ callee, declaration: checker.getResolvedSignature(call)?.declaration, given: checker.getTypeAtLocation(call), arguments: given }, this.#at, (owner) => this.#of(owner, false));
  }

  /** A function that the flow has written: there, as a constant, or as a declaration. */
  #ownFunction(callee: ts.Expression): ts.FunctionLikeDeclaration | undefined {
    const { api, checker } = this.#at.program;
    const isFunction = (node: ts.Node | undefined): node is ts.FunctionLikeDeclaration => node !== undefined && (api.isArrowFunction(node) || api.isFunctionExpression(node));
    if (isFunction(callee)) return callee;
    const declared = api.isIdentifier(callee) ? checker.getSymbolAtLocation(callee)?.valueDeclaration : undefined;
    if (declared === undefined || !this.#at.isInFlow(declared)) return undefined;
    if (api.isFunctionDeclaration(declared)) return declared;
    const made = api.isVariableDeclaration(declared) && isConstant(declared, api) && declared.initializer ? skipOuter(api, declared.initializer) : undefined;
    return isFunction(made) ? made : undefined;
  }

  /** An async one gives a strand, and a generator what can be stored. */
  #givenBy(fn: ts.FunctionLikeDeclaration, settled: boolean): Origin {
    const { api } = this.#at.program;
    return isAsync(fn, api) || fn.asteriskToken ? "unknown" : this.#same(givenBackBy(fn, api), settled);
  }

  #ofReference(name: ts.Identifier, settled: boolean): Origin {
    const { api, checker } = this.#at.program;
    const symbol = checker.getSymbolAtLocation(name);
    const declaration = symbol?.valueDeclaration;
    if (symbol === undefined) return "unknown";
    if (declaration !== undefined && this.#at.isInFlow(declaration)) {
      const isNamed = (api.isVariableDeclaration(declaration) || api.isBindingElement(declaration)) && api.isIdentifier(declaration.name);
      return isNamed && isConstant(declaration, api) ? this.#ofName(declaration.name as ts.Identifier, settled) : "unknown";
    }
    if ((symbol.flags & api.SymbolFlags.Alias) !== 0) return "outside";
    const isOfModule = declaration !== undefined && declaration.getSourceFile() === this.#at.file && !api.isParameter(declaration);
    return isOfModule ? "outside" : "unknown";
  }
}

/** What outside code gave has only what outside code made; what a flow or `new` made may have anything in it. */
export function partOf(origin: Origin): Origin {
  return origin === "outside" ? "outside" : "unknown";
}

function isConstant(declaration: ts.VariableDeclaration | ts.BindingElement, api: typeof ts): boolean {
  return (api.getCombinedNodeFlags(declaration) & api.NodeFlags.Const) !== 0;
}

function isChoice(api: typeof ts, kind: ts.SyntaxKind): boolean {
  return kind === api.SyntaxKind.BarBarToken || kind === api.SyntaxKind.QuestionQuestionToken;
}

function isPrimitive(type: ts.Type, api: typeof ts): boolean {
  const { StringLike, NumberLike, BooleanLike, BigIntLike, Null, Undefined } = api.TypeFlags;
  return type.isUnion() ? type.types.every((part) => isPrimitive(part, api)) : (type.flags & (StringLike | NumberLike | BooleanLike | BigIntLike | Null | Undefined)) !== 0;
}
