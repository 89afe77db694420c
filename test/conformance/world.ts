// A fresh realm for a program: intrinsics of its own, so that nothing reaches the next world except as text.

import { createContext, Script, type Context } from "node:vm";
import type { Host } from "./host.ts";

// What a Node realm has and a bare context lacks. `Symbol.dispose` is a symbol of the process, not of the realm.
const fromNode = { queueMicrotask, URL, URLSearchParams, TextEncoder, TextDecoder, AbortController, AbortSignal, structuredClone, console };

const prepare = new Script(`"use strict"; (dispose, asyncDispose) => {
  for (const [key, value] of [["dispose", dispose], ["asyncDispose", asyncDispose]])
    if (!(key in Symbol)) Object.defineProperty(Symbol, key, { value });
  // The text of a function is that of its compiled code, as with every compiler: programs do not see it.
  const { toString } = Function.prototype;
  const blind = { toString() { return Reflect.apply(toString, this, []) && "function"; } }.toString;
  Object.defineProperty(Function.prototype, "toString", { value: blind });
}`, { filename: "world.js" });

const connect = new Script(`"use strict"; (host) => {
  globalThis.T = (value) => host.T(value);
  globalThis.FUEL = () => host.FUEL();
}`, { filename: "world.js" });

export function createWorld(host?: Host): Context {
  const context = createContext({ ...fromNode });
  (prepare.runInContext(context) as (...args: unknown[]) => void)(Symbol.dispose, Symbol.asyncDispose);
  if (host !== undefined) attach(context, host);
  return context;
}

/** From now on the realm's `T` and `FUEL` are this host's. */
export function attach(context: Context, host: Host): void {
  (connect.runInContext(context) as (host: Host) => void)(host);
}

/** The macrotask after all microtasks: what "quiet" is for ordinary promises. */
export function microtasksDone(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
