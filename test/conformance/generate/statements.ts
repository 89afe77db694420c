// Random statements. Each maker returns one statement as text.

import { expression, key, value } from "./expressions.ts";
import { form, hasForms } from "./forms.ts";
import { jump, loop } from "./loops.ts";
import { asyncOf, guard, inFunction } from "./makers.ts";
import { pattern } from "./patterns.ts";
import type { Kind, Scope } from "./scope.ts";

export function statements(scope: Scope, from: number, to: number): string {
  return scope.random.times(from, to, () => statement(scope)).join(" ");
}

/** A block with its own bindings, traced at its end. */
export function block(scope: Scope, from: number, to: number, before: () => string = () => ""): string {
  return scope.block(() => {
    const head = before();
    const body = statements(scope, from, to);
    const last = scope.visibleValues();
    const trace = last.length > 0 && scope.random.chance(0.3) ? ` T([${last.join(", ")}]);` : "";
    return `{ ${head}${body}${trace} }`;
  });
}

function statement(scope: Scope): string {
  const { random, body } = scope;
  scope.budget--;
  if (scope.depth > 6 || scope.budget <= 0) return `${random.chance(0.5) ? `T(${value(scope, 1)})` : value(scope, 1)};`;
  const nested = scope.depth < 5 ? 1 : 0.2;
  return random.weighted<string>([
    [5, () => `${value(scope, 3)};`],
    [4, () => `T(${value(scope, 3)});`],
    [7, () => declaration(scope)],
    [2, () => destructuring(scope)],
    [1, () => variable(scope)],
    [2, () => functionDeclaration(scope)],
    [3 * nested, () => conditional(scope)],
    [7 * nested, () => loop(scope)],
    [hasForms(scope) && !body.ordinary ? 7 * nested : 0, () => form(scope)],
    [4 * nested, () => tryStatement(scope)],
    [2 * nested, () => switchStatement(scope)],
    [1 * nested, () => labelled(scope)],
    [1 * nested, () => block(scope, 1, 3)],
    [body.targets.length > 0 ? 2 : 0, () => jump(scope)],
    [0.4, () => (random.chance(0.5) ? `if (${value(scope, 1)}) return ${value(scope, 2)};` : `if (${value(scope, 1)}) throw new Error("thrown " + ${value(scope, 1)});`)],
    [body.ordinary ? 0 : 2, () => unawaited(scope)],
    [0.7, () => `${expression(scope, "array", 1)}.push(${value(scope, 1)});`],
    [0.5, () => `${expression(scope, "map", 1)}.set(${value(scope, 1)}, ${value(scope, 1)});`],
    [0.5, () => `${expression(scope, "set", 1)}.${random.pick(["add", "delete"])}(${value(scope, 1)});`],
    [0.5, () => `T(${expression(scope, random.pick<Kind>(["object", "array", "map", "set"]), 1)});`],
    [scope.has("classes") ? 1 : 0, () => classDeclaration(scope)],
    [scope.has("using") && nested === 1 ? 0.7 : 0, () => `{ using ${scope.fresh("u")} = { [Symbol.dispose]() { T("dispose"); } }; ${block(scope, 1, 2)} }`],
  ]);
}

function declaration(scope: Scope): string {
  const { random } = scope;
  const kind = random.weighted<Kind>([[8, () => "value"], [2, () => "object"], [2, () => "array"], [2, () => "function"], [scope.body.ordinary ? 0 : 2, () => "async"], [0.7, () => "map"], [0.7, () => "set"]]);
  const constant = kind !== "value" || random.chance(0.3);
  const initialiser = !constant && random.chance(0.1) ? "" : ` = ${expression(scope, kind, 3)}`;
  const name = scope.newName(initialiser);
  scope.declare(name, kind, constant);
  return `${constant ? "const" : "let"} ${name}${initialiser};`;
}

