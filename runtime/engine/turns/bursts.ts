// Of a thousand calls at once only so many begin their turns together; the next ones do when the store has written what those
// came to. A turn holds some 7 KB until it is stored: of a thousand that is more than the collector's young space takes, and to carry it about
// costs as much as the turns themselves.
//
//   round 1   256 turns, up to their commits        round 2   the store writes them        round 3   256 more
//
// Nobody waits for another's end, which may be far away or wait for the one that waits: only for rounds of the event loop.

import { nextRound } from "../../realm/clock.ts";

/** Turns that begin together. A fourth as many cost a store more transactions than the collector saves, twice as many save nothing. */
const most = 256;

export class Bursts {
  #waiting: (() => void)[] = [];

  /** When a turn may begin, of so many that are under way; undefined: at once. */
  comes(underWay: number): Promise<void> | undefined {
    if (underWay <= most && this.#waiting.length === 0) return undefined;
    return new Promise((resolve) => {
      if (this.#waiting.push(resolve) === 1) void this.#admit();
    });
  }

  async #admit(): Promise<void> {
    while (this.#waiting.length > 0) {
      // The store is asked in the first, and writes at its end or in the second.
      await nextRound();
      await nextRound();
      const now = this.#waiting.slice(0, most);
      this.#waiting = this.#waiting.slice(most);
      for (const begin of now) begin();
    }
  }
}
