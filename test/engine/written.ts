// What a store is given to write, counted: texts of the run, in code units.

import type { Store } from "../../runtime/store.ts";

export interface Written {
  /** Of each commit: what it wrote. */
  readonly commits: number[];
  /** Of all of the run at its largest. */
  largest: number;
}

/** Counts what `store` is given for one run, from here on. */
export function countWritten(store: Store, id: string): Written {
  const written: Written = { commits: [], largest: 0 };
  const kept = new Map<string, number>();
  const commit = store.commit.bind(store);
  store.commit = async (changes) => {
    const results = await commit(changes);
    for (const [at, change] of changes.entries()) {
      if (change.id !== id || !results[at]?.applied) continue;
      const texts = new Map(change.parts?.put.map(([key, text]) => [key, key.length + text.length]));
      texts.set("", change.state.length + JSON.stringify(change.waits).length);
      if (change.frame !== undefined) texts.set(" ", change.frame.length);
      for (const key of change.parts?.drop ?? []) kept.delete(key);
      for (const [key, length] of texts) kept.set(key, length);
      written.commits.push(sum(texts.values()));
      written.largest = Math.max(written.largest, sum(kept.values()));
    }
    return results;
  };
  return written;
}

export function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}
