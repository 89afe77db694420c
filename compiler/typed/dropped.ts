// DF506: what an operation, a flow or a strand gives is dropped: nobody waits for it, and nobody hears of its error.
//
//   sleep("1 day");        void sleep("1 day") says that it is meant
//   notify(order);         where `notify` is an async function of the flow that stops

import type ts from "typescript";
import type { Around } from "./around.ts";
import type { TypedFile } from "./file.ts";
import { skipOuter } from "./outer.ts";
import { isDurableType, type Stops } from "./stops.ts";
import type { Tell } from "./tell.ts";

export function droppedPromises(node: ts.Node, { kind }: Around, at: TypedFile, stops: Stops, tell: Tell): void {
  const { api } = at.program;
  if (kind === "flow" && api.isExpressionStatement(node)) dropped(node.expression, at, stops, tell);
}

function dropped(expression: ts.Expression, at: TypedFile, stops: Stops, tell: Tell): void {
  const { api, checker } = at.program;
  const node = skipOuter(api, expression);
  if (api.isConditionalExpression(node)) {
    dropped(node.whenTrue, at, stops, tell);
    dropped(node.whenFalse, at, stops, tell);
  } else if (api.isBinaryExpression(node) && /^(?:&&|\|\||\?\?)$/.test(node.operatorToken.getText(at.file))) dropped(node.right, at, stops, tell);
  else if (api.isCallExpression(node) && !isReaction(node, at) && (isDurableType(api, checker.getTypeAtLocation(node)) || stops.isDurable(node))) tell("DF506", node, node.expression.getText(at.file).slice(0, 40));
}

/** `p.catch(report)`: whoever writes that does not wait on purpose. */
function isReaction({ expression }: ts.CallExpression, at: TypedFile): boolean {
  return at.program.api.isPropertyAccessExpression(expression) && /^(?:then|catch|finally)$/.test(expression.name.text);
}
