// Jumps through finally blocks, switches that fall through, loops whose closures and collections change over stops.

import { expression, value } from "../expressions.ts";
import { type Form, maybeStop, some, still, stop } from "./pieces.ts";
import type { Scope } from "../scope.ts";

export const jumpsOverFinally: Form = (scope) => {
  const outer = scope.fresh("l");
  const jump = (scope: Scope) => scope.random.pick([`continue ${outer};`, `break ${outer};`, "continue;", "break;", "", `throw new Error("in");`]);
  return `try { ${outer}: for (let i = 0; i < 3 && !FUEL(); i++) { for (const n of [1, 2]) { try { T([i, n]); if (${maybeStop(scope)} !== ${value(scope, 1)}) { ${jump(scope)} } ${some(scope, 1)} } finally { T("finally"); ${scope.random.chance(0.6) ? `${stop(scope)};` : ""} if (n === ${maybeStop(scope)} || FUEL()) { ${jump(scope)} } } } try { ${stop(scope)}; } finally { T(i); if (i === 1) { ${scope.random.pick([`break ${outer};`, `continue ${outer};`, ""])} } } } } catch (error) { T(error); }`;
};

export const returnsOverFinally: Form = (scope) => {
  const name = scope.fresh("ret");
  return `{ const ${name} = async (n) => { for (const i of iterOf(3)) { try { try { if (i === n) return await L(["first", i]); if (n === 9) throw await L("thrown"); } finally { T("inner"); ${scope.random.chance(0.3) ? `if (i === 1) return "replaced";` : ""} await L(i); } } catch (error) { T(["caught", error]); ${scope.random.pick(["continue;", "break;", "throw error;", "return 1;"])} } finally { T("outer"); ${scope.random.chance(0.2) ? "if (i === 0 && n === 9) continue;" : ""} } } return "none"; }; function iterOf(n) { let i = 0; return { [Symbol.iterator]() { return this; }, next: () => ({ value: i, done: i++ >= n || FUEL() }), return() { T("closed"); return {}; } }; } keep(${name}(${maybeStop(scope)})); keep(${name}(1)); keep(${name}(9)); ${stop(scope)}; }`;
};

export const fallingSwitch: Form = (scope) => {
  const tests = scope.random.times(2, 4, (i) => `case ${scope.random.pick([maybeStop(scope), `T(${value(scope, 1)})`, String(i)])}: T("case ${i}"); ${scope.random.chance(0.5) ? `{ ${some(scope, 1)} }` : `${stop(scope)};`} ${scope.random.chance(0.35) ? "break;" : ""}`);
  tests.splice(scope.random.below(tests.length + 1), 0, `default: T("default"); ${scope.random.chance(0.5) ? `let n0 = ${maybeStop(scope)}; keep((async () => n0 = await L(n0))());` : ""} ${scope.random.chance(0.3) ? "break;" : ""}`);
  return `switch (${maybeStop(scope)}) { ${tests.join(" ")} }`;
};

export const perIteration: Form = (scope) =>
  `{ const made = []; for (let i = ${scope.random.pick(["0", `(made.push(() => i), 0)`])}, k = () => i; (made.push(() => ["test", i]), i < 3) && !FUEL(); ${scope.random.pick(["i++", `i += 1 + Number(${maybeStop(scope)} === 1)`, "(made.push(() => [\"update\", i]), i++)"])}) { made.push(() => [i, k()], () => i++); ${stop(scope)}; if (i === ${maybeStop(scope)}) { i++; continue; } ${scope.random.chance(0.3) ? "i += 1;" : ""} } ${stop(scope)}; T(made.map((each) => each())); T(made.map((each) => each())); }`;

export const changedWhileIterated: Form = (scope) => {
  const [made, change] = scope.random.pick([
    ["[1, 2, 3]", ["all.push(9)", "all.shift()", "all.length = 1", "all.splice(0, 1)", "all.unshift(0)"]],
    ["new Set([1, 2, 3])", ["all.add(9)", "all.delete(n)", "all.clear()", "all.delete(3)", "(all.delete(1), all.add(1))"]],
    ["new Map([[1, 2], [3, 4]])", ["all.set(9, 1)", "all.delete(1)", "all.delete(3)", "all.clear()", "(all.clear(), all.set(1, 5))"]],
  ] as const);
  const way = scope.random.pick(["all", "all.entries()", "all.keys()", "all.values()"]);
  return `{ const all = ${made}; let rounds = 0; for (const n of ${way}) { T(n); ${stop(scope)}; if (FUEL() || rounds++ > 4) break; if (rounds ${scope.random.pick(["< 3", "=== 1", "=== 2"])}) ${scope.random.pick(change)}; ${stop(scope)}; } T(all); }`;
};

export const heldIterator: Form = (scope) => {
  const source = scope.random.pick([expression(scope, "array", 1), expression(scope, "set", 1), expression(scope, "map", 1), `"abc"`, `"a1b2".matchAll(/[a-z]/g)`]);
  return `{ const it = (${source})[Symbol.iterator](); T(it.next().done); ${stop(scope)}; T([...it].length); const [n = ${maybeStop(scope)}] = it; T(n); }`;
};

export const forInDeletions: Form = (scope) =>
  `{ const o = { __proto__: { i: 0 }, a: 1, b: ${maybeStop(scope)}, 2: 3, c: 4 }; for (${scope.random.pick(["const", "let"])} k in o) { T(k); if (FUEL()) break; if (k === ${scope.random.pick([`"2"`, `"a"`, `"b"`])}) { delete o.${scope.random.pick(["a", "b", "c"])}; o.d = 1; } ${stop(scope)}; } T(o); }`;

export const doWhile: Form = (scope) =>
  `{ let n = 0; do { if (n === ${still(scope)}) continue; const own = n; keep((async () => [own, await L(n)])()); } while (!FUEL() && n++ < 2 && ${maybeStop(scope)} !== ${value(scope, 1)}); T(n); }`;
