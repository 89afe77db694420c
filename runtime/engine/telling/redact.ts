// Shows values with parts of them replaced, for eyes that must not see all of a run.

import { types } from "node:util";
import { durableOf, FULFILLED, PENDING } from "../../promises/durable.ts";
import type { ErrorInfo } from "../../record/error-info.ts";

/**
 * Gives what is shown in place of a local, or of a property of an object in one; `value` itself to show it. The value of an entry of a
 * Map is asked for by the text of its key, the key itself as `(key)`.
 */
export type Redact = (name: string, value: unknown) => unknown;

/**
 * Copies of values as far as there is something to look into: objects of any class, arrays, Maps and their keys, Sets, errors with
 * stack and cause, promises of the flow. Not: functions, and what has no properties of its own to tell (Date, URL, typed arrays).
 * One for all that is shown together: what was one object is one.
 */
export class Redaction {
  readonly #redact: Redact;
  readonly #seen = new Map<object, unknown>();

  constructor(redact: Redact) {
    this.#redact = redact;
  }

  /** What is shown in place of what has this name. */
  shown(name: string, value: unknown): unknown {
    const shown = this.#redact(name, value);
    return shown === value ? this.inside(value) : shown;
  }

  /** Of an object that is not itself asked about. */
  fields<T extends object>(from: T): T {
    return this.#properties(from, {}) as T;
  }

  /** A value that has no name. */
  inside(value: unknown): unknown {
    if (typeof value !== "object" || value === null) return value;
    if (this.#seen.has(value)) return this.#seen.get(value);
    if (Array.isArray(value)) return this.#items(value);
    if (types.isMap(value)) return this.#map(value);
    if (types.isSet(value)) return this.#set(value);
    if (types.isNativeError(value)) return this.#error(value);
    if (types.isPromise(value)) return this.#promise(value);
    return isOpaque(value) ? value : this.#properties(value, this.#known(value, Object.create(Object.getPrototypeOf(value) as object | null) as object));
  }

  #known<T extends object>(value: object, copy: T): T {
    this.#seen.set(value, copy);
    return copy;
  }

  /** Those that can be read without running code of the author's. */
  #properties<T extends object>(from: object, into: T, isAsked: (key: PropertyKey) => boolean = () => true): T {
    for (const key of Reflect.ownKeys(from)) {
      const { value, enumerable, get } = Object.getOwnPropertyDescriptor(from, key) as PropertyDescriptor;
      if (get !== undefined || !isAsked(key)) continue;
      const name = typeof key === "symbol" ? key.description ?? "" : key;
      Object.defineProperty(into, key, { value: this.shown(name, value), enumerable: enumerable ?? false, writable: true, configurable: true });
    }
    return into;
  }

  #items(list: readonly unknown[]): unknown[] {
    const copy: unknown[] = this.#known(list, []);
    copy.length = list.length;
    list.forEach((item, index) => (copy[index] = this.inside(item)));
    return this.#properties(list, copy, (key) => key !== "length" && !(typeof key === "string" && isIndex(key)));
  }

  #map(map: ReadonlyMap<unknown, unknown>): Map<unknown, unknown> {
    const copy = this.#known(map, new Map<unknown, unknown>());
    for (const [key, value] of map) {
      const name = (typeof key === "object" && key !== null) || typeof key === "function" ? "(value)" : String(key);
      copy.set(distinct(copy, this.shown("(key)", key)), this.shown(name, value));
    }
    return this.#properties(map, copy);
  }

  #set(set: ReadonlySet<unknown>): Set<unknown> {
    const copy = this.#known(set, new Set<unknown>());
    for (const item of set) copy.add(this.inside(item));
    return this.#properties(set, copy);
  }

  /** V8 writes the message into the stack. */
  #error(error: Error): Error {
    const copy = this.#known(error, Object.setPrototypeOf(new Error(), Object.getPrototypeOf(error) as object) as Error);
    delete copy.stack;
    this.#properties(error, copy, (key) => key !== "stack");
    if (typeof error.stack !== "string") return copy;
    Object.defineProperty(copy, "stack", { value: this.#stack(error.stack, error.message, copy.message), enumerable: false, writable: true, configurable: true });
    return copy;
  }

  /** An error as data. */
  errorInfo(info: ErrorInfo): ErrorInfo {
    const { stack, cause, ...told } = info;
    const shown = this.fields(told);
    return {
      ...shown,
      ...(stack === undefined ? {} : { stack: this.#stack(stack, info.message, shown.message) as string }),
      ...(cause === undefined ? {} : { cause: this.errorInfo(cause) }),
    };
  }

  #stack(stack: string, told: string, shown: unknown): unknown {
    return this.shown("stack", shown === told || told === "" ? stack : stack.split(told).join(String(shown)));
  }

  /** What holds a run has no place among what is shown. */
  #promise(promise: object): object {
    const { state = PENDING, value } = durableOf(promise) ?? {};
    const copy: { promise: string; value?: unknown } = { promise: state === PENDING ? "pending" : state === FULFILLED ? "fulfilled" : "rejected" };
    if (state !== PENDING) copy.value = this.shown("value", value);
    return copy;
  }
}

/** As two keys that are shown alike must both be seen. */
function distinct(map: ReadonlyMap<unknown, unknown>, key: unknown): unknown {
  let shown = key;
  for (let number = 2; map.has(shown); number++) shown = `${String(key)} (${number})`;
  return shown;
}

function isIndex(key: string): boolean {
  return String(Number(key) >>> 0) === key;
}

/** What it is does not lie in its properties: a copy of those would be none of it. */
function isOpaque(value: object): boolean {
  return types.isDate(value) || types.isRegExp(value) || types.isAnyArrayBuffer(value) || types.isArrayBufferView(value) || types.isBoxedPrimitive(value)
    || types.isGeneratorObject(value) || value instanceof URL || value instanceof URLSearchParams;
}
