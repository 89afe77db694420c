// Random loops and jumps. Every loop asks for fuel, so every program ends.

import { expression, key, value } from "./expressions.ts";
import { pattern } from "./patterns.ts";
import type { Scope } from "./scope.ts";
import { block } from "./statements.ts";

const spent = "if (FUEL()) break; ";

export function loop(scope: Scope): string {
  const { random } = scope;
  const label = random.chance(0.25) ? scope.fresh("l") : undefined;
  const text = random.weighted([
    [4, () => forOf(scope, label)],
    [3, () => forStatement(scope, label)],
    [1, () => forIn(scope, label)],
    [1, () => `while (!FUEL() && ${value(scope, 2)}) ${body(scope, label)}`],
    [1, () => `do ${body(scope, label)} while (!FUEL() && ${value(scope, 2)});`],
    [scope.has("for-await") && scope.body.async ? 1 : 0, () => forAwait(scope, label)],
  ]);
  return label === undefined ? text : `${label}: ${text}`;
}

function body(scope: Scope, label: string | undefined, declare: () => void = () => {}): string {
  return scope.target({ label, loop: true }, () =>
    scope.block(() => {
      declare();
      return block(scope, 1, 3, () => spent);
    }),
  );
}

function forOf(scope: Scope, label: string | undefined): string {
  const { random } = scope;
  const [source, pairs] = random.weighted<[string, boolean]>([
    [4, () => [expression(scope, "array", 2), false]],
    [2, () => [expression(scope, "set", 2), false]],
    [2, () => [expression(scope, "map", 2), true]],
    [scope.has("iterators") ? 2 : 0, () => [`iter(${1 + random.below(4)}, "${random.pick(["k", "l"])}")`, false]],
    [1, () => [`String(${value(scope, 1)})`, false]],
    [1, () => [`${expression(scope, "array", 2)}.${random.pick(["entries", "keys", "values"])}()`, false]],
    [1, () => [`Object.entries(${expression(scope, "object", 2)})`, true]],
    [scope.has("generators") ? 2 : 0, () => [`gen(${value(scope, 1)})`, false]],
  ]);
  return heads(scope, label, source, pairs, "of", "for");
}

function forAwait(scope: Scope, label: string | undefined): string {
  const source = scope.has("async-generators") && scope.random.chance(0.5)
    ? `agen(${value(scope, 1)})`
    : `[${scope.random.times(1, 3, () => scope.random.pick([`L(${value(scope, 1)})`, value(scope, 1)])).join(", ")}]`;
  return heads(scope, label, source, false, "of", "for await");
}

function forIn(scope: Scope, label: string | undefined): string {
  return heads(scope, label, expression(scope, "object", 2), false, "in", "for");
}

function heads(scope: Scope, label: string | undefined, source: string, pairs: boolean, word: "of" | "in", start: string): string {
  const { random } = scope;
  const assigned = random.chance(0.1) ? scope.use("value", true) : undefined;
  if (assigned !== undefined && !pairs) return `${start} (${assigned} ${word} ${source}) ${body(scope, label)}`;
  let head = "";
  const inner = body(scope, label, () => {
    const kind = random.pick(["let", "const"] as const);
    if (pairs && random.chance(0.8)) head = `${kind} ${pattern(scope, kind, (depth) => value(scope, depth), source, 0).replace(/^\{.*\}$/, "{ length: n0 }")}`;
    else {
      const name = scope.newName(source);
      scope.declare(name, "value", kind === "const");
      head = `${kind} ${name}`;
    }
  });
  return `${start} (${head} ${word} ${source}) ${inner}`;
}

function forStatement(scope: Scope, label: string | undefined): string {
  const { random } = scope;
  let head = "";
  const inner = body(scope, label, () => {
    const first = random.chance(0.3) ? value(scope, 1) : "0";
    const name = scope.newName(first);
    scope.declare(name, "value", false);
    const second = random.chance(0.2) ? `, ${name}2 = () => ${name}` : "";
    const test = random.chance(0.3) ? `(${value(scope, 1)}, ${name} < 3)` : `${name} < ${1 + random.below(4)}`;
    const update = random.chance(0.3) ? `${name} += 1 + Number(${value(scope, 1)} === 1)` : `${name}++`;
    head = `let ${name} = ${first}${second}; !FUEL() && ${test}; ${update}`;
  });
  return `for (${head}) ${inner}`;
}

/** break, continue or return out of what encloses this place in its function. */
export function jump(scope: Scope): string {
  const { random, body: { targets } } = scope;
  const loops = targets.filter((target) => target.loop);
  const labelled = targets.filter((target) => target.label !== undefined);
  const test = random.chance(0.7) ? `if (${value(scope, 1)}) ` : "";
  return random.weighted([
    [2, () => (targets.at(-1)?.label !== undefined && !targets.at(-1)?.loop ? `${test}break ${targets.at(-1)?.label};` : `${test}break;`)],
    [loops.length > 0 ? 2 : 0, () => `${test}continue;`],
    [labelled.length > 0 ? 3 : 0, () => {
      const target = random.pick(labelled);
      return `${test}${target.loop && random.chance(0.6) ? "continue" : "break"} ${target.label};`;
    }],
    [1, () => `${test}return ${random.pick([`"${key(scope)}"`, value(scope, 1)])};`],
  ]);
}
