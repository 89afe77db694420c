// Objects that run code where none is seen: accessors, conversions, symbol keys; and what tells two objects apart.

import { expression, key, value } from "../expressions.ts";
import { type Form, maybeStop, returned, still, stop, tried } from "./pieces.ts";

export const throwingAccessors: Form = (scope) => {
  const k = key(scope);
  return `{ const o = { get ${k}() { T("get"); if (${returned(scope, { async: false, hasThis: true })}) throw new Error("get"); return 1; }, set ${k}(n) { T(["set", n]); throw new RangeError("set"); } }; ${tried(scope, `T(o.${k}); ${stop(scope)};`)} ${tried(scope, `o.${k} ${scope.random.pick(["=", "+=", "??=", "||=", "&&="])} ${maybeStop(scope)};`)} ${tried(scope, `({ ${k}: o.${k} } = { ${k}: ${maybeStop(scope)} });`)} }`;
};

export const conversions: Form = (scope) => {
  const made = scope.random.pick([
    `{ valueOf() { T("valueOf"); return ${returned(scope, { async: false })}; }, toString() { T("toString"); return "text"; } }`,
    `{ [Symbol.toPrimitive](hint) { T(hint); return ${returned(scope, { async: false })}; } }`,
    `{ valueOf() { throw new Error("valueOf"); }, toString() { return T("text"); } }`,
  ]);
  return `{ const o = ${made}; ${tried(scope, `T(o + ${maybeStop(scope)}); T(\`\${o}\${${maybeStop(scope)}}\`); T(${value(scope, 1)} < o); T({ [o]: ${maybeStop(scope)} }); T(-o);`)} ${stop(scope)}; ${tried(scope, `T(o == ${value(scope, 1)});`)} }`;
};

export const symbolKeys: Form = (scope) =>
  `{ const s = Symbol("s"), u = Symbol("s"); const o = { [s]: ${maybeStop(scope)}, get [u]() { return this[s]; }, [Symbol.toStringTag]: "Tag" }; ${stop(scope)}; T([o[s], o[u], s in o, s === u, Object.getOwnPropertySymbols(o).length, s.description, String(o)]); delete o[s]; o[s] ??= ${maybeStop(scope)}; T(o[u]); T(Symbol.for("k") === Symbol.for("k")); }`;

export const aliases: Form = (scope) => {
  const kind = scope.random.pick(["object", "array", "map", "set", "function"] as const);
  return `{ const one = ${expression(scope, kind, 1)}; const held = { one, list: [one] }; held.self = held; const other = ${scope.random.pick(["one", expression(scope, kind, 1)])}; ${stop(scope)}; T([one === held.one, held.list[0] === one, held.self === held, one === other, held.list.includes(other), new Set([one, other, ${expression(scope, kind, 0)}]).size]); }`;
};

export const optionalChains: Form = (scope) => {
  const o = scope.random.pick([expression(scope, "object", 1), "null", "undefined", `{ p: { q: (n) => [n] } }`]);
  return `{ const o = ${o}; ${tried(scope, `T(o?.p?.[${maybeStop(scope)}]); T(o?.p?.q?.(${maybeStop(scope)}, T("argument"))); T(o?.[${scope.random.pick([`"p"`, maybeStop(scope)])}]?.q.r); T(delete o?.q); T((o?.p).q);`)} }`;
};

export const compoundMembers: Form = (scope) => {
  const operator = () => scope.random.pick(["+=", "-=", "*=", "??=", "||=", "&&=", "**=", ">>>="]);
  return `{ let n = 0; const o = { get p() { T("get"); return n; }, set p(v) { T("set"); n = v; } }; const at = () => { T("object"); return o; }; const k = () => { T("key"); return "p"; }; at()[k()] ${operator()} ${maybeStop(scope)}; at().p ${operator()} ${maybeStop(scope)}; T([n, at()[k()]++, o]); ${stop(scope)}; n ${operator()} (n = 5, ${maybeStop(scope)}); T(n); }`;
};

export const hasInstance: Form = (scope) =>
  `{ const even = { [Symbol.hasInstance](n) { T("asked"); return n === ${returned(scope, { async: false, hasThis: true })}; } }; ${tried(scope, `T([${maybeStop(scope)} instanceof even, ${expression(scope, "object", 1)} instanceof Box, "${key(scope)}" in ${expression(scope, "object", 1)}]); T(${value(scope, 1)} instanceof (${maybeStop(scope)}));`)} }`;

export const templates: Form = (scope) =>
  `{ const seen = []; const keepTag = (strings, ...all) => { seen.push(strings); return [strings.join("|"), strings.raw[0], Object.isFrozen(strings), all]; }; for (let i = 0; i < 2 && !FUEL(); i++) T(keepTag\`\\n\${${maybeStop(scope)}}b\${i}\`); T(seen[0] === seen[1]); T(String.raw\`\\u{61}\${${maybeStop(scope)}}\`); }`;

export const rareValues: Form = (scope) => {
  const big = scope.random.pick(["2n ** 64n", "-1n", "BigInt(7)"]);
  return `{ const n = ${big}, z = -0, sparse = [, ${maybeStop(scope)}, , 3, ,], date = new Date(${scope.random.pick(["0", "86400000", "NaN"])}), rx = /a(?<n>.)/g, un = [undefined, NaN, Infinity, -Infinity]; sparse.p = 1; rx.lastIndex = 1; ${stop(scope)}; T([n, n * 2n, typeof n, Object.is(z, -0), 1 / z, sparse, 0 in sparse, sparse.length, date, rx.lastIndex, rx.exec("aabac")?.groups.n, un]); ${tried(scope, `T(n + ${maybeStop(scope)});`)} T((${value(scope, 1)}, ${maybeStop(scope)})); delete sparse[1]; T(sparse); T(new Uint8Array([1, 2, ${still(scope)}])); }`;
};

export const attributes: Form = (scope) =>
  `{ const o = ${scope.random.pick(["Object.freeze", "Object.seal", "Object.preventExtensions"])}({ p: ${maybeStop(scope)}, q: [1] }); const h = Object.defineProperty({ p: 1 }, "q", { value: ${maybeStop(scope)}, enumerable: ${scope.random.chance(0.5)}, writable: false }); ${stop(scope)}; ${tried(scope, `o.q.push(2); T(Object.isFrozen(o)); T(h); o.p = ${maybeStop(scope)}; T(o); delete o.p;`)} ${tried(scope, `h.q = ${maybeStop(scope)};`)} const bare = Object.create(null); bare.p = ${maybeStop(scope)}; T(bare); T(Object.create({ r: 1 }, { q: { value: 2 } }).r); }`;
