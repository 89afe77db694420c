// DF505: an operation, or a flow, where no run can wait for it: at the top of a module, in a step, awaited by ordinary code.
//
// A helper that only makes an operation, `const ask = () => listen(decision)`, may do so: the flow that calls it awaits it.

import type ts from "typescript";
import type { Around } from "./around.ts";
import type { TypedFile } from "./file.ts";
import { isDurableType } from "./stops.ts";
import { skipOuter } from "./outer.ts";
import type { Tell } from "./tell.ts";

const operations = /^(?:listen|respond|sleep|sleepUntil|step|step\.once|step\.tx|callback|compensate|start)$/;

const words = { module: "at the top of the module, where no run executes", step: "in a step function, which is ordinary code", ordinary: "by an async function that is no flow", class: "by a method of a class, which is ordinary code" };

export function operationsOutside(node: ts.Node, { kind, async }: Around, at: TypedFile, tell: Tell): void {
  const { api, checker } = at.program;
  if (kind === "flow") return;
  if (kind === "module" || kind === "step") {
    const operation = api.isCallExpression(node) ? at.operation(node.expression) : undefined;
    if (operation !== undefined && operations.test(operation)) tell("DF505", (node as ts.CallExpression).expression, `\`${operation}\` is called ${words[kind]}`);
    return;
  }
  if (!async || !api.isAwaitExpression(node)) return;
  const awaited = skipOuter(api, node.expression);
  if (isDurableType(api, checker.getTypeAtLocation(awaited))) tell("DF505", node, `\`${nameOf(awaited, at)}\` is awaited ${words[kind]}`);
}

function nameOf(awaited: ts.Expression, at: TypedFile): string {
  const { api } = at.program;
  const named = api.isCallExpression(awaited) ? awaited.expression : awaited;
  const text = named.getText(at.file);
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}
