// DF507: an async function of the flow that stops the run is given to code that is not compiled. That code holds its promise on a stack that cannot be
// stored, or drops it.
//
//   await retry(() => listen(decision))            items.forEach(async (item) => { await approve(item); })

import type ts from "typescript";
import type { Around } from "./around.ts";
import type { TypedFile } from "./file.ts";
import { skipOuter } from "./outer.ts";
import { isDurableType, type Stops } from "./stops.ts";
import type { Tell } from "./tell.ts";

/** Of lists: they give back what the callback gives, or a promise that goes from call to call. */
const givesBack = /^(?:map|flatMap|from|fromAsync|reduce|reduceRight|then|catch|finally|try)$/;

export function handedCallbacks(node: ts.Node, { kind }: Around, at: TypedFile, stops: Stops, tell: Tell): void {
  const { api } = at.program;
  if (kind !== "flow" || !api.isCallExpression(node)) return;
  if (!node.arguments.some((argument) => isFunction(argument, at)) || at.operation(node.expression) !== undefined) return;
  const holder = holderOf(node, at);
  if (holder === undefined) return;
  for (const [i, argument] of node.arguments.entries()) {
    if (isFunction(argument, at) && isCallback(holder.declaration, i, at) && stopsWhenCalled(argument, at, stops)) tell("DF507", argument, holder.name, holder.how);
  }
}

function isFunction(argument: ts.Expression, { program: { api } }: TypedFile): boolean {
  const node = skipOuter(api, argument);
  return api.isArrowFunction(node) || api.isFunctionExpression(node) || api.isIdentifier(node);
}

function stopsWhenCalled(argument: ts.Expression, at: TypedFile, stops: Stops): boolean {
  const { api, checker } = at.program;
  const signature = checker.getTypeAtLocation(skipOuter(api, argument)).getCallSignatures()[0];
  if (signature?.declaration === undefined) return false;
  const unit = at.unitAt(signature.declaration);
  if (unit?.kind === "machine") return unit.async && stops.unitStops(unit);
  const { declaration } = signature;
  if (unit === undefined) return false;
  // What it gives back by name may be settled already.
  if (api.isArrowFunction(declaration) && !api.isBlock(declaration.body)) return api.isCallExpression(skipOuter(api, declaration.body)) && stops.isDurable(declaration.body);
  return isDurableType(api, checker.getReturnTypeOfSignature(signature));
}

/** The parameter is declared as a function: `list.push(fn)` takes anything, and calls nothing. */
function isCallback({ parameters }: ts.SignatureDeclaration, index: number, at: TypedFile): boolean {
  const type = parameters[Math.min(index, parameters.length - 1)]?.type;
  return type !== undefined && at.program.checker.getNonNullableType(at.program.checker.getTypeFromTypeNode(type)).getCallSignatures().length > 0;
}

/** The code that is called, where it surely is no flow's; what it gives back shows whether it waits. */
function holderOf(call: ts.CallExpression, at: TypedFile): { readonly declaration: ts.SignatureDeclaration; readonly name: string; readonly how: string } | undefined {
  const { api, checker } = at.program;
  const declaration = checker.getResolvedSignature(call)?.declaration;
  if (declaration === undefined || at.isInFlow(declaration) || api.isFunctionTypeNode(declaration) || api.isJSDocSignature(declaration)) return undefined;
  const symbol = checker.getTypeAtLocation(call.expression).getSymbol();
  if (symbol === undefined || at.isOwn(symbol)) return undefined;
  const name = call.expression.getText(at.file).slice(0, 40);
  if (at.program.isLibrary(symbol) && api.isPropertyAccessExpression(call.expression) && givesBack.test(call.expression.name.text)) return undefined;
  const given = checker.getTypeAtLocation(call);
  if (!isPromise(given)) return { declaration, name, how: "which drops the promise that it gives" };
  // One that is not async may hand the promise on.
  const isAsync = api.canHaveModifiers(declaration) && api.getModifiers(declaration)?.some(({ kind }) => kind === api.SyntaxKind.AsyncKeyword) === true;
  return isAsync || declaration.getSourceFile().isDeclarationFile ? { declaration, name, how: "which holds its promise and cannot be stored" } : undefined;
}

function isPromise(type: ts.Type): boolean {
  return type.isUnion() ? type.types.some(isPromise) : type.getProperty("then") !== undefined;
}
