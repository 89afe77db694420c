// Promises of the run in the hands of ordinary code. While they need only ordinary promises all is well; as soon as one waits
// for an operation, which ends with a commit that the ordinary code would not survive, its strand gets HeldByOrdinaryCode.

import { Combinator } from "./combinators.ts";
import { settledByRun } from "./hands.ts";
import { type DurablePromise, PENDING, REJECTED, settle } from "./durable.ts";
import { HeldByOrdinaryCodeError } from "../errors/run.ts";
import { pristine } from "../realm/intrinsics.ts";
import { isOperation, operationText } from "../run/operations.ts";
import { sourcesOf } from "../record/origins.ts";
import { placeOf } from "../strands/registry.ts";
import type { LiveRun } from "../run/step.ts";
import { Frame, throwInto } from "../strands/strand.ts";

export function rejectHeld(run: LiveRun): void {
  pristine(() => rejectStuck(run));
}

function rejectStuck(run: LiveRun): void {
  let found: ReadonlySet<DurablePromise> | undefined;
  const moves = othersMove(run);
  const ofRun = (deferred: DurablePromise): boolean => !moves && (found ??= settledByRun(run)).has(deferred);
  for (const promise of run.held) {
    if (promise.state !== PENDING || !isStuck(promise, ofRun)) continue;
    const { by } = promise;
    const wait = by instanceof Frame ? placeOf(by) : { flow: run.flow, point: isOperation(by) ? operationText(by) : undefined };
    const error = new HeldByOrdinaryCodeError(wait, promise.holder?.at ?? "", { runId: run.id });
    if (by instanceof Frame) throwInto(by, error);
    else settle(promise, REJECTED, error);
  }
}

/** Whether anything moves besides the strands that called the ordinary code, which may wait for that: it could settle any deferred promise. */
function othersMove(run: LiveRun): boolean {
  const callers = new Set<Frame>();
  for (const { holder } of run.held) if (holder?.caller instanceof Frame && holder.caller.listed && holder.caller.on === undefined) callers.add(holder.caller);
  return run.active > callers.size;
}

/** Whether nothing within the turn can settle it: all that it depends on waits, in the end for operations. */
function isStuck(promise: DurablePromise, ofRun: (deferred: DurablePromise) => boolean): boolean {
  const met = new Set([promise]);
  for (const each of met) {
    const { by, state } = each;
    if (state !== PENDING || by === undefined || by.kind === "ordinary") return false;
    if (by.kind === "deferred" && !ofRun(each)) return false;
    if (by instanceof Frame) {
      if (by.on === undefined) return false;
      met.add(by.on);
    } else if (by instanceof Combinator) {
      // A member without source is an ordinary promise.
      for (const { source, state } of by.members) {
        if (source !== undefined) met.add(source);
        else if (state === PENDING) return false;
      }
    } else for (const source of sourcesOf(by)) met.add(source);
  }
  return true;
}