function destructuring(scope: Scope): string {
  const word = scope.random.pick(["let", "const"] as const);
  const source = expression(scope, scope.random.pick<Kind>(["array", "object"]), 2);
  const text = pattern(scope, word, (depth) => value(scope, depth), source);
  return text.startsWith("[") ? `${word} ${text} = [].concat(${source}, 8, 9);` : `${word} ${text} = ${source};`;
}

function variable(scope: Scope): string {
  const name = scope.random.pick(["v1", "v2"]);
  return `var ${name} = ${value(scope, 2)}; T(${name});`;
}

function functionDeclaration(scope: Scope): string {
  const { random } = scope;
  const async = !scope.body.ordinary && random.chance(0.6);
  const name = scope.fresh(async ? "run" : "fun");
  const text = inFunction(scope, async, false, (head) => `${async ? "async " : ""}function ${name}(${head}) { ${guard}${statements(scope, 1, 4)} return ${value(scope, 2)}; }`);
  scope.declare(name, async ? "async" : "function", true);
  return text;
}

function conditional(scope: Scope): string {
  const test = value(scope, 2);
  return `if (${test}) ${block(scope, 1, 3)}${scope.random.chance(0.5) ? ` else ${block(scope, 1, 2)}` : ""}`;
}

function tryStatement(scope: Scope): string {
  const { random } = scope;
  const protectedBlock = random.chance(0.4)
    ? block(scope, 1, 3, () => `${value(scope, 2)}; ${scope.body.async && random.chance(0.6) ? `await LX(${value(scope, 1)});` : `if (${value(scope, 1)}) throw ${value(scope, 1)};`} `)
    : block(scope, 1, 3);
  const handler = random.chance(0.75);
  const name = scope.fresh("err");
  const caught = handler ? ` catch (${name}) ${block(scope, 0, 2, () => `T(${name}); `)}` : "";
  const final = !handler || random.chance(0.5) ? ` finally ${block(scope, 1, 2)}` : "";
  return `try ${protectedBlock}${caught}${final}`;
}

function switchStatement(scope: Scope): string {
  const { random } = scope;
  const discriminant = value(scope, 2);
  return scope.target({ label: undefined, loop: false }, () =>
    scope.block(() => {
      const cases = random.times(1, 4, () => {
        const head = random.chance(0.2) ? undefined : `case ${value(scope, 1)}:`;
        return { head, body: `${block(scope, 1, 2)}${random.chance(0.6) ? " break;" : ""}` };
      });
      let defaults = 0;
      const text = cases.map(({ head, body }) => (head ?? (defaults++ === 0 ? "default:" : "case 3:")) + ` ${body}`);
      return `switch (${discriminant}) { ${text.join(" ")} }`;
    }),
  );
}

function labelled(scope: Scope): string {
  const label = scope.fresh("l");
  return `${label}: ${scope.target({ label, loop: false }, () => block(scope, 1, 3))}`;
}

/** A strand that is awaited by somebody else, or at the end only. */
function unawaited(scope: Scope): string {
  const { random } = scope;
  const callee = random.chance(0.5) ? asyncOf(scope, 2) : expression(scope, "async", 2);
  return `keep((${callee})(${value(scope, 1)}));`;
}

function classDeclaration(scope: Scope): string {
  const { random } = scope;
  const name = scope.fresh("C");
  const field = `#n = ${inFunction(scope, false, false, () => value(scope, 1), true)};`;
  const async = scope.has("async-class-methods");
  const method = inFunction(scope, async, true, (head) => `${async ? "async " : ""}m(${head}) { ${guard}${statements(scope, 1, 2)} return this.#n += ${value(scope, 2)}; }`, !async);
  const getter = inFunction(scope, false, true, () => `get ${key(scope)}() { return this.#n; }`, true);
  const instance = scope.fresh("o");
  scope.declare(instance, "object", true);
  const base = random.chance(0.4) ? " extends Box" : "";
  return `class ${name}${base} { ${field} ${method} ${getter} } const ${instance} = new ${name}(1, 2);${scope.body.async ? ` T(await ${instance}.m(${value(scope, 1)}));` : ""}`;
}
