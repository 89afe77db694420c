// Strands that somebody else awaits, and promises made of them.

import { expression } from "../expressions.ts";
import { bodyOf, type Form, maybeStop, returned, still, stop, tried } from "./pieces.ts";
import type { Scope } from "../scope.ts";

const called = (scope: Scope) => `(${expression(scope, "async", 1)})(${still(scope)})`;

export const awaitedInOtherOrder: Form = (scope) => {
  if (!scope.body.async) return `keep(${called(scope)});`;
  const name = scope.fresh("st");
  const order = scope.random.pick([[2, 0, 1], [1, 2, 0], [2, 1, 0], [0, 2, 1]]);
  return `const ${name} = [${scope.random.times(3, 3, () => scope.random.pick([called(scope), `L(${still(scope)})`])).join(", ")}]; for (const each of ${name}) each.catch(() => {}); T("made"); ${order.map((n) => tried(scope, `T(await ${name}[${n}]);`)).join(` ${stop(scope)}; `)} T(await ${name}[0].then(() => 1, () => 2));`;
};

export const combined: Form = (scope) => {
  const member = () => scope.random.pick([called(scope), `L(${still(scope)})`, still(scope), `LX(${still(scope)})`, `Promise.resolve(${still(scope)})`]);
  const call = `Promise.${scope.random.pick(["all", "race", "allSettled", "any"])}(${scope.random.pick(["", "new Set"])}([${scope.random.times(0, 3, member).join(", ")}]))`.replace(/\(new Set\((.*)\)\)$/, "(new Set($1))");
  if (!scope.body.async || scope.random.chance(0.3)) return call.startsWith("Promise.race") && call.includes("([])") ? "" : `keep(${call});`;
  return call.includes("([])") && call.includes("race") ? "" : tried(scope, `T(await ${call});`);
};

export const chained: Form = (scope) => {
  const step = () => scope.random.pick([
    `.then((n) => { ${bodyOf(scope, { async: false }, 1)} return T(n); })`,
    `.then(async (n) => [n, await L(${returned(scope, { async: true })})])`,
    `.catch((error) => { T(error); return ${returned(scope, { async: false })}; })`,
    `.finally(() => { T("finally"); ${scope.random.chance(0.3) ? "return L(0);" : ""} })`,
    `.then(() => { throw new Error("step"); })`,
    `.then((n) => L(n), () => L("lost"))`,
  ]);
  const chain = `${scope.random.pick([called(scope), `L(${still(scope)})`, `LX(${still(scope)})`])}${scope.random.times(1, 3, step).join("")}`;
  return scope.body.async && scope.random.chance(0.5) ? tried(scope, `T(await ${chain});`) : `keep(${chain});`;
};

export const thenables: Form = (scope) =>
  `{ const o = { then(good, bad) { T("then"); ${scope.random.pick([`good(${returned(scope, { async: false })})`, `bad("bad")`, `throw "thrown"`, `good(1), bad(2)`])}; } }; keep((async () => o)()); ${scope.body.async ? tried(scope, `T(await o); T(await (async () => { await L(0); return o; })());`) : ""} }`;

export const sharedStrand: Form = (scope) =>
  `{ const one = ${called(scope)}; keep(one); keep((async () => ["second", await one])()); keep(Promise.all([one, one])); ${scope.body.async ? tried(scope, `${stop(scope)}; T(await one);`) : ""} }`;

export const returnedPromises: Form = (scope) =>
  `keep((async () => { try { return ${scope.random.pick(["await ", ""])}${scope.random.pick([`L(${still(scope)})`, `LX(1)`, called(scope), `(async () => LX(2))()`])}; } catch (error) { T(["caught", error]); return ${maybeStopIn(scope)}; } finally { T("left"); } })());`;

function maybeStopIn(scope: Scope): string {
  return scope.inFunction({ async: true, generator: false, hasThis: false }, () => maybeStop(scope));
}
