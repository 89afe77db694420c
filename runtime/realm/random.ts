// Randomness, injected everywhere else.

import { randomFillSync } from "node:crypto";

/** One call of the system makes as much as hundreds of ids need, and costs what one of a few bytes does. */
const pool = new Uint8Array(4096);
let used = pool.length;

export function systemRandom(size: number): Uint8Array {
  if (size > pool.length) return randomFillSync(new Uint8Array(size));
  if (used + size > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const bytes = pool.slice(used, used + size);
  // What was handed out is a secret of whoever has it.
  pool.fill(0, used, used += size);
  return bytes;
}
