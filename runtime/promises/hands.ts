// Who can settle a `new Promise` that strands wait for.
//
//   a strand that goes on by itself reaches a resolving function   the run can be stored, and settles it in a later turn
//   nothing does                                                   ordinary code has it, a timer for instance: the turn waits for that
//
// What goes on by itself waits for operations, or for what such strands settle. That somebody reaches a function is found by writing
// what can move: the walk of the encoder is what a stored run would have.

import { Combinator, Member } from "./combinators.ts";
import { type DurablePromise, PENDING } from "./durable.ts";
import { isDeflowError } from "../errors/error.ts";
import { resolversIn } from "../record/frame.ts";
import { AsyncActivation } from "../values/generators/async.ts";
import { pristine } from "../realm/intrinsics.ts";
import { targetOf } from "../record/origins.ts";
import type { Reaction } from "./reactions.ts";
import type { LiveRun } from "../run/step.ts";
import { Frame } from "../strands/strand.ts";

/** Whether a strand of a run in which nothing moves waits for what only ordinary code can settle. */
export function waitsForOrdinary(run: LiveRun): boolean {
  // Once the flow has returned, whoever is left is cancelled as at an operation.
  if (run.ending === undefined && run.root.state !== PENDING) return false;
  return run.deferred.size > 0 && pristine(() => {
    const awaited = [...run.deferred].filter((promise) => isShared(promise) && isAwaited(run, promise));
    if (awaited.length === 0) return false;
    const own = reached(run);
    return awaited.some((promise) => !own.has(promise));
  });
}

/** Ordinary code may have a resolving function. */
function isShared({ by }: DurablePromise): boolean {
  return by?.kind === "deferred" && !by.own;
}

/** Whether a strand waits for it, or the run's end, at whatever distance. */
function isAwaited(run: LiveRun, promise: DurablePromise): boolean {
  const met = new Set([promise]);
  for (const each of met) {
    if (each === run.root && run.ending === undefined) return true;
    if (each === run.compensation) return true;
    for (const reaction of each.reactions ?? []) {
      if (reaction instanceof Frame && reaction.listed && reaction.on === each) return true;
      const target = targetOf(reaction);
      if (target?.state === PENDING) met.add(target);
    }
  }
  return false;
}

/** The pending deferred promises with a resolving function that is reached by what goes on by itself. */
export function settledByRun(run: LiveRun): ReadonlySet<DurablePromise> {
  return pristine(() => reached(run));
}

const none: ReadonlySet<never> = new Set<never>();

function reached(run: LiveRun): ReadonlySet<DurablePromise> {
  // Most have none: nothing goes on by itself then.
  if (run.operations.size === 0) return none;
  const moving = new Moving(run.operations.values());
  const own = new Set<DurablePromise>();
  for (;;) {
    const before = own.size;
    for (const promise of found(run, moving)) {
      own.add(promise);
      moving.follow(promise);
    }
    if (own.size === before) return own;
  }
}

function found(run: LiveRun, { strands, promises }: Moving): Iterable<DurablePromise> {
  try {
    return resolversIn(run, [...run.strands].filter((frame) => strands.has(frame)), [...run.operations.values(), ...run.reactions].filter((promise) => promises.has(promise)));
  } catch (error) {
    // What cannot be stored is told by the commit.
    if (isDeflowError(error, "NOT_SERIALIZABLE") || isDeflowError(error, "TOO_LARGE")) return run.deferred;
    throw error;
  }
}

/** What goes on once operations end. */
class Moving {
  readonly promises = new Set<DurablePromise>();
  readonly strands = new Set<Frame>();

  constructor(operations: Iterable<DurablePromise>) {
    for (const promise of operations) this.follow(promise);
  }

  follow(first: DurablePromise): void {
    const waiting = [first];
    for (const promise of waiting) {
      if (promise.state !== PENDING || this.promises.has(promise)) continue;
      this.promises.add(promise);
      for (const reaction of promise.reactions ?? []) waiting.push(...this.#moved(reaction, promise));
    }
  }

  #moved(reaction: Reaction, source: DurablePromise): readonly DurablePromise[] {
    if (reaction instanceof Frame) {
      if (!reaction.listed || reaction.on !== source) return [];
      this.strands.add(reaction);
      return reaction instanceof AsyncActivation ? reaction.queue.map(({ promise }) => promise) : [reaction.promise];
    }
    if (reaction instanceof Member && !this.#settles(reaction.combinator)) return [];
    const target = targetOf(reaction);
    return target === undefined ? [] : [target];
  }

  #settles({ kind, members }: Combinator): boolean {
    return kind !== "allSettled" || members.every(({ state, source }) => state !== PENDING || (source !== undefined && this.promises.has(source)));
  }
}
