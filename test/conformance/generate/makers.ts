// Random objects, arrays, collections and functions.

import { expression, key, value } from "./expressions.ts";
import { pattern } from "./patterns.ts";
import type { Scope } from "./scope.ts";
import { statements } from "./statements.ts";

export function objectOf(scope: Scope, depth: number): string {
  const { random } = scope;
  const property = (): string => random.weighted<string>([
    [4, () => `${key(scope)}: ${value(scope, depth - 1)}`],
    [1, () => `["${key(scope)}"]: ${value(scope, depth - 1)}`],
    [0.7, () => `[T("${key(scope)}")]: ${value(scope, depth - 1)}`],
    [0.7, () => `...${expression(scope, "object", depth - 2)}`],
    [0.7, () => `get ${key(scope)}() { return ${inSync(scope, () => value(scope, depth - 2), true)}; }`],
    // Not among the keys that are read: a function made into a string would show its source.
    [0.5, () => `m(a) { return ${inSync(scope, () => value(scope, depth - 2), true)}; }`],
    [0.4, () => {
      const k = key(scope);
      return `get ${k}() { return 1; }, set ${k}(v) { T(["set", v]); }`;
    }],
  ]);
  return `({ ${(depth <= 0 ? [`${key(scope)}: 1`] : random.times(1, 3, property)).join(", ")} })`;
}

export function arrayOf(scope: Scope, depth: number): string {
  const { random } = scope;
  if (depth <= 0) return "[1, 2]";
  const element = () => random.weighted<string>([
    [6, () => value(scope, depth - 1)],
    [0.7, () => `...${expression(scope, "array", depth - 2)}`],
    [0.4, () => `...${expression(scope, "set", depth - 2)}`],
    [scope.has("iterators") ? 0.4 : 0, () => `...iter(${1 + random.below(3)}, "${random.pick(["i", "j"])}")`],
  ]);
  const elements = random.times(1, 3, element);
  if (random.chance(0.1)) elements.splice(1, 0, "");
  return `[${elements.join(", ")}]`;
}

export function mapOf(scope: Scope, depth: number): string {
  return `new Map([${scope.random.times(1, 3, () => `[${value(scope, depth - 2)}, ${value(scope, depth - 2)}]`).join(", ")}])`;
}

export function setOf(scope: Scope, depth: number): string {
  return `new Set([${scope.random.times(1, 3, () => value(scope, depth - 2)).join(", ")}])`;
}

/** A function that stops nowhere. */
export function functionOf(scope: Scope, depth: number): string {
  const { random } = scope;
  return random.weighted([
    [2, () => inFunction(scope, false, false, (head) => `((${head}) => ${value(scope, depth - 1)})`)],
    [1, () => inFunction(scope, false, false, (head) => `((${head}) => { ${guard}${statements(scope, 1, 2)} return ${value(scope, 1)}; })`)],
    [1, () => inFunction(scope, false, true, (head) => `(function (${head}) { ${guard}${statements(scope, 1, 2)} return ${value(scope, 1)}; })`)],
  ]);
}

/** An async function, a strand when called. */
export function asyncOf(scope: Scope, depth: number): string {
  const { random } = scope;
  if (depth <= 0 || scope.depth > 5) return "(async (z) => L(z))";
  return random.weighted([
    [2, () => inFunction(scope, true, false, (head) => `(async (${head}) => ${value(scope, depth - 1)})`)],
    [3, () => inFunction(scope, true, false, (head) => `(async (${head}) => { ${guard}${statements(scope, 1, 3)} return ${value(scope, 2)}; })`)],
    [1, () => inFunction(scope, true, true, (head) => `(async function (${head}) { ${guard}${statements(scope, 1, 3)} return ${value(scope, 2)}; })`)],
  ]);
}

/** Ends recursion: every function asks for fuel first. */
export const guard = "if (FUEL()) return 0; ";

export function inFunction(scope: Scope, async: boolean, hasThis: boolean, make: (head: string) => string, ordinary = scope.body.ordinary === true): string {
  const { random } = scope;
  return scope.inFunction({ async, generator: false, hasThis, ordinary }, () => {
    const head = random.times(0, 2, () => {
      if (random.chance(0.15)) return pattern(scope, "let", (depth) => parameterDefault(scope, depth), "");
      const fallback = random.chance(0.2) ? ` = ${parameterDefault(scope, 1)}` : "";
      const name = scope.newName(fallback);
      scope.declare(name, "value", false);
      return `${name}${fallback}`;
    });
    return make(head.map((text) => (text.startsWith("{") || text.startsWith("[") ? `${text} = [5, { p: 6 }]` : text)).join(", "));
  });
}

// A default may not await, and must not name the parameters right of it.
function parameterDefault(scope: Scope, depth: number): string {
  return inSync(scope, () => (scope.random.chance(0.5) ? value(scope, depth) : "9"), false);
}

export function inSync(scope: Scope, make: () => string, hasThis: boolean): string {
  const outer = scope.body;
  scope.body = { async: false, generator: false, targets: [], hasThis: hasThis || outer.hasThis, ordinary: outer.ordinary === true };
  try {
    return make();
  } finally {
    scope.body = outer;
  }
}
