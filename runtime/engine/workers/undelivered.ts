// Messages of the outbox that this engine could not deliver: each is tried again after a while, twice as long each time, for as
// long as it is in the outbox. Meanwhile others go past it. What another process delivers is forgotten here.

/** Milliseconds until a message is tried again. */
const firstDelay = 1_000;
const longestDelay = 5 * 60_000;

interface Failed {
  /** In a row, in this engine. */
  readonly failures: number;
  /** When it is tried again. */
  readonly at: number;
}

export class Undelivered {
  readonly #messages = new Map<number, Failed>();

  /** When the next is tried again; Infinity: there is none. */
  get nextAt(): number {
    return [...this.#messages.values()].reduce((least, { at }) => Math.min(least, at), Infinity);
  }

  isDue(id: number, now: number): boolean {
    return (this.#messages.get(id)?.at ?? 0) <= now;
  }

  failed(id: number, now: number): Failed {
    const failures = (this.#messages.get(id)?.failures ?? 0) + 1;
    const failed = { failures, at: now + Math.min(longestDelay, firstDelay * 2 ** (failures - 1)) };
    this.#messages.set(id, failed);
    return failed;
  }

  /** The others are out of the outbox. */
  keepOnly(ids: ReadonlySet<number>): void {
    for (const id of this.#messages.keys()) if (!ids.has(id)) this.#messages.delete(id);
  }
}
