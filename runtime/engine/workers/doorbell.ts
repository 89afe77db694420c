// An engine's doorbell: what it stores rings here for its own workers and for who waits, and at its dispatcher for other processes.
//
//   ring ──► near: this engine's workers and ticks, who waits for the run, the turn that holds it
//     └────► the dispatcher ──► engines of other processes ──► near
//
// Nothing depends on a dispatcher: one that fails is said once, and what others store is found by polling.

import type { Dispatcher, Ring } from "../../dispatchers/dispatcher.ts";
import { inProcess } from "../../dispatchers/in-process.ts";
import type { Clock } from "../../realm/clock.ts";
import type { Logger } from "../telling/logger.ts";

/** Milliseconds after which it is rung again for what a transaction of the caller's has yet to commit. */
const again = [30, 100, 300, 1_000, 3_000, 10_000];

export class Doorbell {
  readonly #near = inProcess();
  readonly #far: Dispatcher | undefined;
  readonly #id: string;
  readonly #logger: Logger;
  #attending = 0;
  #said = false;
  #closed = false;
  #stop: (() => void) | undefined;
  /** What ends the timers that are set. */
  readonly #timers = new Set<() => void>();

  /** `id` is that of the engine. */
  constructor(far: Dispatcher | undefined, id: string, logger: Logger) {
    this.#far = far;
    this.#id = id;
    this.#logger = logger;
  }

  /** Somebody in this engine sees to what is due. */
  get isAttended(): boolean {
    return this.#attending > 0;
  }

  /** A worker or a tick; gives what ends it. */
  attend(heard: (ring: Ring) => void): () => void {
    const stop = this.#near.listen(heard);
    this.#attending++;
    return () => {
      this.#attending--;
      stop();
    };
  }

  /** Calls back for what rings here. */
  listen(heard: (ring: Ring) => void): void {
    this.#near.listen(heard);
  }

  /** For this process and the others. */
  ring(ring: Ring): void {
    this.tell(ring);
    if (this.#far === undefined) return;
    try {
      Promise.resolve(this.#far.ring({ ...ring, from: this.#id })).catch((error: unknown) => this.#failed(error));
    } catch (error) {
      this.#failed(error);
    }
  }

  /** The same, now and some times later: nobody tells when a transaction of the caller's is over, and before that there is nothing to be found. */
  ringUntilStored(ring: Ring, clock: Clock): void {
    this.ring(ring);
    for (const delay of again) {
      const end = clock.after(delay, () => {
        this.#timers.delete(end);
        this.ring(ring);
      });
      this.#timers.add(end);
    }
  }

  /** For this engine alone. */
  tell(ring: Ring): void {
    void this.#near.ring(ring);
  }

  /** From here on this engine hears the others. One that only starts runs and sends need not. */
  open(): void {
    if (this.#far === undefined || this.#stop !== undefined || this.#closed) return;
    this.#stop = () => {};
    try {
      this.#stop = this.#far.listen((ring) => this.#hear(ring), (error) => this.#failed(error));
    } catch (error) {
      this.#failed(error);
    }
  }

  close(): void {
    this.#closed = true;
    for (const end of this.#timers) end();
    this.#timers.clear();
    try {
      this.#stop?.();
    } catch (error) {
      this.#failed(error);
    }
  }

  /** What comes from outside may be anything. */
  #hear(given: unknown): void {
    if (this.#closed || typeof given !== "object" || given === null) return;
    const { queue, run, at, from } = given as Record<string, unknown>;
    if (from === this.#id) return;
    this.tell({
      ...(typeof queue === "string" ? { queue } : {}), ...(typeof run === "string" ? { run } : {}),
      ...(typeof at === "number" && !Number.isNaN(at) ? { at } : {}),
    });
  }

  #failed(error: unknown): void {
    if (this.#said) return;
    this.#said = true;
    this.#logger.warn(`The dispatcher failed; what other processes store is found by polling: ${String(error)}`, { error });
  }
}
