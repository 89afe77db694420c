// `using` and `await using`: what is disposed, in which order, and what of several errors is seen.

import { bodyOf, type Form, maybeStop, some, stop, tried } from "./pieces.ts";
import type { Scope } from "../scope.ts";

const resource = (scope: Scope, name: string) => `{ [Symbol.dispose]() { T("dispose ${name}"); ${scope.random.chance(0.2) ? `throw new Error("${name}");` : ""} } }`;
const asyncResource = (scope: Scope, name: string) => `{ async [Symbol.asyncDispose]() { T("dispose ${name}"); await L(0); T("disposed ${name}"); ${scope.random.chance(0.2) ? `throw new Error("${name}");` : ""} } }`;

export const usings: Form = (scope) =>
  tried(scope, `using u1 = ${scope.random.pick([resource(scope, "u1"), "null"])}; ${stop(scope)}; using u2 = ${resource(scope, "u2")}; ${some(scope)} T(${maybeStop(scope)}); ${scope.random.chance(0.3) ? `throw new Error("body");` : ""}`);

export const awaitUsings: Form = (scope) => {
  if (!scope.body.async) return usings(scope);
  return tried(scope, `await using u1 = ${scope.random.pick([asyncResource(scope, "u1"), resource(scope, "u1"), "undefined"])}; ${stop(scope)}; ${scope.random.pick(["using", "await using"])} u2 = ${resource(scope, "u2")}; ${some(scope)} ${scope.random.chance(0.3) ? `throw new Error("body");` : ""}`);
};

export const usingLoops: Form = (scope) =>
  tried(scope, `for (using u1 of [${resource(scope, "first")}, ${resource(scope, "second")}]) { T("round"); ${stop(scope)}; if (FUEL()) break; if (${maybeStop(scope)}) ${scope.random.pick(["continue", "break"])}; }`);

export const usingFunctions: Form = (scope) =>
  `keep((async () => { await using u1 = ${asyncResource(scope, "u1")}; using u2 = ${resource(scope, "u2")}; ${bodyOf(scope, { async: true })} return await L("result"); })());`;
