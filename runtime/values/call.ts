// Calls whose parts were evaluated before an await: done after it, with the errors of a native call.

import { bound } from "./bound.ts";
import { twin } from "../promises/twins.ts";
import { isArrayMethod } from "./cursors/pristine.ts";

const { apply: nativeApply, bind: nativeBind, call: nativeCall } = Function.prototype as unknown as Record<"apply" | "bind" | "call", unknown>;

export function call(callee: unknown, self: unknown, args: unknown[]): unknown {
  if (typeof callee !== "function") throw new TypeError(`${nameOf(callee)} is not a function`);
  // What it gives can be stored if its parts are known.
  if (callee === nativeBind && typeof self === "function") return bound(self, args);
  if (callee === nativeCall || callee === nativeApply) return Reflect.apply(callee, twin(self) as (...args: unknown[]) => unknown, args);
  return Reflect.apply(twin(callee) as (...args: unknown[]) => unknown, self, args);
}

/** `f.bind(…)`: `f.bind`, read now and called where it stands. */
export function bind(target: unknown): (...args: unknown[]) => unknown {
  const method = (target as { bind: unknown }).bind;
  return (...args) => call(method, target, args);
}

export function construct(callee: unknown, args: unknown[]): unknown {
  if (typeof callee !== "function") throw new TypeError(`${nameOf(callee)} is not a constructor`);
  return Reflect.construct(callee, args);
}

export function spread(iterable: Iterable<unknown>): unknown[] {
  return [...iterable];
}

/** What a spread collected before an await, to be spread in its place: by nothing of the program's. */
export function collected(list: unknown[]): Iterable<unknown> {
  return isArrayMethod(list[Symbol.iterator], "values") ? list : { [Symbol.iterator]: () => new Collected(list) };
}

class Collected {
  readonly #list: readonly unknown[];
  #index = 0;

  constructor(list: readonly unknown[]) {
    this.#list = list;
  }

  next(): IteratorResult<unknown, undefined> {
    return this.#index < this.#list.length ? { done: false, value: this.#list[this.#index++] } : { done: true, value: undefined };
  }
}

/** As V8 names a value in such errors. */
export function nameOf(value: unknown): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value);
    case "object":
      return value === null ? "null" : Object.prototype.toString.call(value).replace("[object ", "#<").replace("]", ">");
    case "bigint":
      return `${value}`;
    default:
      return String(value);
  }
}
