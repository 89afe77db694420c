// What comes to a run while its steps run: letters from the inbox, timers that fall due. Of one turn.
//
//   next ──► given ──► taken: consumed with the commit that holds what came of it
//                  └─► refused: consumed with the next one, and its sender told

import { pause } from "../../realm/clock.ts";
import { isDeflowError } from "../../errors/error.ts";
import type { Input } from "../../run/input.ts";
import type { Progress } from "./change.ts";
import { Conflict } from "./conflict.ts";
import type { Core } from "../core.ts";
import { pickLetter, refusal } from "./inbox.ts";
import type { Journal } from "./journal.ts";
import { read } from "./messages.ts";
import type { Refused } from "./record.ts";

/** After a store that failed, in milliseconds. */
const pauseAfterFailure = 1_000;

export class Arrivals {
  readonly #core: Core;
  readonly #progress: Progress;
  readonly #journal: Journal;
  /** A letter given to the run by `next`, until a commit holds what came of it. */
  #given: { readonly seq: number; readonly eventId: string | null; readonly turn: number } | undefined;
  #isLost = false;
  #news = false;
  #ring: (() => void) | undefined;

  constructor(core: Core, progress: Progress, journal: Journal) {
    this.#core = core;
    this.#progress = progress;
    this.#journal = journal;
  }

  /** Another has the run: nothing more comes. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** The run is at this turn: what was given before has begun it. */
  reached(turn: number): void {
    if (this.#given !== undefined && turn > this.#given.turn) this.#take();
  }

  async next(signal: AbortSignal): Promise<Input> {
    // Asked again: what was given last time has reached the run.
    if (this.#given !== undefined) this.#take();
    const progress = this.#progress;
    for (;;) {
      if (this.#isLost) throw new Conflict("leased", false);
      if (this.#news && !await this.#reload()) await pause(this.#core.clock, pauseAfterFailure, signal);
      const open = progress.inbox.filter(({ seq }) => !progress.consumed.includes(seq));
      const { found, refused, foreign } = await pickLetter(this.#core, open, progress.state.waits ?? []);
      for (const { seq, entry } of refused) this.#refuse(seq, entry);
      if (signal.aborted) return new Promise<never>(() => {});
      if (found) {
        this.#given = { ...found, turn: progress.state.turn ?? 0 };
        return found.input;
      }
      const due = foreign === undefined ? progress.state.nextAt : undefined;
      if (due !== undefined && due <= this.#core.clock.now()) return { fire: this.#core.clock.now() };
      await this.#rung(due, signal);
    }
  }

  took(input: Input): void {
    this.#journal.took(input, this.#progress.state.waits ?? [], this.#given?.eventId);
  }

  refused(error: unknown): void {
    const message = this.#progress.inbox.find(({ seq }) => seq === this.#given?.seq);
    this.#given = undefined;
    if (!message) return;
    const letter = read(this.#core, message);
    // A commit has come between: the run listens no more, but it may again.
    if (isDeflowError(error, "NOT_LISTENING") && letter.kind === "event" && !letter.strict) return;
    this.#refuse(message.seq, refusal(this.#core, message, letter, error));
  }

  /** There may be letters that were not seen yet. */
  ring(): void {
    this.#news = true;
    this.#ring?.();
  }

  /** Another has the run. */
  lose(): void {
    this.#isLost = true;
    this.#ring?.();
  }

  #refuse(seq: number, entry: Refused): void {
    this.#progress.consumed.push(seq);
    this.#progress.refused.push(entry);
    this.#journal.refused(entry);
  }

  /** What was given has reached the run. */
  #take(): void {
    if (this.#given === undefined) return;
    this.#progress.consumed.push(this.#given.seq);
    this.#progress.event = this.#given.eventId ?? undefined;
    this.#given = undefined;
  }

  /** False: the store failed, which is no reason to give up steps that are under way. */
  async #reload(): Promise<boolean> {
    const { id, version } = this.#progress;
    this.#news = false;
    try {
      const row = await this.#core.store.load(id, undefined, []);
      // A commit has come between: what it consumed would come back.
      if (version !== this.#progress.version) this.#news = true;
      else if (!row || row.wake?.owner !== this.#progress.owner) this.lose();
      else Object.assign(this.#progress, { inbox: row.inbox, loaded: row.delivered });
      return true;
    } catch (error) {
      this.#news = true;
      this.#core.logger.warn(`Letters to \`${id}\` could not be read; it is tried again: ${String(error)}`, { runId: id, error });
      return false;
    }
  }

  async #rung(due: number | undefined, signal: AbortSignal): Promise<void> {
    if (this.#news || this.#isLost || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const cancel = due === undefined ? () => {} : this.#core.clock.after(Math.max(0, due - this.#core.clock.now()), resolve);
      this.#ring = () => {
        cancel();
        resolve();
      };
      signal.addEventListener("abort", this.#ring, { once: true });
    });
    if (this.#ring) signal.removeEventListener("abort", this.#ring);
    this.#ring = undefined;
  }
}
