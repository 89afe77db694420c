// Promises of the run in the hands of ordinary code. While they need only ordinary promises all is well; as soon as one waits
// for an operation, which ends with a commit that the ordinary code would not survive, its strand gets HeldByOrdinaryCode.

import { Combinator } from "./combinators.ts";
import { type DurablePromise, PENDING, REJECTED, settle } from "./durable.ts";
import { HeldByOrdinaryCodeError } from "./errors/run.ts";
import { isOperation, operationText } from "./operations.ts";
import { placeOf } from "./registry.ts";
import type { LiveRun } from "./step.ts";
import { Frame, wake } from "./strand.ts";

export function rejectHeld(run: LiveRun): void {
  for (const promise of run.held) {
    if (promise.state !== PENDING || !stuck(promise, new Set())) continue;
    const { by } = promise;
    const wait = by instanceof Frame ? placeOf(by) : { flow: run.flow, point: isOperation(by) ? operationText(by) : undefined };
    const error = new HeldByOrdinaryCodeError(wait, promise.holder ?? "", { runId: run.id });
    if (by instanceof Frame) wake(by, REJECTED, error);
    else settle(promise, REJECTED, error);
  }
}

/** Whether nothing within the turn can settle it. */
function stuck(promise: DurablePromise, seen: Set<DurablePromise>): boolean {
  if (promise.state !== PENDING) return false;
  if (seen.has(promise)) return true;
  seen.add(promise);
  const { by } = promise;
  if (by === undefined) return false;
  if (by instanceof Frame) return by.on !== undefined && stuck(by.on, seen);
  if (by instanceof Combinator) {
    return by.members.every((member) => member.state !== PENDING || (member.source !== undefined && stuck(member.source, seen)));
  }
  switch (by.kind) {
    case "then":
    case "finally":
    case "pass":
    case "follow":
      return stuck(by.source, seen);
    case "ordinary":
      return false;
    default:
      return true;
  }
}
