// A turn may hold on to ordinary promises, and nothing is stored until they settle. One that holds for `turnTimeout` is ended.

import type { Clock } from "../clock.ts";
import { durationText } from "../duration.ts";
import { deflowError } from "../errors/classes.ts";
import type { LiveRun } from "../step.ts";

/** The time of steps does not count: a run that only waits for them does not move. */
export class Hold {
  readonly #clock: Clock;
  readonly #turnTimeout: number;
  #cancel: () => void = () => {};

  constructor(clock: Clock, turnTimeout: number) {
    this.#clock = clock;
    this.#turnTimeout = turnTimeout;
  }

  /** The run moves, until `ends`. */
  begins(run: LiveRun): void {
    this.ends();
    this.#cancel = this.#clock.after(this.#turnTimeout, () => {
      run.drop(deflowError("TURN_TIMEOUT", { after: durationText(this.#turnTimeout) }, { runId: run.id }));
    });
  }

  ends(): void {
    this.#cancel();
  }
}
