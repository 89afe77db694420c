// How a run ends.
//
//   root settles, or a rejection nobody waits for ──► strands that still wait get CancelledError, once, youngest first
//   ──► their `finally`s run; unwatched steps are completed ──► failed or cancelled: compensations, last one first ──► ended
//
// Strands that do not end are dropped at the deadline. A compensation has none; one that fails does not keep the others back.

import { isDeadlocked } from "./deadlock.ts";
import { type DurablePromise, FULFILLED, newDurable, PENDING, REJECTED, resolve, settle } from "../promises/durable.ts";
import { isDeflowError } from "../errors/error.ts";
import { CancelledError } from "../errors/flow.ts";
import { CompensationFailedError, DeadlockError, KilledError, UnhandledRejectionError } from "../errors/run.ts";
import { complete, isOperation } from "./operations.ts";
import { sourcesOf } from "../record/origins.ts";
import { Finally, queue, Then } from "../promises/reactions.ts";
import { placeOf } from "../strands/registry.ts";
import type { LiveRun } from "./step.ts";
import { throwInto } from "../strands/strand.ts";

export type Ending =
  | { readonly status: "completed"; readonly value: unknown }
  | { readonly status: "failed" | "cancelled" | "killed"; readonly error: unknown };

const minute = 60_000;

/** Called when nothing moves: takes the run one rule further. */
export function advance(run: LiveRun): void {
  judgeUnhandled(run);
  if (run.ending === undefined && run.root.state !== PENDING) close(run, rootEnding(run));
  if (run.ending === undefined || run.active > 0) return;
  if (run.compensation !== undefined && !concludeCompensation(run, run.compensation)) return;
  if (run.active > 0 || run.strands.size > 0 || hasUnwatchedStep(run)) return;
  run.deadline = undefined;
  if (run.ending.status !== "completed" && run.compensations.length > 0) compensateNext(run);
  else end(run);
}

/** Asks the run to end; throws CancelledError into its waits. */
export function cancelRun(run: LiveRun, reason: string | undefined): void {
  run.cancelled = { reason, upTo: run.nextOperation - 1 };
  run.deadline = run.env.now() + (run.env.cancelTimeout ?? minute);
  throwIntoWaits(run, reason);
}

/**
 * Gives up the strands of a quiet run that wait for nothing but each other: natively nothing of them would run either. Where the
 * root is among them, the run has failed; where they are a compensation's, that has.
 */
export function giveUpDeadlocked(run: LiveRun): void {
  const cancelling = run.ending === undefined && run.deadline !== undefined;
  if (run.ended || cancelling || !isDeadlocked(run) || hasUnwatchedStep(run)) return;
  const places = [...run.strands].slice(0, named).map((frame) => placeOf(frame));
  const error = new DeadlockError(run.flow, places, { runId: run.id });
  run.ending ??= { status: "failed", error };
  if (run.compensation !== undefined) settle(run.compensation, REJECTED, error);
  run.limit = undefined;
  drop(run);
  advance(run);
}

/** Of many strands the first ones tell enough. */
const named = 10;

/** Ends it now; nothing in the flow runs. */
export function kill(run: LiveRun, error: unknown): void {
  run.ending = { status: "killed", error };
  end(run);
}

/** The deadline has come: what a cancelled root still does is killed; what is left after an end is dropped. */
export function overdue(run: LiveRun): void {
  if (run.ending === undefined) return kill(run, new KilledError("it went on past its deadline", { runId: run.id }));
  run.deadline = undefined;
  const ends = run.cancelled === undefined ? [] : [...run.operations].filter(([, promise]) => isEndOfChild(promise));
  drop(run);
  // Nothing of the flow is left; children have no deadline of their parent's.
  for (const [seq, promise] of ends) run.operations.set(seq, promise);
}

function drop(run: LiveRun): void {
  run.strands.clear();
  run.operations.clear();
  run.reactions.clear();
}

function end(run: LiveRun): void {
  drop(run);
  run.compensations.length = 0;
  run.deadline = undefined;
  run.limit = undefined;
  run.ended = true;
}

function rootEnding(run: LiveRun): Ending {
  const { state, value } = run.root;
  if (state === FULFILLED) return { status: "completed", value };
  const cancellation = run.cancelled === undefined ? undefined : cancellationIn(value);
  return cancellation === undefined ? { status: "failed", error: value } : { status: "cancelled", error: cancellation };
}

/** It may have come by Promise.any, which gives all reasons in one. */
function cancellationIn(error: unknown): unknown {
  const met = new Set([error]);
  for (const each of met) {
    if (isDeflowError(each, "CANCELLED")) return each;
    if (each instanceof AggregateError && Array.isArray(each.errors)) for (const reason of each.errors as unknown[]) met.add(reason);
  }
  return undefined;
}

function close(run: LiveRun, ending: Ending): void {
  run.ending = ending;
  // It is the root's: compensations take the time they need.
  run.limit = undefined;
  run.deadline ??= run.env.now() + (run.env.closeTimeout ?? minute);
  throwIntoWaits(run, "the run is over");
}

