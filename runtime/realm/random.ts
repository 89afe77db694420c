// Randomness, injected everywhere else.

import { randomBytes } from "node:crypto";

export function systemRandom(size: number): Uint8Array {
  return randomBytes(size);
}
