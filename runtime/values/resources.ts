// The resources of a block with `using`, and their disposal (ECMA-262 DisposeResources).
//
//   use ──► … body … ──► dispose                                      all of them `using`: in one go
//   use ──► … body … ──► disposing ──► await result ──► disposing …   with `await using`: the machine awaits each
//
// A completion says how the block is left; what a disposal throws becomes the completion, and keeps the one it replaces.

import { append } from "../realm/append.ts";
import { nameOf } from "./call.ts";
import { oneClass } from "../realm/shared.ts";
import { SuppressedError } from "../realm/suppressed-error.ts";

/** nothing: a null or undefined of `await using`. wrapped: of `await using`, disposed by `Symbol.dispose`. */
export type Hint = "sync" | "async" | "wrapped" | "nothing";

interface Resource {
  readonly value: unknown;
  /** Read once, at the declaration. */
  readonly method: unknown;
  readonly hint: Hint;
}

class OwnResources {
  list: Resource[] = [];
  /** Whether a null of `await using` is still to be awaited, or something was awaited already. */
  awaits: "none" | "due" | "done" = "none";
  /** What is to be awaited. */
  result: unknown = undefined;
}

export type Resources = OwnResources;
export const Resources = oneClass("Resources", OwnResources);

interface Completion {
  readonly to: string;
  readonly value?: unknown;
}

export function resources(): Resources {
  return new Resources();
}

/** `using x = value`: gives the value. */
export function use<T>(resources: Resources, value: T): T {
  if (value === null || value === undefined) return value;
  const method = methodOf(value, Symbol.dispose);
  if (method === undefined) throw notDisposable(value, "dispose");
  append(resources.list, { value, method, hint: "sync" });
  return value;
}

/** `await using x = value`: gives the value. */
export function useAsync<T>(resources: Resources, value: T): T {
  if (value === null || value === undefined) {
    append(resources.list, { value: undefined, method: undefined, hint: "nothing" });
    return value;
  }
  const own = methodOf(value, Symbol.asyncDispose);
  const method = own ?? methodOf(value, Symbol.dispose);
  if (method === undefined) throw notDisposable(value, "asyncDispose");
  append(resources.list, { value, method, hint: own === undefined ? "wrapped" : "async" });
  return value;
}

function methodOf(value: unknown, key: symbol): unknown {
  if (typeof value !== "object" && typeof value !== "function") throw new TypeError(`${nameOf(value)} is not an object`);
  const method = (value as Record<symbol, unknown>)[key];
  if (method === undefined || method === null) return undefined;
  if (typeof method !== "function") throw new TypeError(`${nameOf(method)} is not a function`);
  return method;
}

function notDisposable(value: unknown, name: string): TypeError {
  return new TypeError(`Symbol.${name} of ${nameOf(value)} is not a function`);
}

/** Disposes of everything; gives how the block is left then. */
export function dispose(resources: Resources, completion: Completion | undefined): Completion | undefined {
  let left = completion;
  for (let next = resources.list.pop(); next; next = resources.list.pop()) {
    try {
      call(next);
    } catch (error) {
      left = suppress(left, error);
    }
  }
  return left;
}

/** Disposes until something is to be awaited. True: that is `result`. */
export function disposing(resources: Resources): boolean {
  const { list } = resources;
  for (let next = list.at(-1); next; next = list.at(-1)) {
    if (next.hint === "sync" && resources.awaits === "due") return awaiting(resources, undefined, "none");
    list.pop();
    if (next.hint !== "nothing") {
      const result = call(next);
      if (next.hint !== "sync") return awaiting(resources, result, "done");
    } else if (resources.awaits === "none") resources.awaits = "due";
  }
  return resources.awaits === "due" && awaiting(resources, undefined, "none");
}

function awaiting(resources: Resources, result: unknown, awaits: Resources["awaits"]): true {
  resources.result = result;
  resources.awaits = awaits;
  return true;
}

function call({ value, method, hint }: Resource): unknown {
  const run = (): unknown => Reflect.apply(method as () => unknown, value, []);
  if (hint !== "wrapped") return run();
  return new Promise<void>((resolve) => {
    run();
    resolve();
  });
}

/** The completion once a disposal threw `error`. */
export function suppress(completion: Completion | undefined, error: unknown): Completion {
  return { to: "throw", value: completion?.to === "throw" ? new SuppressedError(error, completion.value, "An error was suppressed during disposal") : error };
}