/**
 * Once into every strand that waits on an operation; those that wait for such strands follow by themselves. A wait on an operation by way
 * of `then` and `finally` is told through them, so that their callbacks run.
 */
function throwIntoWaits(run: LiveRun, reason: string | undefined): void {
  if (run.strands.size > 0) throwIntoStrands(run, reason);
  rejectOperations(run, reason);
}

function throwIntoStrands(run: LiveRun, reason: string | undefined): void {
  for (const frame of [...run.strands].reverse()) {
    const { on } = frame;
    if (on === undefined || on.state !== PENDING || !isThrownInto(on)) continue;
    const first = beforeReactions(on);
    const error = new CancelledError(reason, { runId: run.id });
    if (first !== on && (isOperation(first.by) || first.by?.kind === "deferred")) complete(first, REJECTED, error);
    else throwInto(frame, error);
  }
}

/** What a chain of `then` and `finally` begins with. */
function beforeReactions(promise: DurablePromise): DurablePromise {
  let first = promise;
  while (first.by instanceof Then || first.by instanceof Finally) first = first.by.source;
  return first;
}

/** Where the root returned the promise of an operation no strand is left that could be told. */
function rejectOperations(run: LiveRun, reason: string | undefined): void {
  if (run.operations.size === 0) return;
  const operations = behind(run.root).filter(({ by }) => isOperation(by));
  if (operations.length === 0) return;
  const error = new CancelledError(reason, { runId: run.id });
  for (const pending of operations) complete(pending, REJECTED, error);
}

/** Whether a wait on it is one on an operation, or on a deferred promise, whose strand may be over by then: directly or through combinators and reactions, but not through a strand. */
function isThrownInto(promise: DurablePromise): boolean {
  return behind(promise).some(({ by }) => isOperation(by) || by?.kind === "deferred");
}

/** The pending promises that it depends on, itself included, up to strands. Chains may be long, and two may follow each other. */
function behind(promise: DurablePromise): readonly DurablePromise[] {
  const met = new Set([promise]);
  for (const { by, state } of met) if (state === PENDING) for (const source of sourcesOf(by)) met.add(source);
  return [...met].filter(({ state }) => state === PENDING);
}

/** As Node does: a rejection that nobody waits for is the failure of the whole. Cancelled strands of an ending run are no news. */
function judgeUnhandled(run: LiveRun): void {
  for (const promise of run.unhandled) {
    run.unhandled.delete(promise);
    if (promise.handled || run.ending !== undefined) continue;
    if (run.cancelled !== undefined && cancellationIn(promise.value) !== undefined) continue;
    const error = new UnhandledRejectionError(`A promise of \`${run.flow}\``, promise.value, { runId: run.id });
    close(run, { status: "failed", error });
  }
}

/**
 * Whether its run completes an operation though nobody may wait for it: a step that was started and never awaited, not one that lost a
 * race. After a cancellation also the start of a child whose end the run waits for then.
 */
export function isCompleted({ cancelled }: LiveRun, { by, handled }: DurablePromise): boolean {
  if (!isOperation(by)) return false;
  if (by.kind === "step") return !handled || (cancelled !== undefined && by.child === "wait");
  return by.kind === "effect" && !handled;
}

/** Whether the run may not end yet. Ends of children hold up only the end of a run that was cancelled. */
function hasUnwatchedStep(run: LiveRun): boolean {
  for (const promise of run.operations.values()) {
    if (isCompleted(run, promise) && (run.cancelled !== undefined || !isEndOfChild(promise))) return true;
  }
  return false;
}

function isEndOfChild({ by }: DurablePromise): boolean {
  return isOperation(by) && by.kind === "effect" && by.name === "end";
}

function compensateNext(run: LiveRun): void {
  const compensate = run.compensations.pop() as () => unknown;
  const promise = newDurable(run, undefined);
  promise.handled = true;
  run.compensation = promise;
  run.compensated = true;
  queue(run, () => {
    try {
      resolve(promise, compensate());
    } catch (error) {
      settle(promise, REJECTED, error);
    }
  });
}

/** Gives false while it goes on. */
function concludeCompensation(run: LiveRun, promise: DurablePromise): boolean {
  if (promise.state === PENDING) return false;
  run.compensation = undefined;
  const ending = run.ending as Extract<Ending, { error: unknown }>;
  if (promise.state === REJECTED) run.ending = { status: "failed", error: compensationFailed(run, ending.error, promise.value) };
  if (run.strands.size > 0) {
    run.deadline = run.env.now() + (run.env.closeTimeout ?? minute);
    throwIntoWaits(run, "the compensation is over");
  }
  return true;
}

function compensationFailed(run: LiveRun, error: unknown, reason: unknown): CompensationFailedError {
  if (!isDeflowError(error, "COMPENSATION_FAILED")) return new CompensationFailedError([reason], { runId: run.id, cause: error });
  return new CompensationFailedError([...(error as CompensationFailedError).errors, reason], { runId: run.id, cause: error.cause });
}
