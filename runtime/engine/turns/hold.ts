// A turn may hold on to ordinary promises, and nothing is stored until they settle.
//
//   1 second      said once for each place: the lines that hold it, and the lines that wait for the commit
//   turnTimeout   it is ended

import type { Clock } from "../../realm/clock.ts";
import { Combinator } from "../../promises/combinators.ts";
import { durationText } from "../../realm/duration.ts";
import { PENDING } from "../../promises/durable.ts";
import { AsyncActivation } from "../../values/generators/async.ts";
import { placeOf } from "../../strands/registry.ts";
import type { LiveRun } from "../../run/step.ts";
import type { Frame } from "../../strands/strand.ts";
import { timedOut, unstorable } from "../../turn/timeout.ts";
import type { Logger } from "../telling/logger.ts";
import { waitText } from "../telling/wait-text.ts";

/** A strand of a turn that is held. */
interface HeldStrand {
  readonly flow: string;
  /** `flows/approve.ts:12:9`; the file alone where the strand has not come to an await. */
  readonly at: string;
  /** What it awaits. */
  readonly waitsFor: string;
}

interface Holding {
  /** They await ordinary promises: nothing of the run is stored until those settle. */
  readonly holds: readonly HeldStrand[];
  /** They wait for operations: their steps begin, and their results and input come, only after the commit. */
  readonly waiting: readonly HeldStrand[];
}

/** Milliseconds. */
const long = 1_000;
/** Of many strands the first ones tell enough. */
const named = 5;
/** The places that were reported are remembered up to this number. */
const mostPlaces = 1_000;

/** What an engine has said already. */
export type Reported = Set<string>;

export class Hold {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #turnTimeout: number;
  readonly #reported: Reported;
  #cancel: () => void = () => {};

  constructor(clock: Clock, logger: Logger, turnTimeout: number, reported: Reported) {
    this.#clock = clock;
    this.#logger = logger;
    this.#turnTimeout = turnTimeout;
    this.#reported = reported;
  }

  /** The run moves, until `ends`. The time of steps does not count: a run that only waits for them does not move. */
  begins(run: LiveRun): void {
    this.ends();
    // One timer at a time: a turn sets one each time it moves.
    this.#cancel = this.#clock.after(Math.min(long, this.#turnTimeout), () => {
      const left = this.#turnTimeout - long;
      if (left <= 0) return this.#end(run);
      this.#cancel = this.#clock.after(left, () => this.#end(run));
      try {
        this.#report(run);
      } catch (error) {
        // Nobody else would catch it: this is a timer's.
        this.#logger.error(`What holds a turn of \`${run.flow}\` could not be told`, { runId: run.id, error });
      }
    });
  }

  ends(): void {
    this.#cancel();
  }

  #end(run: LiveRun): void {
    run.drop(timedOut(run, this.#turnTimeout));
  }

  #report(run: LiveRun): void {
    const { holds, waiting } = holdingOf(run);
    const places = holds.map(({ at }) => at).join();
    if (holds.length === 0 || this.#reported.has(places)) return;
    if (this.#reported.size < mostPlaces) this.#reported.add(places);
    const blocked = waiting.length === 0 ? "" : `; ${listed(waiting)} ${waiting.length > 1 ? "wait" : "waits"} for that`;
    const held = unstorable(run);
    const refused = held === undefined ? "" : `. It cannot be stored as it is: ${held}`;
    this.#logger.warn(
      `Nothing of \`${run.flow}\` has been stored for ${durationText(long)}: ${listed(holds)} ${holds.length > 1 ? "hold" : "holds"} its turn${blocked}${refused}. What takes long belongs in a step`,
      { runId: run.id, holds, waiting },
    );
  }
}

/** What keeps a run that moves from being stored, and whom. Steps come first among those: they have not begun, or nobody hears of them. */
function holdingOf(run: LiveRun): Holding {
  const strands = [...run.strands];
  const holds = strands.filter(isHolding);
  const waiting = strands.filter((frame) => frame.on !== undefined && !holds.includes(frame)).map((frame) => viewOf(frame));
  const isStep = ({ waitsFor }: HeldStrand): boolean => waitsFor.includes("step");
  return { holds: holds.map((frame) => viewOf(frame)), waiting: [...waiting.filter(isStep), ...waiting.filter((one) => !isStep(one))] };
}

/** It awaits an ordinary promise, itself or as a member of a combinator. */
function isHolding(frame: Frame): boolean {
  const { on } = frame;
  if (on === undefined) return !(frame instanceof AsyncActivation) || frame.state === "running" || frame.state === "draining";
  return on.by?.kind === "ordinary" || on.by?.kind === "deferred" || (on.by instanceof Combinator && on.by.members.some(({ source, state }) => source === undefined && state === PENDING));
}

function viewOf(frame: Frame): HeldStrand {
  const { flow, at } = placeOf(frame);
  const { on } = frame;
  return { flow, at: at ?? frame.meta.file, waitsFor: on === undefined ? "an ordinary promise" : waitText(on) };
}

function listed(strands: readonly HeldStrand[]): string {
  const texts = strands.slice(0, named).map(({ flow, at, waitsFor }) => `\`${flow}\` at ${waitsFor} (${at})`);
  const more = strands.length - texts.length;
  return more === 0 ? texts.join(", ") : `${texts.join(", ")} and ${more} more`;
}
