// The leases this engine holds, kept alive together.
//
//   keep ──► extended every third of its duration ──► forget (the turn is over)
//                 │ another's now, or run out: `lost`, once
//                 │ messages came meanwhile:   `messages`
//
// A heartbeat that cannot be stored is tried again at the next beat; two may fail before the lease runs out. One that the
// store does not answer keeps no other back.

import type { Clock } from "../clock.ts";
import type { Extended, Store } from "../store.ts";
import type { Logger } from "./logger.ts";

export interface Holder {
  readonly id: string;
  readonly owner: string;
  lost(): void;
  messages(delivered: number): void;
}

export class Leases {
  /** Milliseconds. */
  readonly duration: number;
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #held = new Set<Holder>();
  #stop: (() => void) | undefined;
  #unanswered = 0;

  constructor(store: Store, clock: Clock, logger: Logger, duration: number) {
    this.#store = store;
    this.#clock = clock;
    this.#logger = logger;
    this.duration = duration;
  }

  keep(holder: Holder): void {
    this.#held.add(holder);
    this.#stop ??= this.#clock.after(this.duration / 3, () => this.#beat());
  }

  forget(holder: Holder): void {
    this.#held.delete(holder);
    if (this.#held.size > 0) return;
    this.#stop?.();
    this.#stop = undefined;
  }

  #beat(): void {
    this.#stop = this.#clock.after(this.duration / 3, () => this.#beat());
    if (this.#unanswered > 0) this.#logger.warn("The store has not answered a heartbeat; the next one is sent", { unanswered: this.#unanswered });
    this.#unanswered++;
    const held = [...this.#held];
    this.#store.extend(held, { now: this.#clock.now(), duration: this.duration }).then(
      (results) => this.#answered(held, results),
      (error: unknown) => this.#logger.warn("A heartbeat could not be stored; it is tried again", { error }),
    ).finally(() => this.#unanswered--);
  }

  #answered(held: readonly Holder[], results: readonly Extended[]): void {
    for (const [at, holder] of held.entries()) {
      const result = results[at];
      if (!this.#held.has(holder) || !result) continue;
      if (result.held) holder.messages(result.delivered);
      else holder.lost();
    }
  }
}
