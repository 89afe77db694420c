// Where a value comes from, as far as its expression tells: types alone do not say who made a function or a promise.

import type ts from "typescript";
import type { TypedFile } from "./file.ts";
import { skipOuter } from "./outer.ts";

/**
 * flow: made in the flow, or input that was checked by a schema. new: by `new` of a class from outside. outside: surely given by code that is
 * not compiled.
 */
export type Origin = "flow" | "new" | "outside" | "unknown";

/** What `name`, a name that a flow declares, begins with. */
export function originOfName(name: ts.Identifier, at: TypedFile): Origin {
  const { api } = at.program;
  const { parent } = name;
  if (api.isFunctionDeclaration(parent) || api.isClassDeclaration(parent)) return "flow";
  const declaration = api.findAncestor(parent, (up) => !api.isBindingElement(up) && !api.isObjectBindingPattern(up) && !api.isArrayBindingPattern(up));
  if (!declaration || !api.isVariableDeclaration(declaration) || declaration.initializer === undefined) return "unknown";
  const origin = originOf(declaration.initializer, at);
  // A part of what `new` gave is not made by it.
  return parent !== declaration && origin === "new" ? "unknown" : origin;
}

function originOf(expression: ts.Expression, at: TypedFile): Origin {
  const { api, checker } = at.program;
  const node = skipOuter(api, expression);
  if (api.isAwaitExpression(node)) return originOf(node.expression, at);
  if (api.isNewExpression(node)) {
    const symbol = checker.getTypeAtLocation(node).getSymbol();
    return symbol?.declarations?.some((declaration) => at.isInFlow(declaration)) ? "flow" : "new";
  }
  if (api.isCallExpression(node)) return originOfCall(node, at);
  if (api.isConditionalExpression(node)) return same(originOf(node.whenTrue, at), originOf(node.whenFalse, at));
  if (api.isBinaryExpression(node) && isChoice(api, node.operatorToken.kind)) return same(originOf(node.left, at), originOf(node.right, at));
  if (api.isIdentifier(node) || api.isPropertyAccessExpression(node)) return originOfReference(node, at);
  const isMade = api.isObjectLiteralExpression(node) || api.isArrayLiteralExpression(node) || api.isFunctionExpression(node) || api.isArrowFunction(node) || api.isClassExpression(node);
  return isMade ? "flow" : "unknown";
}

function isChoice(api: typeof ts, kind: ts.SyntaxKind): boolean {
  return kind === api.SyntaxKind.BarBarToken || kind === api.SyntaxKind.QuestionQuestionToken;
}

function same(a: Origin, b: Origin): Origin {
  return a === b ? a : "unknown";
}

function originOfCall(call: ts.CallExpression, at: TypedFile): Origin {
  const { api, checker, isLibrary } = { ...at.program, isLibrary: (symbol: ts.Symbol) => at.program.isLibrary(symbol) };
  const operation = at.operation(call.expression);
  if (operation !== undefined) return operation === "listen" || operation === "callback" ? "flow" : "unknown";
  const declaration = checker.getResolvedSignature(call)?.declaration;
  if (declaration === undefined || api.isJSDocSignature(declaration) || at.isInFlow(declaration)) return "unknown";
  // A type says that it is called, and not what is called.
  if (api.isFunctionTypeNode(declaration) || api.isParameter(declaration.parent)) return "unknown";
  const symbol = checker.getTypeAtLocation(call.expression).getSymbol();
  if (symbol !== undefined && at.isOwn(symbol)) return "unknown";
  if (symbol !== undefined && isLibrary(symbol)) return api.isIdentifier(call.expression) && isImported(call.expression, at) ? "outside" : "unknown";
  // It may give back what it is given.
  const isOfFlow = (argument: ts.Expression): boolean => {
    const { flags } = checker.getTypeAtLocation(argument);
    return (flags & (api.TypeFlags.Object | api.TypeFlags.Any | api.TypeFlags.Unknown)) !== 0;
  };
  const given = declaration.type && checker.getTypeFromTypeNode(declaration.type);
  if (given && (given.flags & api.TypeFlags.TypeParameter) !== 0) return "unknown";
  return call.arguments.some((argument) => isOfFlow(argument) && hasFunctions(argument, at)) ? "unknown" : "outside";
}

/** Imported from a module, rather than a global name. */
function isImported(name: ts.Identifier, at: TypedFile): boolean {
  return ((at.program.checker.getSymbolAtLocation(name)?.flags ?? 0) & at.program.api.SymbolFlags.Alias) !== 0;
}

/** Something that flow code made may be in it. */
function hasFunctions(argument: ts.Expression, at: TypedFile): boolean {
  const { api, checker } = at.program;
  const type = checker.getTypeAtLocation(argument);
  if ((type.flags & (api.TypeFlags.Any | api.TypeFlags.Unknown)) !== 0 || type.getCallSignatures().length > 0) return true;
  return checker.getPropertiesOfType(type).slice(0, 20).some((property) => (property.flags & api.SymbolFlags.Method) !== 0 || checker.getTypeOfSymbolAtLocation(property, argument).getCallSignatures().length > 0);
}

function originOfReference(node: ts.Identifier | ts.PropertyAccessExpression, at: TypedFile): Origin {
  const { api, checker } = at.program;
  let root: ts.Expression = node;
  while (api.isPropertyAccessExpression(root)) root = skipOuter(api, root.expression);
  if (!api.isIdentifier(root)) return "unknown";
  const symbol = checker.getSymbolAtLocation(root);
  const declaration = symbol?.valueDeclaration;
  if (symbol === undefined) return "unknown";
  if (declaration !== undefined && at.isInFlow(declaration)) {
    const isOwnConstant = root === node && api.isVariableDeclaration(declaration) && declaration.initializer !== undefined && (api.getCombinedNodeFlags(declaration) & api.NodeFlags.Const) !== 0;
    return isOwnConstant ? originOf(declaration.initializer, at) : "unknown";
  }
  if ((symbol.flags & api.SymbolFlags.Alias) !== 0) return "outside";
  const isOfModule = declaration !== undefined && declaration.getSourceFile() === at.file && !api.isParameter(declaration);
  return isOfModule ? "outside" : "unknown";
}
