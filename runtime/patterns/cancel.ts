// cancel(): ends a strand, or what a combinator waits for.

import { Combinator } from "../promises/combinators.ts";
import { type DurablePromise, durableOf, PENDING, REJECTED, settle } from "../promises/durable.ts";
import { CancelledError } from "../errors/flow.ts";
import { InvalidArgumentError } from "../errors/run.ts";
import { complete, isOperation } from "../run/operations.ts";
import { Frame, wake } from "../strands/strand.ts";

/**
 * Throws CancelledError into the wait of the strand behind `promise`, down to the strand that waits on an operation; its
 * `finally`s run. An operation is rejected at once. A promise that is settled, or whose strand moves, is left alone.
 * @throws InvalidArgumentError for an ordinary promise.
 */
export function cancel(promise: PromiseLike<unknown>, reason?: string): void {
  const own = durableOf(promise);
  if (own === undefined) throw new InvalidArgumentError("The argument of cancel()", "an ordinary promise", "the promise of a flow, an operation or a combinator");
  cancelled(own, reason, new Set());
}

function cancelled(promise: DurablePromise, reason: string | undefined, seen: Set<DurablePromise>): boolean {
  const { by, state } = promise;
  if (state !== PENDING || by === undefined || seen.has(promise)) return false;
  seen.add(promise);
  const error = new CancelledError(reason, { runId: promise.run.id });
  if (isOperation(by)) {
    complete(promise, REJECTED, error);
    return true;
  }
  if (by instanceof Combinator) {
    const sources = by.members.flatMap(({ source }) => source ?? []);
    return sources.filter((source) => cancelled(source, reason, seen)).length > 0;
  }
  if (by instanceof Frame) {
    if (by.on === undefined) return false;
    if (reachesStrand(by.on, new Set())) return cancelled(by.on, reason, seen);
    wake(by, REJECTED, error);
    return true;
  }
  if (by.kind === "ordinary") return false;
  if (by.kind === "deferred") {
    settle(promise, REJECTED, error);
    return true;
  }
  const { source } = by;
  if (!cancelled(source, reason, seen)) settle(promise, REJECTED, error);
  return true;
}

/** Whether a strand is waited for, which then gets the exception first. */
function reachesStrand(promise: DurablePromise, seen: Set<DurablePromise>): boolean {
  const { by } = promise;
  if (by === undefined || seen.has(promise)) return false;
  seen.add(promise);
  if (by instanceof Frame) return true;
  if (by instanceof Combinator) return by.members.some(({ source }) => source !== undefined && reachesStrand(source, seen));
  return "source" in by && reachesStrand(by.source, seen);
}
