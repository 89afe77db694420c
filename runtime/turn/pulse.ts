// The heartbeat of a step: who is silent for too long is taken for dead.

import type { Clock } from "../realm/clock.ts";

export class Pulse {
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #missed: () => void;
  #last: number;
  #cancel: () => void;

  /** `limit` in milliseconds; `missed` is called once. */
  constructor(clock: Clock, limit: number, missed: () => void) {
    this.#clock = clock;
    this.#limit = limit;
    this.#missed = missed;
    this.#last = clock.now();
    this.#cancel = clock.after(limit, () => this.#look());
  }

  /** Costs no timer, so a step may beat in its innermost loop. */
  beat(): void {
    this.#last = this.#clock.now();
  }

  stop(): void {
    this.#cancel();
  }

  #look(): void {
    const left = this.#last + this.#limit - this.#clock.now();
    if (left <= 0) this.#missed();
    else this.#cancel = this.#clock.after(Math.min(left, this.#limit), () => this.#look());
  }
}
