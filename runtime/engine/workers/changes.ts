// Who waits for a run to change. Commits of this engine are told at once, those of other processes by the dispatcher if there is one; and they
// are found by looking again, less and less often.

import { type Clock, pause } from "../../realm/clock.ts";
import type { Doorbell } from "./doorbell.ts";

/** Milliseconds between two looks: twice as long each time, so that a wait for days costs nothing. */
const firstLook = 50;
const longestLook = 5_000;

export class Changes {
  readonly #doorbell: Doorbell;
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(doorbell: Doorbell) {
    this.#doorbell = doorbell;
  }

  /** The run was committed. */
  told(id: string): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    for (const tell of waiting ?? []) tell();
  }

  /**
   * Looks until `look` finds something, at once and after every change of the run. Gives undefined when `deadline` has passed
   * or `signal` aborts.
   */
  async until<T>(id: string, clock: Clock, look: () => Promise<T | undefined>, deadline = Infinity, signal?: AbortSignal): Promise<T | undefined> {
    this.#doorbell.open();
    for (let wait = firstLook; ; wait = Math.min(2 * wait, longestLook)) {
      const { changed, forget } = this.#next(id);
      try {
        const found = await look();
        const left = deadline - clock.now();
        if (found !== undefined || left <= 0 || signal?.aborted) return found;
        const stop = new AbortController();
        const over = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
        await Promise.race([changed, pause(clock, Math.min(wait, left), over)]);
        stop.abort();
      } finally {
        forget();
      }
    }
  }

  #next(id: string): { changed: Promise<void>; forget: () => void } {
    const { promise, resolve } = later();
    const waiting = this.#waiting.get(id) ?? new Set();
    this.#waiting.set(id, waiting.add(resolve));
    const forget = (): void => {
      waiting.delete(resolve);
      if (waiting.size === 0 && this.#waiting.get(id) === waiting) this.#waiting.delete(id);
    };
    return { changed: promise, forget };
  }
}

function later(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((fulfil) => (resolve = fulfil));
  return { promise, resolve };
}
