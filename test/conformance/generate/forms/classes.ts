// Classes whose members stop nowhere: what a class made in a flow must keep over the stops beside it.

import { expression, key, value } from "../expressions.ts";
import { bodyOf, type Form, maybeStop, returned, stop, tried } from "./pieces.ts";

const still = { async: false, hasThis: true, ordinary: true } as const;

export const privateNames: Form = (scope) => {
  const name = scope.fresh("P");
  const one = scope.fresh("o");
  const text = `class ${name} { #a = ${returned(scope, still)}; static #made = 0; constructor(n) { this.p = n; ${name}.#made++; }
    #twice(n) { return [n, this.#a]; } get #sum() { return this.#a; } set #sum(n) { this.#a = T(n); }
    add(n) { this.#sum ${scope.random.pick(["+=", "=", "??=", "&&="])} n; return this.#twice(n); }
    static has(o) { return #a in o; } static get made() { return ${name}.#made; } }
    const ${one} = new ${name}(${maybeStop(scope)}); T(${one}.add(${maybeStop(scope)})); T([${name}.has(${one}), ${name}.has(${expression(scope, "object", 1)}), ${name}.made, ${one} instanceof ${name}]);`;
  scope.declare(one, "object", true);
  return text;
};

export const superCalls: Form = (scope) => {
  const base = scope.fresh("A");
  const derived = scope.fresh("B");
  const one = scope.fresh("o");
  const text = `class ${base} { constructor(n) { this.p = n; T(new.target === ${base}); } m(n) { return ["base", this.p, n]; } get r() { return this.p; } static make(n) { return new this(n); } }
    class ${derived} extends ${base} { q = ${returned(scope, still)}; constructor(n) { ${scope.random.chance(0.5) ? `T("before super");` : ""} super(n); ${bodyOf(scope, still)} }
    m(n) { ${bodyOf(scope, still, 1)} return [super.m(n), super.r, ${returned(scope, still)}]; } ${scope.random.chance(0.5) ? `set r(n) { super.r2 = T(n); }` : ""} static make(n) { return [super.make(n).q, ${base}.make(n) instanceof ${derived}]; } }
    const ${one} = ${derived}.make(1)[0] === ${value(scope, 1)} ? new ${base}(1) : new ${derived}(${maybeStop(scope)}); ${stop(scope)}; T(${one}.m?.(${maybeStop(scope)})); T(${derived}.make(${maybeStop(scope)}));`;
  scope.declare(one, "object", true);
  return text;
};

export const statics: Form = (scope) => {
  const name = scope.fresh("S");
  return `class ${name} { static p = T(${returned(scope, still)}); static { this.q = [this.p, ${returned(scope, still)}]; } static ["r" + ${returned(scope, { async: false })}] = 1; static m() { return this.p; } }
    ${stop(scope)}; ${name}.p = ${maybeStop(scope)}; T([${name}.m(), ${name}.q, Object.keys(${name}), ${name}.name]);`;
};

export const accessors: Form = (scope) => {
  const name = scope.fresh("G");
  return `{ class ${name} { #v = 1; get p() { T("get"); return this.#v; } set p(n) { T("set"); if (n === ${returned(scope, still)}) throw new RangeError("no"); this.#v = n; } static get [Symbol.species]() { return Array; } toString() { return "${name}"; } }
    const o = new ${name}(); ${tried(scope, `o.p ${scope.random.pick(["+=", "??=", "||=", "&&=", "="])} ${maybeStop(scope)}; T(o.p++); T(\`\${o}\`);`)} }`;
};

export const classExpressions: Form = (scope) => {
  const name = scope.fresh("M");
  return `const ${name} = (base) => class extends base { m() { return [super.m?.(), ${returned(scope, still)}]; } };
    const ${name}2 = ${name}(${scope.random.pick(["Object", "Array", `class { m() { return 1; } }`, "Error", `${name}(Object)`])}); const ${name}3 = new ${name}2(${scope.random.pick(["", "1"])}); ${stop(scope)}; T([${name}3.m(), ${name}3 instanceof ${name}2, ${name}3.constructor === ${name}2, "${key(scope)}" in ${name}3]);`;
};
