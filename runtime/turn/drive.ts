// One turn: the loop that begin, resume and the engine share.
//
//   quiet ─► commit ─► start the steps the commit holds ─► wait for a result, or more input ─► quiet ─► …
//
// until a commit leaves no step to run. What is done for the run happens only after the commit that holds it; a commit that
// fails ends the turn, and what runs then is given up.

import type { Perform } from "./attempt.ts";
import { Attempts } from "./attempts.ts";
import { type Clock, microtasksDone, nextRound } from "../realm/clock.ts";
import { snapshot, snapshotApart } from "../record/frame.ts";
import { giveUpDeadlocked } from "../run/ending.ts";
import { type Input, input } from "../run/input.ts";
import { restoreRun } from "../record/restore.ts";
import type { Snapshot, StepCall } from "../record/snapshot.ts";
import type { LiveRun } from "../run/step.ts";
import { deliver, transact, transactional, type Transactions } from "./transaction.ts";

export interface Host {
  /** Bounds the attempts of steps. */
  readonly clock: Clock;
  /** With `reload`: the run goes on as this copy. */
  goesOn?(copy: LiveRun): void;
  /** The run waits for ordinary promises, and moves until the next commit; `drop` with a reason ends the turn. With `reload` each time another copy. */
  moves?(run: LiveRun): void;
  /** Stores the snapshot. What it throws ends the turn. */
  commit(snapshot: Snapshot): Promise<void>;
  /** The fencing token of the last commit; absent: the number of the turn. */
  fence?(): number;
  /** Carries out an attempt of a step; absent: calls its function. */
  readonly perform?: Perform | undefined;
  /** Makes commits that hold a step.tx; absent: such a step fails. */
  readonly transactions?: Transactions | undefined;
  /** How long steps may go on after their signal when the run is cancelled, in milliseconds; absent: not at all. */
  readonly graceTime?: number;
  /**
   * Resolves with input that comes while steps run: from the inbox, or a timer that falls due. Asked again after each;
   * `signal` aborts when the turn ends. Such input begins a new turn number.
   */
  next?(signal: AbortSignal): Promise<Input>;
  /** The run took what `next` gave. */
  took?(input: Input): void;
  /** The run was given what an attempt of a step came to. */
  ended?(run: LiveRun, step: StepCall, result: Input): void;
  /** The run did not take what `next` gave. */
  refused?(input: Input, error: unknown): void;
  /** The turn is over, however it ended. */
  over?(): void;
  /** The frames of large runs are in parts. */
  readonly apart?: boolean;
  /** After each commit the run goes on from a copy read back from its text. */
  readonly reload?: boolean;
  /** How many steps of the run are under way at once; 32 if absent. */
  readonly stepConcurrency?: number;
  /** Ends the turn before its first step; the next `drive` of the frame starts it. */
  readonly holdSteps?: boolean;
}

interface Driven {
  /** Quiet; with `reload` another one than was given. */
  readonly run: LiveRun;
  /** As it was committed last. */
  readonly snapshot: Snapshot;
}

/** Runs one turn of a run that was just started, restored, or given input. */
export async function drive(run: LiveRun, host: Host): Promise<Driven> {
  const take = host.apart ? snapshotApart : snapshot;
  const attempts = new Attempts(host);
  // Made when it is needed: aborting one costs as much as a short turn.
  let over: AbortController | undefined;
  let arriving: Promise<void> | undefined;
  let arrived: Input | undefined;
  try {
    for (;;) {
      await settled(run, host);
      attempts.plan(run);
      const tx = host.holdSteps ? undefined : transactional(run);
      const taken = tx === undefined ? take(run) : await transact(run, tx, take, host.transactions, host.fence?.() ?? run.turn);
      if (taken === undefined) continue;
      if (tx === undefined) await host.commit(taken);
      if (host.reload && !taken.ended) {
        run.drop();
        run = restoreRun(taken.frame, run.env, taken.parts);
        host.goesOn?.(run);
      }
      attempts.keepOnly(run);
      attempts.start(run, host.fence?.() ?? run.turn);
      if (deliver(run)) continue;
      // Of those under way the commit may have withdrawn some, which makes room for others.
      if (attempts.plan(run)) continue;
      if (attempts.size === 0) return { run, snapshot: taken };
      for (let changed = false; !changed;) {
        arriving ??= host.next?.((over ??= new AbortController()).signal).then((input) => {
          arrived = input;
        });
        await Promise.race(arriving === undefined ? [attempts.arrival()] : [attempts.arrival(), arriving]);
        // What is ready together is committed together: timers that are due fire one by one.
        if (attempts.running > 0) await nextRound();
        const results = attempts.take();
        for (const { call, result } of results) if (input(run, result)) host.ended?.(run, call, result);
        changed = results.length > 0;
        // Only to the run as it was committed: its listens are known.
        if (changed || arrived === undefined) continue;
        // A second cancellation changes nothing: steps of the first one's cleanup go on.
        if ("cancel" in arrived && run.cancelled === undefined && run.ending === undefined) await attempts.leave(run, arrived.cancel);
        changed = offer(run, arrived, host);
        arriving = arrived = undefined;
      }
    }
  } finally {
    over?.abort();
    attempts.abandon();
    host.over?.();
  }
}

/** Quiet, and nothing that ordinary code has set off in the turn may still change what is to be stored. */
async function settled(run: LiveRun, host: Host): Promise<void> {
  let told = false;
  do {
    run.conclude();
    await microtasksDone();
    // Most turns are quiet by now.
    if (run.active > 0) {
      if (!told) host.moves?.(run);
      told = true;
      await run.quiet();
      await microtasksDone();
    }
    if (run.active === 0) giveUpDeadlocked(run);
  } while (run.active > 0);
}

function offer(run: LiveRun, more: Input, host: Host): boolean {
  try {
    const changed = input(run, more);
    if (changed) host.took?.(more);
    return changed;
  } catch (error) {
    host.refused?.(more, error);
    return false;
  }
}
