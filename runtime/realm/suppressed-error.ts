// The SuppressedError of hosts that have one. Elsewhere a class like it, so that a frame which holds one can be read everywhere.

import { oneClass } from "./shared.ts";

interface SuppressedErrorConstructor {
  new (error?: unknown, suppressed?: unknown, message?: string): Error;
  readonly prototype: Error;
}

class OwnSuppressedError extends Error {
  constructor(error?: unknown, suppressed?: unknown, message?: string) {
    super(message);
    for (const [key, value] of Object.entries({ error, suppressed })) Object.defineProperty(this, key, { value, writable: true, configurable: true });
  }
}

Object.defineProperty(OwnSuppressedError, "name", { value: "SuppressedError" });
Object.defineProperty(OwnSuppressedError.prototype, "name", { value: "SuppressedError", writable: true, configurable: true });

const host = (globalThis as { SuppressedError?: SuppressedErrorConstructor }).SuppressedError;

export const SuppressedError: SuppressedErrorConstructor = host ?? oneClass("SuppressedError", OwnSuppressedError);
