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
import { readySteps, type Snapshot, type StepCall } from "../record/snapshot.ts";
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

/** What was asked of the host while steps run. */
interface Asked {
  /** Made when it is needed: aborting one costs as much as a short turn. */
  over: AbortController | undefined;
  arriving: Promise<void> | undefined;
  arrived: Input | undefined;
}

/** Runs one turn of a run that was just started, restored, or given input. Gives the run as it was committed last. */
export async function drive(run: LiveRun, host: Host): Promise<Snapshot> {
  const take = host.apart ? snapshotApart : snapshot;
  // Most turns have no step.
  let attempts: Attempts | undefined;
  let asked: Asked | undefined;
  try {
    for (;;) {
      run.conclude();
      await microtasksDone();
      // Most turns are quiet by now.
      if (!isQuiet(run)) await settled(run, host);
      if (attempts === undefined && readySteps(run).length > 0) attempts = new Attempts(host);
      attempts?.plan(run);
      const tx = attempts === undefined || host.holdSteps ? undefined : transactional(run);
      const taken = tx === undefined ? take(run) : await transact(run, tx, take, host.transactions, host.fence?.() ?? run.turn);
      if (taken === undefined) continue;
      if (tx === undefined) await host.commit(taken);
      if (host.reload && !taken.ended) {
        run.drop();
        run = restoreRun(taken.frame, run.env, taken.parts);
        host.goesOn?.(run);
      }
      if (attempts === undefined) return taken;
      attempts.keepOnly(run);
      attempts.start(run, host.fence?.() ?? run.turn);
      if (deliver(run)) continue;
      // Of those under way the commit may have withdrawn some, which makes room for others.
      if (attempts.plan(run)) continue;
      if (attempts.size === 0) return taken;
      await moved(run, host, attempts, asked ??= { over: undefined, arriving: undefined, arrived: undefined });
    }
  } finally {
    asked?.over?.abort();
    attempts?.abandon();
    host.over?.();
  }
}

/** Resolves when a result or more input has moved the run, whose steps are under way. */
async function moved(run: LiveRun, host: Host, attempts: Attempts, asked: Asked): Promise<void> {
  for (let changed = false; !changed;) {
    asked.arriving ??= host.next?.((asked.over ??= new AbortController()).signal).then((input) => {
      asked.arrived = input;
    });
    await Promise.race(asked.arriving === undefined ? [attempts.arrival()] : [attempts.arrival(), asked.arriving]);
    // What is ready together is committed together: timers that are due fire one by one.
    if (attempts.running > 0) await nextRound();
    const results = attempts.take();
    for (const { call, result } of results) if (input(run, result)) host.ended?.(run, call, result);
    changed = results.length > 0;
    const { arrived } = asked;
    // Only to the run as it was committed: its listens are known.
    if (changed || arrived === undefined) continue;
    // A second cancellation changes nothing: steps of the first one's cleanup go on.
    if ("cancel" in arrived && run.cancelled === undefined && run.ending === undefined) await attempts.leave(run, arrived.cancel);
    changed = offer(run, arrived, host);
    asked.arriving = asked.arrived = undefined;
  }
}

/** Quiet, and nothing that ordinary code has set off in the turn may still change what is to be stored. */
async function settled(run: LiveRun, host: Host): Promise<void> {
  let told = false;
  do {
    run.conclude();
    await microtasksDone();
    if (run.active === 0) continue;
    if (!told) host.moves?.(run);
    told = true;
    await run.quiet();
    await microtasksDone();
  } while (!isQuiet(run));
}

function isQuiet(run: LiveRun): boolean {
  if (run.active === 0) giveUpDeadlocked(run);
  return run.active === 0;
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
