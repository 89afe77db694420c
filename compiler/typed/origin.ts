// Where a value comes from, as far as its expression tells: types alone do not say who made a function or a promise.

import type ts from "typescript";
import type { TypedFile } from "./file.ts";
import { kept, refused } from "./library.ts";
import { skipOuter } from "./outer.ts";
import { isDurableType } from "./stops.ts";
import { walk } from "./walk.ts";

/**
 * flow: made in the flow, or input that was checked by a schema. new: by `new` of a class from outside. outside: surely given by code that is
 * not compiled. handed: given by a function that the flow was called with, which another flow may have made.
 */
export type Origin = "flow" | "new" | "outside" | "handed" | "unknown";

/** What `name`, a name that a flow declares, begins with. */
export function originOfName(name: ts.Identifier, at: TypedFile): Origin {
  const { api } = at.program;
  const { parent } = name;
  if (api.isFunctionDeclaration(parent) || api.isClassDeclaration(parent)) return "flow";
  const declaration = api.findAncestor(parent, (up) => !api.isBindingElement(up) && !api.isObjectBindingPattern(up) && !api.isArrayBindingPattern(up));
  if (!declaration || !api.isVariableDeclaration(declaration) || declaration.initializer === undefined) return "unknown";
  const origin = originOf(declaration.initializer, at, false);
  // A part of what `new` gave is not made by it.
  return parent !== declaration && origin === "new" ? "unknown" : origin;
}

/** `settled`: of what a promise gives, rather than of the promise. */
function originOf(expression: ts.Expression, at: TypedFile, settled: boolean): Origin {
  const { api, checker } = at.program;
  const node = skipOuter(api, expression);
  if (api.isAwaitExpression(node)) return originOf(node.expression, at, true);
  if (api.isNewExpression(node)) {
    const symbol = checker.getTypeAtLocation(node).getSymbol();
    return symbol?.declarations?.some((declaration) => at.isInFlow(declaration)) ? "flow" : "new";
  }
  if (api.isCallExpression(node)) return originOfPromises(node, at, settled) ?? originOfCall(node, at);
  if (api.isConditionalExpression(node)) return same([node.whenTrue, node.whenFalse], at, settled);
  if (api.isBinaryExpression(node) && isChoice(api, node.operatorToken.kind)) return same([node.left, node.right], at, settled);
  if (api.isIdentifier(node) || api.isPropertyAccessExpression(node)) return originOfReference(node, at, settled);
  if (api.isArrayLiteralExpression(node)) return same(node.elements, at, settled) === "outside" ? "outside" : "flow";
  const isMade = api.isObjectLiteralExpression(node) || api.isFunctionExpression(node) || api.isArrowFunction(node) || api.isClassExpression(node);
  return isMade ? "flow" : "unknown";
}

function isChoice(api: typeof ts, kind: ts.SyntaxKind): boolean {
  return kind === api.SyntaxKind.BarBarToken || kind === api.SyntaxKind.QuestionQuestionToken;
}

/** What all of them that are not primitives begin with. */
function same(nodes: readonly ts.Expression[], at: TypedFile, settled: boolean): Origin {
  const { api, checker } = at.program;
  const [first = "unknown", ...others] = nodes.filter((node) => !isPrimitive(checker.getTypeAtLocation(node), api))
    .map((node) => (api.isSpreadElement(node) ? "unknown" : originOf(node, at, settled)));
  return others.every((other) => other === first) ? first : "unknown";
}

function isPrimitive(type: ts.Type, api: typeof ts): boolean {
  const { StringLike, NumberLike, BooleanLike, BigIntLike, Null, Undefined } = api.TypeFlags;
  return type.isUnion() ? type.types.every((part) => isPrimitive(part, api)) : (type.flags & (StringLike | NumberLike | BooleanLike | BigIntLike | Null | Undefined)) !== 0;
}

/** Of promises that are made of others: one durable member makes the whole durable, and an ordinary one alone does not. */
function originOfPromises({ expression: callee, arguments: [first] }: ts.CallExpression, at: TypedFile, settled: boolean): Origin | undefined {
  const { api } = at.program;
  if (!api.isPropertyAccessExpression(callee)) return undefined;
  const { expression, name } = callee;
  const isCombinator = api.isIdentifier(expression) && expression.text === "Promise" && /^(?:all|race|any|allSettled)$/.test(name.text);
  if (isCombinator) return first && originOf(first, at, settled) === "outside" ? "outside" : "unknown";
  if (!/^(?:then|catch|finally)$/.test(name.text)) return undefined;
  // What it settles with may come from a callback of the flow.
  return !settled && originOf(expression, at, false) === "outside" ? "outside" : "unknown";
}

function originOfCall(call: ts.CallExpression, at: TypedFile): Origin {
  const { api, checker } = at.program;
  if (call.expression.kind === api.SyntaxKind.ImportKeyword) return "outside";
  const operation = at.operation(call.expression);
  if (operation !== undefined) return operation === "listen" || operation === "callback" ? "flow" : "unknown";
  const declaration = checker.getResolvedSignature(call)?.declaration;
  if (declaration === undefined || api.isJSDocSignature(declaration)) return "unknown";
  if (isOfHostObject(call.expression, at)) return "outside";
  // A type says that it is called, and not what is called.
  if (api.isFunctionTypeNode(declaration) || api.isParameter(declaration.parent)) return isHanded(call.expression, at) ? "handed" : "unknown";
  if (at.isInFlow(declaration)) return "unknown";
  const symbol = checker.getTypeAtLocation(call.expression).getSymbol();
  if (symbol !== undefined && at.isOwn(symbol)) return "unknown";
  const given = declaration.type && checker.getTypeFromTypeNode(declaration.type);
  if (given && (given.flags & api.TypeFlags.TypeParameter) !== 0) return "unknown";
  if (symbol !== undefined && at.program.isLibrary(symbol)) return isOfHost(call, declaration, at) ? "outside" : "unknown";
  if (handsOn(declaration, at)) return "unknown";
  // It may give back what it is given.
  return call.arguments.some((argument) => mayHaveFunctions(checker.getTypeAtLocation(argument), argument, at)) ? "unknown" : "outside";
}

