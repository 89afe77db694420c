// Where what a call gives comes from: from code outside, as far as it cannot be something that the flow made and handed to it.

import type ts from "typescript";
import type { TypedFile } from "./file.ts";
import { givenBackBy, isAsync } from "./given-back.ts";
import { HandsOn, mayBePromise } from "./hands-on.ts";
import { kept, refused } from "./library.ts";
import { isDurableType } from "./stops.ts";

/**
 * flow: made in the flow, or input that was checked by a schema. new: by `new` of a class from outside. outside: surely given by code that is
 * not compiled. handed: given by a function or an object that the flow was called with, which another flow may have made.
 */
export type Origin = "flow" | "new" | "outside" | "handed" | "unknown";

interface Call {
  /** What is called. */
  readonly callee: ts.Expression;
  readonly declaration: ts.SignatureDeclaration | ts.JSDocSignature | undefined;
  readonly given: ts.Type | undefined;
  readonly arguments: readonly { readonly type: ts.Type; readonly origin: () => Origin }[];
}

/** Of a function that is not the flow's own. */
export function originOfCall(call: Call, at: TypedFile, originOf: (expression: ts.Expression) => Origin): Origin {
  const { api, checker } = at.program;
  const { callee, declaration } = call;
  if (declaration === undefined || api.isJSDocSignature(declaration)) return "unknown";
  if (isOfHostObject(callee, at)) return "outside";
  if (call.given && isDurableType(api, call.given)) return "unknown";
  // A type says that it is called, and not what is called.
  if (api.isFunctionTypeNode(declaration) || api.isParameter(declaration.parent)) return isHanded(callee, at) ? "handed" : "unknown";
  if (at.isInFlow(declaration)) return "unknown";
  const symbol = checker.getTypeAtLocation(callee).getSymbol();
  if (symbol !== undefined && at.isOwn(symbol)) return "unknown";
  const declared = declaration.type && checker.getTypeFromTypeNode(declaration.type);
  if (declared && (declared.flags & api.TypeFlags.TypeParameter) !== 0) return "unknown";
  if (symbol !== undefined && at.program.isLibrary(symbol)) return isOfHost(callee, declaration, at) ? "outside" : "unknown";
  if (api.isMethodSignature(declaration) || api.isMethodDeclaration(declaration)) {
    const owner = originOf(ownerOf(callee, api));
    if (owner !== "outside" && !(owner === "new" && isPromise(call.given, at))) return isHanded(callee, at) ? "handed" : "unknown";
  }
  const followed = new HandsOn(at);
  if (api.isMethodSignature(declaration)) {
    const may = followed.byMember(callee);
    if (may === true) return "unknown";
    // A plain object may be typed so.
    if (may === undefined && !declaration.getSourceFile().isDeclarationFile) return "handed";
  } else if (call.given && mayBePromise(call.given, at) ? followed.byFunction(declaration) : handsOn(declaration, at)) return "unknown";
  // It may give back what it is given.
  return call.arguments.some(({ type, origin }) => mayHaveFunctions(type, callee, at) && origin() !== "outside") ? "unknown" : "outside";
}

/** What has the method; a name that was taken out of it stands for it. */
function ownerOf(callee: ts.Expression, api: typeof ts): ts.Expression {
  return api.isPropertyAccessExpression(callee) || api.isElementAccessExpression(callee) ? callee.expression : callee;
}

/** A parameter of the flow itself, or a part of one: those of functions in it are given what the flow has. */
function isHanded(callee: ts.Expression, at: TypedFile): boolean {
  const { api, checker } = at.program;
  let root = callee;
  while (api.isPropertyAccessExpression(root) || api.isNonNullExpression(root)) root = root.expression;
  const declared = api.isIdentifier(root) ? checker.getSymbolAtLocation(root)?.valueDeclaration : undefined;
  const parameter = declared && api.findAncestor(declared, (up) => api.isParameter(up) || api.isFunctionLike(up) || api.isBlock(up));
  return parameter !== undefined && api.isParameter(parameter) && at.isFlow(parameter.parent);
}

/** `fetch`, `readFile`: a function of the host, rather than a method of the language, which may give what the flow made. */
function isOfHost(callee: ts.Expression, declaration: ts.SignatureDeclaration, at: TypedFile): boolean {
  const { api } = at.program;
  return api.isFunctionDeclaration(declaration) || (api.isIdentifier(callee) && isImported(callee, at));
}

/** `response.json`: no flow makes a `Response`. */
function isOfHostObject(callee: ts.Expression, at: TypedFile): boolean {
  const { api, checker } = at.program;
  const owner = api.isPropertyAccessExpression(callee) ? checker.getTypeAtLocation(callee.expression).getSymbol() : undefined;
  return owner !== undefined && refused.has(owner.name) && at.program.isLibrary(owner);
}

function isPromise(type: ts.Type | undefined, at: TypedFile): boolean {
  const symbol = type?.getSymbol();
  return symbol?.name === "Promise" && at.program.isLibrary(symbol);
}

/** `function ask(): Promise<Answer> { return listen(decision); }` is a helper that makes a durable promise, whatever its type says. */
function handsOn(declaration: ts.SignatureDeclaration, at: TypedFile): boolean {
  const { api, checker } = at.program;
  return !isAsync(declaration, api) && givenBackBy(declaration, api).some((expression) => isDurableType(api, checker.getTypeAtLocation(expression)));
}

/** Imported from a module, rather than a global name. */
function isImported(name: ts.Identifier, at: TypedFile): boolean {
  return ((at.program.checker.getSymbolAtLocation(name)?.flags ?? 0) & at.program.api.SymbolFlags.Alias) !== 0;
}

/** Something that flow code made may be in it: so is said too of what lies deeper than is looked. */
function mayHaveFunctions(type: ts.Type, node: ts.Node, at: TypedFile, depth = 4, met = new Set<ts.Type>()): boolean {
  const { api, checker } = at.program;
  if ((type.flags & (api.TypeFlags.Any | api.TypeFlags.Unknown)) !== 0 || type.getCallSignatures().length > 0) return true;
  const mayPart = (part: ts.Type): boolean => mayHaveFunctions(part, node, at, depth - 1, met);
  if (type.isUnion()) return type.types.some((part) => mayHaveFunctions(part, node, at, depth, met));
  if ((type.flags & api.TypeFlags.Object) === 0) return (type.flags & api.TypeFlags.TypeParameter) !== 0;
  // One that had any would have ended the search.
  if (met.has(type)) return false;
  if (depth === 0) return true;
  met.add(type);
  const symbol = type.getSymbol();
  const isKept = checker.isArrayType(type) || checker.isTupleType(type) || (symbol !== undefined && kept.has(symbol.name) && at.program.isLibrary(symbol));
  if (isKept) return ((type as ts.ObjectType).objectFlags & api.ObjectFlags.Reference) !== 0 && checker.getTypeArguments(type as ts.TypeReference).some(mayPart);
  return checker.getPropertiesOfType(type).slice(0, 20).some((property) => (property.flags & api.SymbolFlags.Method) !== 0 || mayPart(checker.getTypeOfSymbolAtLocation(property, node)));
}
