// What fails again and again is said when it begins, when it changes, once a minute while it lasts, and when it is over. A store that is away fails all who
// ask it in the same words: they are said once, by whoever meets them first.

import type { Clock } from "../../realm/clock.ts";
import { isDeflowError } from "../../errors/error.ts";
import { textOf } from "../../record/error-info.ts";
import type { Logger } from "../telling/logger.ts";

/** Milliseconds. Between two times that the same is said; between two attempts at a store that fails, at most. */
const quiet = 60_000;
const longestPause = 5_000;
/** After so many failures in a row it is no longer one that comes and goes. */
const lasting = 2;

export class Outages {
  readonly #clock: Clock;
  readonly #logger: Logger;
  /** When each was said last. */
  readonly #said = new Map<string, number>();
  /** Something was said since it was last said to be over. */
  #isOpen = false;

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Says that something failed, unless it was said lately. `lasts`: then also if it was said since that it is over. */
  failed(level: "warn" | "error", what: string, error: unknown, lasts = false): void {
    const text = textOf(() => error);
    const key = isDeflowError(error) && error.code.startsWith("STORE_") ? text : `${what}: ${text}`;
    const now = this.#clock.now();
    for (const [one, at] of this.#said) if (now - at >= quiet) this.#said.delete(one);
    if (this.#said.has(key) && (this.#isOpen || !lasts)) return;
    this.#said.set(key, now);
    this.#logger[level](`${what}: ${text}`, { error });
    this.#isOpen = true;
  }

  /** Says that it works again since `begun`, once for all that was said. What comes and goes each second is not said each second. */
  over(what: string, begun: number): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#logger.warn(`${what}, after ${Math.round((this.#clock.now() - begun) / 1_000)} s`);
  }

  /** For one that asks the store again and again; `first` is the pause after its first failure, twice as long each time. */
  outage(first: number): Outage {
    return new Outage(this, this.#clock, first);
  }
}

export class Outage {
  readonly #outages: Outages;
  readonly #clock: Clock;
  readonly #first: number;
  #failures = 0;
  #begun = 0;

  constructor(outages: Outages, clock: Clock, first: number) {
    this.#outages = outages;
    this.#clock = clock;
    this.#first = first;
  }

  /** Gives how long to wait until it is tried again. */
  failed(what: string, error: unknown): number {
    if (this.#failures === 0) this.#begun = this.#clock.now();
    this.#outages.failed("error", what, error, this.#failures >= lasting);
    return Math.min(this.#first * 2 ** this.#failures++, longestPause);
  }

  works(what: string): void {
    if (this.#failures > 0) this.#outages.over(what, this.#begun);
    this.#failures = 0;
  }
}
