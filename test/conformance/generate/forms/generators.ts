// Generators driven by hand, with stops between the steps; throw, return and yield* in any state.

import { bodyOf, type Form, maybeStop, returned, stop, tried } from "./pieces.ts";

const inside = { async: false, generator: true } as const;
const insideAsync = { async: true, generator: true } as const;

export const drivenGenerator: Form = (scope) => {
  const made = scope.fresh("g");
  const steps = scope.random.times(2, 5, () => tried(scope, `T(${made}.${scope.random.pick(["next", "next", "next", "return", "throw"])}(${maybeStop(scope)}));${scope.random.chance(0.5) ? ` ${stop(scope)};` : ""}`));
  return `const ${made} = (function* (n) { try { ${bodyOf(scope, inside)} T(yield [n, ${returned(scope, inside)}]); yield 2; } ${scope.random.chance(0.4) ? `catch (error) { T(error); yield "caught"; } ` : ""}finally { T("closing"); ${scope.random.chance(0.4) ? `yield "last";` : ""} } return 5; })(${maybeStop(scope)}); ${steps.join(" ")}`;
};

export const delegatingGenerator: Form = (scope) => {
  const made = scope.fresh("g");
  const source = scope.random.pick(["[1, 2]", `"ab"`, "inner(2)", "new Set([3, 4])", "{ [Symbol.iterator]() { let i = 0; return { next(v) { return T({ value: [i, v], done: i++ > 1 }); }, return(v) { return T({ value: v, done: true }); } }; } }"]);
  const steps = scope.random.times(2, 4, () => tried(scope, `T(${made}.${scope.random.pick(["next", "next", "return", "throw"])}(${maybeStop(scope)}));`));
  return `function* ${made}f(n) { function* inner(n) { try { yield n; yield* [7]; } finally { T("inner"); } return "result"; } T(yield* ${source}); yield n; } const ${made} = ${made}f(${maybeStop(scope)}); ${steps.join(` ${stop(scope)}; `)} for (const n of ${made}) { if (FUEL()) break; T(n); ${stop(scope)}; }`;
};

export const generatorMethods: Form = (scope) =>
  `{ const o = { n: ${maybeStop(scope)}, *m(k) { ${bodyOf(scope, inside, 1)} yield this.n; yield k; }, *[Symbol.iterator]() { yield* this.m(T("k")); } }; T([...o]); const [first, ...rest] = o; ${stop(scope)}; T([first, rest]); for (const n of o) { T(n); ${stop(scope)}; if (FUEL() || n === ${maybeStop(scope)}) break; } }`;

export const queuedAsyncGenerator: Form = (scope) => {
  const made = scope.fresh("ag");
  const calls = scope.random.times(2, 4, () => `keep(${made}.${scope.random.pick(["next", "next", "next", "return", "throw"])}(${maybeStop(scope)}));`);
  return `const ${made} = (async function* () { try { ${bodyOf(scope, insideAsync)} T(yield 1); T(yield await L(2)); } ${scope.random.chance(0.4) ? `catch (error) { T(error); } ` : ""}finally { T("closing"); await L(0); T("closed"); } return L("end"); })(); ${calls.join(" ")} ${scope.body.async ? `T(await ${made}.next(${maybeStop(scope)}));` : ""}`;
};

export const delegatingAsyncGenerator: Form = (scope) => {
  const made = scope.fresh("ag");
  const source = scope.random.pick(["[1, L(2)]", "inner(1)", "{ [Symbol.asyncIterator]() { let i = 0; return { async next() { return { value: await L(i), done: i++ > 1 }; }, async return(v) { T(\"return\"); return { value: v, done: true }; } }; } }"]);
  const loop = scope.body.async ? `for await (const n of ${made}(${maybeStop(scope)})) { T(n); if (FUEL() || n === ${maybeStop(scope)}) break; }` : `keep(${made}(1).next());`;
  return `async function* ${made}(n) { async function* inner(k) { try { yield k; yield L(n); } finally { T("inner"); await L(k); } } T(yield* ${source}); ${bodyOf(scope, insideAsync, 1)} yield n; } ${loop}`;
};
