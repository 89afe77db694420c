// What the forms are made of. A form is a statement (mostly a block) that brings one hazard together with random parts.

import { value } from "../expressions.ts";
import { guard, inSync } from "../makers.ts";
import type { Scope } from "../scope.ts";
import { statements } from "../statements.ts";

export type Form = (scope: Scope) => string;

/** The function that a part stands in. */
interface Inside {
  readonly async: boolean;
  readonly generator?: boolean;
  readonly hasThis?: boolean;
  /** It is a method of a class. */
  readonly ordinary?: boolean;
}

/** A small value that stops nowhere. */
export function still(scope: Scope): string {
  return inSync(scope, () => value(scope, 1), false);
}

/** A value that stops, where the function may. */
export function stop(scope: Scope): string {
  return scope.body.async ? `await L(${value(scope, 1)})` : value(scope, 1);
}

/** A stop or a value, in brackets. */
export function maybeStop(scope: Scope): string {
  return scope.random.chance(0.6) ? `(${stop(scope)})` : value(scope, 1);
}

/** A value in a function of its own, so that no name or `await` of this one is meant. */
export function returned(scope: Scope, body: Inside): string {
  return within(scope, body, () => value(scope, 1));
}

/** Statements of a function of its own, behind its guard. */
export function bodyOf(scope: Scope, body: Inside, most = 2): string {
  return within(scope, body, () => guard + statements(scope, 1, most));
}

/** What `make` writes stands in a function of its own. */
function within<T>(scope: Scope, { async, generator = false, hasThis = false, ordinary = scope.body.ordinary === true }: Inside, make: () => T): T {
  return scope.inFunction({ async, generator, hasThis, ordinary }, make);
}

/** Statements in a block of their own. */
export function some(scope: Scope, most = 2): string {
  return scope.block(() => statements(scope, 1, most));
}

/** A statement that traces what the text throws. */
export function tried(scope: Scope, text: string): string {
  const name = scope.fresh("err");
  return `try { ${text} } catch (${name}) { T(${name}); }`;
}