/** A parameter of the flow itself: those of functions in it are given what the flow has. */
function isHanded(callee: ts.Expression, at: TypedFile): boolean {
  const { api, checker } = at.program;
  const declared = api.isIdentifier(callee) ? checker.getSymbolAtLocation(callee)?.valueDeclaration : undefined;
  const parameter = declared && api.findAncestor(declared, (up) => api.isParameter(up) || api.isFunctionLike(up) || api.isBlock(up));
  return parameter !== undefined && api.isParameter(parameter) && at.isFlow(parameter.parent);
}

/** `fetch`, `readFile`: a function of the host, rather than a method of the language, which may give what the flow made. */
function isOfHost({ expression: callee }: ts.CallExpression, declaration: ts.SignatureDeclaration, at: TypedFile): boolean {
  const { api } = at.program;
  return api.isFunctionDeclaration(declaration) || (api.isIdentifier(callee) && isImported(callee, at));
}

/** `response.json`: no flow makes a `Response`. */
function isOfHostObject(callee: ts.Expression, at: TypedFile): boolean {
  const { api, checker } = at.program;
  const owner = api.isPropertyAccessExpression(callee) ? checker.getTypeAtLocation(callee.expression).getSymbol() : undefined;
  return owner !== undefined && refused.has(owner.name) && at.program.isLibrary(owner);
}

/** `function ask(): Promise<Answer> { return listen(decision); }` is a helper that makes a durable promise, whatever its type says. */
function handsOn(declaration: ts.SignatureDeclaration, at: TypedFile): boolean {
  const { api, checker } = at.program;
  if (!("body" in declaration) || declaration.body === undefined) return false;
  const body = declaration.body as ts.Expression | ts.Block;
  if (api.canHaveModifiers(declaration) && api.getModifiers(declaration)?.some(({ kind }) => kind === api.SyntaxKind.AsyncKeyword)) return false;
  const given = api.isBlock(body) ? returnedBy(api, body) : [body];
  return given.some((expression) => isDurableType(api, checker.getTypeAtLocation(expression)));
}

function returnedBy(api: typeof ts, body: ts.Block): ts.Expression[] {
  const found: ts.Expression[] = [];
  walk(api, body, true, (node, isOwn) => {
    if (isOwn && api.isReturnStatement(node) && node.expression) found.push(node.expression);
    return isOwn && !api.isFunctionLike(node);
  });
  return found;
}

/** Imported from a module, rather than a global name. */
function isImported(name: ts.Identifier, at: TypedFile): boolean {
  return ((at.program.checker.getSymbolAtLocation(name)?.flags ?? 0) & at.program.api.SymbolFlags.Alias) !== 0;
}

/** Something that flow code made may be in it. */
function mayHaveFunctions(type: ts.Type, node: ts.Node, at: TypedFile, depth = 1): boolean {
  const { api, checker } = at.program;
  if ((type.flags & (api.TypeFlags.Any | api.TypeFlags.Unknown)) !== 0 || type.getCallSignatures().length > 0) return true;
  if (type.isUnion()) return type.types.some((part) => mayHaveFunctions(part, node, at, depth));
  if ((type.flags & api.TypeFlags.Object) === 0) return (type.flags & api.TypeFlags.TypeParameter) !== 0;
  const symbol = type.getSymbol();
  const isKept = checker.isArrayType(type) || checker.isTupleType(type) || (symbol !== undefined && kept.has(symbol.name) && at.program.isLibrary(symbol));
  if (!isKept) return hasMethods(type, node, at);
  const isGeneric = ((type as ts.ObjectType).objectFlags & api.ObjectFlags.Reference) !== 0;
  return isGeneric && checker.getTypeArguments(type as ts.TypeReference).some((part) => depth === 0 || mayHaveFunctions(part, node, at, depth - 1));
}

function hasMethods(type: ts.Type, node: ts.Node, { program: { api, checker } }: TypedFile): boolean {
  return checker.getPropertiesOfType(type).slice(0, 20).some((property) => (property.flags & api.SymbolFlags.Method) !== 0 || checker.getTypeOfSymbolAtLocation(property, node).getCallSignatures().length > 0);
}

function originOfReference(node: ts.Identifier | ts.PropertyAccessExpression, at: TypedFile, settled: boolean): Origin {
  const { api, checker } = at.program;
  let root: ts.Expression = node;
  while (api.isPropertyAccessExpression(root)) root = skipOuter(api, root.expression);
  if (!api.isIdentifier(root)) return "unknown";
  const symbol = checker.getSymbolAtLocation(root);
  const declaration = symbol?.valueDeclaration;
  if (symbol === undefined) return "unknown";
  if (declaration !== undefined && at.isInFlow(declaration)) {
    const isOwnConstant = root === node && api.isVariableDeclaration(declaration) && declaration.initializer !== undefined && (api.getCombinedNodeFlags(declaration) & api.NodeFlags.Const) !== 0;
    return isOwnConstant ? originOf(declaration.initializer, at, settled) : "unknown";
  }
  if ((symbol.flags & api.SymbolFlags.Alias) !== 0) return "outside";
  const isOfModule = declaration !== undefined && declaration.getSourceFile() === at.file && !api.isParameter(declaration);
  return isOfModule ? "outside" : "unknown";
}
