// A fresh realm for a program: intrinsics of its own, so that nothing reaches the next world except as text.

import { createContext, Script, type Context } from "node:vm";
import type { Host } from "./host.ts";

// What a Node realm has and a bare context lacks. `Symbol.dispose` is a symbol of the process, not of the realm.
const fromNode = { queueMicrotask, URL, URLSearchParams, TextEncoder, TextDecoder, AbortController, AbortSignal, structuredClone, console };

const prepare = new Script(`"use strict"; (host, dispose, asyncDispose) => {
  for (const [key, value] of [["dispose", dispose], ["asyncDispose", asyncDispose]])
    if (!(key in Symbol)) Object.defineProperty(Symbol, key, { value });
  globalThis.T = (value) => host.T(value);
  globalThis.FUEL = () => host.FUEL();
}`, { filename: "world.js" });

export function createWorld(host: Host): Context {
  const context = createContext({ ...fromNode });
  (prepare.runInContext(context) as (...args: unknown[]) => void)(host, Symbol.dispose, Symbol.asyncDispose);
  return context;
}

/** The macrotask after all microtasks: what "quiet" is for ordinary promises. */
export function microtasksDone(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
