// Destructuring: where it evaluates keys, targets and defaults, and when it closes an iterator.

import { key, value } from "../expressions.ts";
import { type Form, maybeStop, stop, tried } from "./pieces.ts";

const traced = (values: string) =>
  `{ all: [${values}], [Symbol.iterator]() { const { all } = this; let i = 0; return { next() { T("next"); return { value: all[i], done: i++ >= all.length }; }, return() { T("return"); return {}; } }; } }`;

export const nestedDefaults: Form = (scope) =>
  `{ const { p: n1 = ${maybeStop(scope)}, [T("q")]: { r: [n2 = ${maybeStop(scope)}, ...n3] = [1, ${maybeStop(scope)}], ...n4 } = { p: ${maybeStop(scope)} }, [${maybeStop(scope)}]: n5 = n1, ...n6 } = { ${key(scope)}: ${scope.random.pick(["undefined", "{ r: [undefined, 2, 3], p: 4 }"])}, s: ${maybeStop(scope)}, 1: 2 }; ${stop(scope)}; T([n1, n2, n3, n4, n5, n6]); }`;

export const patternsOverIterators: Form = (scope) => {
  const pattern = scope.random.pick([`[n1 = ${maybeStop(scope)}, , n2]`, `[n1, ...n2]`, `[n1, [n2 = ${maybeStop(scope)}] = [${maybeStop(scope)}]]`, `[]`, `[n1 = (() => { throw new Error("default"); })(), n2]`]);
  return `{ let n1, n2; const source = ${traced(`${maybeStop(scope)}, ${scope.random.pick(["undefined", "[1]"])}, 3`)}; ${tried(scope, `${pattern} = source; ${stop(scope)};`)} T([n1, n2]); }`;
};

export const assignedMembers: Form = (scope) => {
  const o = `{ set p(n) { T(["p", n]); }, q: 1, get r() { return T("r"), this; } }`;
  return `{ const o = ${o}; const at = (n) => { T(n); return o; }; let n1; ${tried(scope, `[at(1).p, at(2).q = ${maybeStop(scope)}, ...at(3)["p"]] = ${traced(`1, ${scope.random.pick(["undefined", "2"])}, 3`)}; ({ p: at(4).p, [${maybeStop(scope)}]: at(5).r.q = ${maybeStop(scope)}, ...n1 } = { p: ${maybeStop(scope)}, q: 2 });`)} T([n1, o.q]); }`;
};

export const destructuredParameters: Form = (scope) => {
  const name = scope.fresh("pa");
  return `{ const ${name} = async ({ p = T("default"), ...rest } = {}, [n1, n2 = n1] = [1]) => { const before = [p, rest, n1, n2]; p = await L(n1); return [before, p, n2]; }; keep(${name}()); keep(${name}({ p: ${maybeStop(scope)}, q: 2 }, [${maybeStop(scope)}])); keep(${name}(null)); ${scope.body.async ? `T(await ${name}({ r: ${value(scope, 1)} }));` : ""} }`;
};

export const destructuringLoops: Form = (scope) => {
  const head = scope.random.pick([`[n1, { p: n2 = ${maybeStop(scope)} }]`, `{ 0: n1, length: n2 }`, `[n1 = ${maybeStop(scope)}, ...[n2]]`]);
  return `{ const later = []; ${tried(scope, `for (${scope.random.pick(["const", "let"])} ${head} of ${scope.random.pick([traced(`[1, {}], [undefined, { p: ${maybeStop(scope)} }]`), `[[1, { p: 2 }], [${maybeStop(scope)}, []]]`])}) { later.push(() => [n1, n2]); ${stop(scope)}; T([n1, n2]); if (FUEL() || n1 === ${maybeStop(scope)}) break; }`)} T(later.map((each) => each())); }`;
};
