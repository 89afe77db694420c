// A worker: takes runs that are due from the store, and gives each its turns.
//
//   idle ── due, rung or polled ──► claim as many as there is room for ──► turns ──► room again ──► …
//   stop(): claims no more, and waits for the turns under way; those that take too long are given up, and their leases given back
//
// Runs are due by timers, letters, queued starts, and leases of processes that died. This engine's own commits ring, and with a dispatcher
// those of others; what nobody rang for is found by polling.

import { nextRound } from "../../realm/clock.ts";
import { type Duration, milliseconds } from "../../realm/duration.ts";
import { InvalidArgumentError } from "../../errors/run.ts";
import { advance } from "../turns/advance.ts";
import type { Core } from "../core.ts";
import { checkName } from "../names.ts";
import { claim } from "./claim.ts";
import type { Outage } from "./outages.ts";
import { postOutbox } from "./outbox.ts";

/** Of `engine.work`. */
export interface WorkOptions {
  /** How many runs at once, a whole number; default 10. */
  readonly concurrency?: number;
  /** Only runs started for these; default: all. */
  readonly queues?: readonly string[];
  /** How often to look for what other processes stored, and did not ring for; default 1 second. */
  readonly poll?: Duration;
}

/** Of `worker.stop`. */
export interface StopOptions {
  /**
   * After so long what is under way is given up: steps get their signal, and other workers go on from the last commits at once. A step that does not
   * heed its signal may still be under way when another makes it again, with the same key and a higher fence. Default: it is waited for, however long
   * steps take.
   */
  readonly within?: Duration;
}

/** Takes runs that are due from the store, and gives each its turns: `engine.work()`. */
export interface Worker {
  /** Claims no more; resolves when the turns under way are over. @throws InvalidArgument. */
  stop(options?: StopOptions): Promise<void>;
}

/** Milliseconds, after a store that failed once. */
const pauseAfterFailure = 1_000;

export class EngineWorker implements Worker {
  readonly #core: Core;
  readonly #concurrency: number;
  readonly #queues: readonly string[] | undefined;
  readonly #poll: number;
  readonly #turns = new Set<Promise<void>>();
  readonly #givesUp = new AbortController();
  readonly #done: Promise<void>;
  readonly #outage: Outage;
  readonly #leave: () => void;
  #stopped = false;
  /** A queue keeps runs back until others of it are over. */
  #withheld = false;
  #wakeAt = 0;
  #wake: (() => void) | undefined;

  constructor(core: Core, { concurrency = 10, queues, poll = "1 second" }: WorkOptions) {
    if (!(Number.isSafeInteger(concurrency) && concurrency >= 1)) throw new InvalidArgumentError("`concurrency`", String(concurrency), "a whole number from 1");
    for (const queue of queues ?? []) checkName("A queue", queue);
    this.#core = core;
    this.#concurrency = concurrency;
    this.#queues = queues;
    this.#poll = Math.max(1, milliseconds(poll, "`poll`"));
    this.#outage = core.outages.outage(Math.min(this.#poll, pauseAfterFailure));
    this.#leave = core.doorbell.attend(({ at, queue }) => {
      if (at !== undefined && (queue === undefined || queues === undefined || queues.includes(queue))) this.#ring(at);
    });
    core.doorbell.open();
    this.#done = this.#loop();
  }

  #ring(at: number): void {
    if (at >= this.#wakeAt) return;
    this.#wakeAt = at;
    this.#wake?.();
  }

  async stop({ within }: StopOptions = {}): Promise<void> {
    const time = within === undefined ? undefined : milliseconds(within, "`within`");
    this.#stopped = true;
    this.#leave();
    this.#wake?.();
    const cancel = time === undefined ? () => {} : this.#core.clock.after(time, () => this.#givesUp.abort());
    await this.#done;
    await Promise.all(this.#turns);
    cancel();
  }

  async #loop(): Promise<void> {
    while (!this.#stopped) {
      const now = this.#core.clock.now();
      this.#wakeAt = Infinity;
      const next = await this.#take().catch((error: unknown) => this.#failed(error));
      // A store in memory answers within the same round: a run that is due again at once would let nothing else happen.
      await nextRound();
      await this.#until(Math.min(this.#wakeAt, next ?? Infinity, now + this.#poll));
    }
  }

  /** Waits, whoever rings: a store that is away must not be asked at each ring of others. */
  async #failed(error: unknown): Promise<number> {
    const pause = this.#outage.failed("The store failed; the worker tries again", error);
    this.#wakeAt = -Infinity;
    if (!this.#stopped) await this.#pause(pause);
    return this.#core.clock.now();
  }

  /** Begins what is due. Gives when the next is. */
  async #take(): Promise<number | null> {
    const { clock, settings } = this.#core;
    // Beside the claim: however many messages there are, runs that are due do not wait for them. What they make due rings.
    postOutbox(this.#core);
    if (await this.#core.retention.sweep(this.#core)) this.#ring(clock.now());
    const limit = this.#concurrency - this.#turns.size;
    if (limit === 0) return null;
    const owner = this.#core.owner();
    const { runs, nextAt, withheld } = await claim(this.#core, {
      owner, now: clock.now(), duration: settings.lease, limit, flows: this.#core.claimable(), ...(this.#queues ? { queues: this.#queues } : {}),
    });
    this.#outage.works("The store answers again; the worker goes on");
    this.#withheld = withheld;
    for (const { id } of runs) this.#begin(id, owner);
    return this.#turns.size < this.#concurrency ? nextAt : null;
  }

  #begin(id: string, owner: string): void {
    const { logger } = this.#core;
    const { signal } = this.#givesUp;
    const turn = advance(this.#core, id, { owner, signal })
      .then(() => (signal.aborted ? this.#giveBack(id, owner) : undefined))
      .catch((error: unknown) => logger.error(`A turn of \`${id}\` could not be stored; it is made again when its lease has run out: ${String(error)}`, { runId: id, error }))
      .finally(() => {
        const wasFull = this.#turns.size === this.#concurrency;
        this.#turns.delete(turn);
        if (wasFull || this.#withheld) this.#ring(0);
      });
    this.#turns.add(turn);
  }

  /** If it is held still. */
  async #giveBack(id: string, owner: string): Promise<void> {
    await this.#core.store.extend([{ id, owner }], { now: this.#core.clock.now(), duration: 0 });
  }

  async #until(at: number): Promise<void> {
    if (this.#stopped || at <= this.#core.clock.now()) return;
    this.#wakeAt = at;
    await this.#pause(Math.min(Math.max(0, at - this.#core.clock.now()), this.#poll));
  }

  async #pause(milliseconds: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = this.#core.clock.after(milliseconds, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
    this.#wake = undefined;
  }
}
