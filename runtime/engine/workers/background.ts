// Work that nobody awaits: deliveries, turns of runs that got a message. It is never lost sight of, so that close() can wait
// for it, and its failures are said aloud.

import type { Outages } from "./outages.ts";

export class Background {
  readonly #outages: Outages;
  readonly #running = new Set<Promise<void>>();

  constructor(outages: Outages) {
    this.#outages = outages;
  }

  get size(): number {
    return this.#running.size;
  }

  /** `what` completes "… failed". */
  run(what: string, work: () => Promise<unknown>): void {
    const running = work().then(
      () => {},
      (error: unknown) => void this.#outages.failed("error", `${what} failed`, error),
    ).finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Resolves when nothing is under way, counting what comes meanwhile. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }
}
