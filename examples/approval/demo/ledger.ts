// What was done to the outside world, read from the file that the effects themselves write.

import { existsSync, readFileSync } from "node:fs";
import type { Entry } from "../src/outside.ts";

/** One effect: all entries under one key. */
export interface Effect {
  readonly key: string;
  readonly effect: Entry["effect"];
  readonly what: string;
  readonly starts: readonly Entry[];
  readonly ends: readonly Entry[];
}

export function readLedger(path: string): Effect[] {
  if (!existsSync(path)) return [];
  // A process that was killed may have left its last line unfinished; nothing is derived from such a line.
  const entries = readFileSync(path, "utf8").split("\n").slice(0, -1).map((line) => JSON.parse(line) as Entry);
  const byKey = new Map<string, Entry[]>();
  for (const entry of entries) byKey.set(entry.key, [...(byKey.get(entry.key) ?? []), entry]);
  return [...byKey].map(([key, all]) => {
    const { effect, what } = all[0] as Entry;
    return { key, effect, what, starts: all.filter(({ at }) => at === "start"), ends: all.filter(({ at }) => at === "end") };
  });
}
