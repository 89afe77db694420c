// Functions: `arguments`, `this`, recursion, constructors of the old kind, methods.

import { value } from "../expressions.ts";
import { bodyOf, type Form, maybeStop, returned, still, stop, tried } from "./pieces.ts";

export const argumentsOf: Form = (scope) => {
  const name = scope.fresh("fn");
  return `async function ${name}(n, k = ${still(scope)}) { n = await L(arguments.length); const all = () => [...arguments]; T([arguments.length, arguments[0], n, k]); ${bodyOf(scope, { async: true })} arguments[0] = await L("new"); return [all(), typeof arguments, n]; } keep(${name}(${maybeStop(scope)}, ${value(scope, 1)}, 3)); ${scope.body.async ? `T(await ${name}());` : ""}`;
};

export const argumentsInArrow: Form = (scope) => {
  const name = scope.fresh("fn");
  return `{ function ${name}() { return async (n) => [await L(arguments[0]), arguments.length, n]; } const run = ${name}(${maybeStop(scope)}, 2); ${stop(scope)}; keep(run(${maybeStop(scope)})); T((function () { return Array.from(arguments, (n) => [n, arguments.length]); })(1, ${maybeStop(scope)})); }`;
};

export const recursion: Form = (scope) => {
  const name = scope.fresh("rec");
  return `function ${name}(n) { if (n <= 0 || FUEL()) return [${returned(scope, { async: false })}]; let own = n; const sub = ${name}(n - 1); own += 1; return [own, ...sub]; } T(${name}(2)); ${stop(scope)}; T(${name}(1));`;
};

export const asyncRecursion: Form = (scope) => {
  const name = scope.fresh("rec");
  const both = scope.random.chance(0.5) ? `(await Promise.all([${name}(n - 1), ${name}(n - 2)])).join()` : `await ${name}(n - 1)`;
  return `const ${name} = async (n) => { if (n <= 0 || FUEL()) return ${returned(scope, { async: true })}; let own = n; const more = () => own++; T(await L(n)); more(); try { return [own, ${both}].join("/"); } finally { T(["after", own, more()]); } }; ${scope.body.async ? `T(await ${name}(${1 + scope.random.below(3)}));` : `keep(${name}(2));`}`;
};

export const mutualRecursion: Form = (scope) => {
  const name = scope.fresh("ev");
  return `{ async function ${name}(n) { return n <= 0 || FUEL() ? ${still(scope)} : odd(n - 1); } async function odd(n) { await L(n); return n <= 0 || FUEL() ? "odd" : ${name}(n - 1); } keep(${name}(3)); keep(odd(2)); ${stop(scope)}; }`;
};

export const oldConstructors: Form = (scope) => {
  const name = scope.fresh("Old");
  const one = scope.fresh("o");
  const text = `function ${name}(n) { this.p = n; T(new.target === ${name}); } ${name}.prototype.m = function (k) { ${bodyOf(scope, { async: false, hasThis: true }, 1)} return [this.p, k]; }; ${name}.made = 1; const ${one} = new ${name}(${maybeStop(scope)}); ${stop(scope)}; T([${one}.m(${maybeStop(scope)}), ${one} instanceof ${name}, ${name}.made++, Object.getPrototypeOf(${one}) === ${name}.prototype, new ${name}(4).m(1)]);`;
  scope.declare(one, "object", true);
  return text;
};

export const objectMethods: Form = (scope) => {
  const one = scope.fresh("o");
  const text = `const ${one} = { __proto__: { async m(n) { return ["base", this.p, await L(n)]; }, get q() { return this.p; } }, p: ${maybeStop(scope)}, async m(n) { ${bodyOf(scope, { async: true, hasThis: true }, 1)} const base = await super.m(n); return [base, super.q, this.p = await L(n)]; }, async *k() { yield this.p; } }; ${scope.body.async ? `T(await ${one}.m(${maybeStop(scope)}));` : `keep(${one}.m(1));`}`;
  scope.declare(one, "object", true);
  return text;
};

export const borrowed: Form = (scope) => {
  const name = scope.fresh("bo");
  return `{ async function ${name}(...all) { const before = this; ${bodyOf(scope, { async: true, hasThis: true }, 1)} await L(0); return [before === this, typeof this, all]; } ${tried(scope, scope.random.times(1, 3, () => `keep(${scope.random.pick([`${name}.call(${maybeStop(scope)}, 1)`, `${name}.apply({ p: 1 }, [${maybeStop(scope)}])`, `${name}.bind({ q: 2 }, ${maybeStop(scope)})(3)`])});`).join(" "))} T([${name}.name, ${name}.length]); }`;
};

export const closuresOverStops: Form = (scope) =>
  `{ let n = ${maybeStop(scope)}; const up = () => ++n; const read = async () => [await L(n), n]; const late = read(); up(); ${stop(scope)}; n = ${scope.random.pick(["up() +", ""])} Number(${maybeStop(scope)} === 1); keep(late); T([n, up(), n]); ${scope.body.async ? `T(await read());` : ""} }`;
