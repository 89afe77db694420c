// Random expressions by kind. "value" is a number or a string mostly, and never an object that would be hard to trace.

import { arrayOf, asyncOf, functionOf, inSync, mapOf, objectOf, setOf } from "./makers.ts";
import type { Kind, Scope } from "./scope.ts";

export function expression(scope: Scope, kind: Kind, depth: number): string {
  switch (kind) {
    case "value":
      return value(scope, depth);
    case "object":
      return variable(scope, "object", 0.6) ?? objectOf(scope, depth);
    case "array":
      return variable(scope, "array", 0.6) ?? arrayOf(scope, depth);
    case "function":
      return variable(scope, "function", 0.6) ?? functionOf(scope, depth);
    case "async":
      return variable(scope, "async", 0.7) ?? asyncOf(scope, depth);
    case "map":
      return variable(scope, "map", 0.5) ?? mapOf(scope, depth);
    case "set":
      return variable(scope, "set", 0.5) ?? setOf(scope, depth);
  }
}

function variable(scope: Scope, kind: Kind, chance: number): string | undefined {
  return scope.random.chance(chance) ? scope.use(kind) : undefined;
}

export function value(scope: Scope, depth: number): string {
  const { random } = scope;
  scope.budget--;
  if (depth <= 0 || scope.budget <= 0) return leaf(scope);
  const sub = () => value(scope, depth - 1);
  const some = (kind: Kind) => expression(scope, kind, depth - 1);
  const awaits = scope.body.async ? 1 : 0;
  return random.weighted<string>([
    [3, () => leaf(scope)],
    [6 * awaits, () => `(await L(${sub()}))`],
    [2 * awaits, () => `(await ${call(some("async"), args(scope, depth))})`],
    [1 * awaits, () => combinator(scope, depth)],
    [1 * awaits, () => `(await L(${some("object")})).${key(scope)}`],
    [4, () => `(${sub()} ${random.pick(["+", "-", "*", "%", "&", "<", ">=", "===", "!==", "|", "^"])} ${sub()})`],
    [2, () => `(${sub()} ${random.pick(["&&", "||", "??"])} ${sub()})`],
    [1, () => `(${sub()} ? ${sub()} : ${sub()})`],
    [1, () => `(${sub()}, ${sub()})`],
    [3, () => `T(${sub()})`],
    [2, () => call(some("function"), args(scope, depth))],
    [2, () => `${some("object")}.${key(scope)}`],
    [1, () => `${some("object")}[${random.pick([`"${key(scope)}"`, sub()])}]`],
    [1, () => `${some("array")}[${random.pick(["0", "1", sub()])}]`],
    [1, () => `${some("object")}?.${random.chance(0.3) ? `m?.(${sub()})` : key(scope)}`],
    [3, () => assignment(scope, depth)],
    [2, () => update(scope) ?? sub()],
    [1, () => `\`${random.times(1, 3, (i) => `${"pqr"[i]}\${${sub()}}`).join("")}\``],
    [1, () => `${random.pick(["-", "!", "typeof ", "void ", "+"])}(${sub()})`],
    [1, () => `[${random.times(1, 3, sub).join(", ")}].length`],
    [1, () => `show(${argumentList(scope, depth)})`],
    [1, () => `tag\`s\${${sub()}}t\${${sub()}}\``],
    [0.5, () => `("${key(scope)}" in ${some("object")})`],
    [0.5, () => `(delete ${some("object")}.${key(scope)})`],
    [0.5, () => `${some("map")}.size`],
    [0.5, () => `${some("set")}.has(${sub()})`],
    [0.5, () => `new Box(${sub()}, ${sub()}).sum`],
    [0.5, () => `Math.max(...${some("array")}, ${sub()})`],
    [0.3, () => `(T("before throw"), () => { throw new Error("e" + ${inSync(scope, sub, true)}); })()`],
    [scope.has("generators") ? 0.7 : 0, () => `[...gen(${sub()})].length`],
    [scope.has("microtasks") ? awaits : 0, () => `(await Promise.resolve(${sub()}))`],
    [scope.body.generator ? 2 : 0, () => `(yield ${sub()})`],
    [scope.body.hasThis ? 1 : 0, () => `this?.${key(scope)}`],
  ]);
}

function leaf(scope: Scope): string {
  const { random } = scope;
  const name = random.chance(0.65) ? scope.use("value") : undefined;
  return name ?? random.pick(["0", "1", "2", "3", "7", `"s"`, `"t"`, "-0", "null", "undefined", "true", "NaN", "10n === 10n"].map((text) => (text.includes(" ") ? `(${text})` : text)));
}

/** The few keys that random objects have. */
export function key(scope: Scope): string {
  return scope.random.pick(["p", "q", "r"]);
}

function call(callee: string, argument: string): string {
  return /^[\w$.]+$/.test(callee) ? `${callee}(${argument})` : `(${callee})(${argument})`;
}

function args(scope: Scope, depth: number): string {
  return scope.random.times(0, 2, () => value(scope, depth - 1)).join(", ");
}

function argumentList(scope: Scope, depth: number): string {
  return scope.random.times(1, 3, () => (scope.random.chance(0.2) ? `...${expression(scope, "array", depth - 1)}` : value(scope, depth - 1))).join(", ");
}

function combinator(scope: Scope, depth: number): string {
  const { random } = scope;
  const member = () => (random.chance(0.5) ? `L(${value(scope, depth - 2)})` : call(expression(scope, "async", depth - 2), value(scope, depth - 2)));
  const members = random.times(1, 3, member).join(", ");
  return random.weighted([
    [2, () => `(await Promise.all([${members}])).join()`],
    [1, () => `(await Promise.allSettled([${members}])).map((s) => s.status).join()`],
    [1, () => `(await Promise.race([${members}]))`],
    [1, () => `(await Promise.all(${expression(scope, "array", depth - 2)}.slice(0, 2).map(${asyncOf(scope, depth - 2)}))).join()`],
  ]);
}

function assignment(scope: Scope, depth: number): string {
  const { random } = scope;
  const sub = () => value(scope, depth - 1);
  const operator = random.pick(["=", "=", "+=", "-=", "&&=", "||=", "??="]);
  return random.weighted<string>([
    [3, () => {
      const name = scope.use("value", !random.chance(0.03));
      return name === undefined ? sub() : `(${name} ${operator} ${sub()})`;
    }],
    [1, () => `(${expression(scope, "object", depth - 1)}.${key(scope)} ${operator} ${sub()})`],
    [1, () => `(${expression(scope, "object", depth - 1)}[${`"${key(scope)}"`}] ${operator} ${sub()})`],
    [1, () => `(${expression(scope, "array", depth - 1)}[${random.below(3)}] ${operator} ${sub()})`],
    [0.7, () => {
      const name = scope.use("value", true);
      const object = expression(scope, "object", 0);
      return name === undefined ? sub() : `([${name}, ${isName(object) ? `${object}.${key(scope)}` : name} = ${sub()}] = ${expression(scope, "array", depth - 1)}).length`;
    }],
  ]);
}

function update(scope: Scope): string | undefined {
  const name = scope.use("value", true);
  if (name === undefined) return undefined;
  return scope.random.pick([`${name}++`, `${name}--`, `(++${name})`, `(--${name})`]);
}

function isName(text: string): boolean {
  return /^\w+$/.test(text);
}
