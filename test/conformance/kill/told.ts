// What the parent and the processes it kills know in common.

/** What a worker tells. `ended`: the store has the rest. */
export type Told = "ready" | { readonly ended: number } | { readonly stuck: number; readonly because: string };

/** The run of a program, by its number. */
export function idOf(n: number): string {
  return `program-${n}`;
}
