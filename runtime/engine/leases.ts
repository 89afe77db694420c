// The leases this engine holds, kept alive together.
//
//   keep ──► extended every third of its duration ──► forget (the turn is over)
//                 │ another's now, or run out: `lost`, once
//                 │ messages came meanwhile:   `messages`
//
// A heartbeat that cannot be stored is tried again at the next beat; two may fail before the lease runs out.

import type { Clock } from "../clock.ts";
import type { Store } from "../store.ts";
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

  constructor(store: Store, clock: Clock, logger: Logger, duration: number) {
    this.#store = store;
    this.#clock = clock;
    this.#logger = logger;
    this.duration = duration;
  }

  keep(holder: Holder): void {
    this.#held.add(holder);
    this.#stop ??= this.#clock.after(this.duration / 3, () => void this.#beat());
  }

  forget(holder: Holder): void {
    this.#held.delete(holder);
    if (this.#held.size > 0) return;
    this.#stop?.();
    this.#stop = undefined;
  }

  async #beat(): Promise<void> {
    this.#stop = undefined;
    const held = [...this.#held];
    try {
      const results = await this.#store.extend(held, { now: this.#clock.now(), duration: this.duration });
      for (const [at, holder] of held.entries()) {
        const result = results[at];
        if (!this.#held.has(holder) || !result) continue;
        if (result.held) holder.messages(result.delivered);
        else holder.lost();
      }
    } catch (error) {
      this.#logger.warn("A heartbeat could not be stored; it is tried again", { error });
    }
    if (this.#held.size > 0) this.#stop ??= this.#clock.after(this.duration / 3, () => void this.#beat());
  }
}
