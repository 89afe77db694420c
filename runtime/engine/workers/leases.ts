// The leases this engine holds, kept alive together.
//
//   keep ──► extended every third of its duration ──► forget (the turn is over)
//                 │ another's now, or run out: `lost`, once
//                 │ messages came meanwhile:   `messages`
//
// A heartbeat that cannot be stored is tried again at the next beat; two may fail before the lease runs out. If one is not
// answered, one more is sent at the next beat, for a single answer that is lost must not cost the lease; if that is not
// answered either, it is the store that hangs, and no more are sent for this lease until it answers one of them.

import type { Clock } from "../../realm/clock.ts";
import type { Extended, Store } from "../../store.ts";
import type { Logger } from "../telling/logger.ts";
import type { Outages } from "./outages.ts";

export interface Holder {
  readonly id: string;
  readonly owner: string;
  /** Of the run, as far as is known: a heartbeat that the store carries out late must not shorten what a commit took since. */
  readonly version: number;
  lost(): void;
  messages(delivered: number): void;
}

/** Of one lease, in a row. */
const mostUnanswered = 2;

export class Leases {
  /** Milliseconds. */
  readonly duration: number;
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #outages: Outages;
  /** With how many heartbeats of each were sent since the store answered one. */
  readonly #held = new Map<Holder, number>();
  #stop: (() => void) | undefined;

  constructor(store: Store, clock: Clock, logger: Logger, outages: Outages, duration: number) {
    this.#store = store;
    this.#clock = clock;
    this.#logger = logger;
    this.#outages = outages;
    this.duration = duration;
  }

  keep(holder: Holder): void {
    this.#held.set(holder, 0);
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
    const unanswered = [...this.#held.values()].filter((sent) => sent > 0).length;
    if (unanswered > 0) this.#logger.warn("The store has not answered a heartbeat", { leases: unanswered });
    const asked = [...this.#held].flatMap(([holder, sent]) => (sent < mostUnanswered ? [holder] : []));
    if (asked.length === 0) return;
    for (const holder of asked) this.#held.set(holder, (this.#held.get(holder) ?? 0) + 1);
    this.#store.extend(asked.map(({ id, owner, version }) => ({ id, owner, version })), { now: this.#clock.now(), duration: this.duration }).then(
      (results) => this.#answered(asked, results),
      (error: unknown) => void this.#outages.failed("warn", "A heartbeat could not be stored; it is tried again", error),
    ).finally(() => {
      for (const holder of asked) if (this.#held.has(holder)) this.#held.set(holder, 0);
    });
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
