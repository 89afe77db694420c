// DF505: an operation, or a flow, where no run can wait for it: at the top of a module, in a step, awaited by ordinary code.
//
// A helper that only makes an operation, `const ask = () => listen(decision)`, may do so before its first await: the flow that calls it awaits it.

import type ts from "typescript";
import type { AfterAwait } from "./after-await.ts";
import type { Around } from "./around.ts";
import type { TypedFile } from "./file.ts";
import { isDurableType } from "./stops.ts";
import { skipOuter } from "./outer.ts";
import type { Tell } from "./tell.ts";

const operations = /^(?:listen|respond|sleep|sleepUntil|step|step\.once|step\.tx|callback|compensate|start)$/;

/** What a flow asks and says about its run, and what a step has in its place. */
const members: { readonly [member: string]: string } = {
  "run.id": "Read it before the step; the step's `key` begins with the run's id.",
  "run.log": "Use the `log` that the step's function is given: `step(\"pay\", async ({ log }) => …)`.",
  "run.progress": "Call it before the step, or behind it.",
  "run.index": "Call it before the step, or behind it.",
};

const words = {
  module: "at the top of the module, where no run executes", step: "in a step function, which is ordinary code", class: "by a method of a class, which is ordinary code",
  ordinary: "by a function that is no flow", async: "by an async function that is no flow",
};

export function operationsOutside(node: ts.Node, { kind, async }: Around, at: TypedFile, awaits: AfterAwait, tell: Tell): void {
  const { api, checker } = at.program;
  if (kind === "flow") return;
  runMembers(node, { kind, async }, at, awaits, tell);
  if (kind === "module" || kind === "step") {
    const operation = api.isCallExpression(node) ? at.operation(node.expression) : undefined;
    if (operation !== undefined && operations.test(operation)) tell("DF505", (node as ts.CallExpression).expression, `\`${operation}\` is called ${words[kind]}`);
    return;
  }
  const by = words[kind === "ordinary" && async ? "async" : kind];
  const isDurable = (expression: ts.Expression): boolean => isDurableType(api, checker.getTypeAtLocation(skipOuter(api, expression)));
  if (api.isCallExpression(node)) heldByCall(node, isDurable, by, at, tell);
  if (!async) return;
  if (api.isCallExpression(node) && isMade(node, at, isDurable) && awaits.is(node)) tell("DF505", node.expression, `\`${nameOf(node, at)}\` is called ${by}, after an await of its own`);
  if (api.isAwaitExpression(node) && isDurable(node.expression)) tell("DF505", node, `\`${nameOf(skipOuter(api, node.expression), at)}\` is awaited ${by}`);
  const given = givenBack(node, api);
  if (given && isDurable(given)) tell("DF505", given, `\`${nameOf(skipOuter(api, given), at)}\` is given back ${by}, whose own promise holds it`);
}

/** `run.id`, and calls: `run.log.warn("slow")`. That `log = run.log` is made somewhere says nothing of where it is called. */
function runMembers(node: ts.Node, { kind, async }: Around, at: TypedFile, awaits: AfterAwait, tell: Tell): void {
  const { api } = at.program;
  const used = api.isCallExpression(node) ? node.expression : node;
  const [member] = api.isPropertyAccessExpression(used) ? (/^run\.\w+/.exec(at.operation(used) ?? "") ?? []) : [];
  if (member === undefined || !Object.hasOwn(members, member) || (used === node && member !== "run.id")) return;
  if (kind === "step" && !isAtOnce(node, at)) tell("DF505", used, `\`${member}\` is used ${words.step}`, "", members[member]);
  else if (kind === "module") tell("DF505", used, `\`${member}\` is used ${words.module}`);
  else if (kind !== "step" && async && awaits.is(node)) tell("DF505", used, `\`${member}\` is used ${words.async}, after an await of its own`);
}

/** In a step that is an ordinary call: `step("load", () => …, { record: false })`. */
function isAtOnce(node: ts.Node, at: TypedFile): boolean {
  const { api } = at.program;
  const call = api.findAncestor(node, (up): up is ts.CallExpression => api.isCallExpression(up) && at.operation(up.expression) === "step");
  const options = call?.arguments.at(-1);
  return options !== undefined && api.isObjectLiteralExpression(options) && options.properties.some(({ name }) => name?.getText(at.file) === "record");
}

/** An operation or a flow of which nothing else is told: neither awaited there nor given back nor to a combinator. */
function isMade(call: ts.CallExpression, at: TypedFile, isDurable: (expression: ts.Expression) => boolean): boolean {
  const { api } = at.program;
  const operation = at.operation(call.expression);
  if (operation === undefined ? !isDurable(call) : !operations.test(operation)) return false;
  const { parent } = call;
  return !(api.isAwaitExpression(parent) || api.isReturnStatement(parent) || api.isPropertyAccessExpression(parent) || api.isArrayLiteralExpression(parent));
}

/** `Promise.all([listen(a)])`, `listen(a).then(…)`: whether somebody awaits that or not, the promise is held. */
function heldByCall({ expression: callee, arguments: [first] }: ts.CallExpression, isDurable: (expression: ts.Expression) => boolean, by: string, at: TypedFile, tell: Tell): void {
  const { api } = at.program;
  if (!api.isPropertyAccessExpression(callee)) return;
  const { expression, name: { text } } = callee;
  if (/^(?:then|catch|finally)$/.test(text) && isDurable(expression)) return tell("DF505", callee, `\`${text}\` of \`${nameOf(skipOuter(api, expression), at)}\` is called ${by}`);
  if (!first || !api.isIdentifier(expression) || expression.text !== "Promise" || !/^(?:all|race|any|allSettled)$/.test(text)) return;
  const list = skipOuter(api, first);
  if (isDurable(list) || (api.isArrayLiteralExpression(list) && list.elements.some(isDurable))) tell("DF505", callee, `\`Promise.${text}\` is given durable promises ${by}`);
}

/** What a function gives back, at its `return`, or as the whole body of an arrow function. */
function givenBack(node: ts.Node, api: typeof ts): ts.Expression | undefined {
  if (api.isReturnStatement(node)) return node.expression;
  const { parent } = node;
  return parent !== undefined && api.isArrowFunction(parent) && parent.body === node ? (node as ts.Expression) : undefined;
}

function nameOf(awaited: ts.Expression, at: TypedFile): string {
  const { api } = at.program;
  const named = api.isCallExpression(awaited) ? awaited.expression : awaited;
  const text = named.getText(at.file);
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}
