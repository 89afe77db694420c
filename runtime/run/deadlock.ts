// Strands that wait for each other and for nothing else. Natively such a program is over, though nothing of it has settled; a
// stored run would wait for ever.

import { Combinator } from "../promises/combinators.ts";
import { type DurablePromise, PENDING } from "../promises/durable.ts";
import { pristine } from "../realm/intrinsics.ts";
import { isOperation } from "./operations.ts";
import { sourcesOf, targetOf } from "../record/origins.ts";
import type { LiveRun } from "./step.ts";
import { Frame } from "../strands/strand.ts";

/**
 * Whether nothing that can still come moves any strand of a quiet run. Asked whenever it is quiet, so most runs are known by an operation that
 * a strand awaits, others by the first that moves something; only without one is everything looked at.
 */
export function isDeadlocked(run: LiveRun): boolean {
  for (const operation of run.operations.values()) if (isAwaited(operation)) return false;
  return pristine(() => nothingMoves(run));
}

function nothingMoves(run: LiveRun): boolean {
  const led = new Set<DurablePromise>();
  for (const operation of run.operations.values()) if (movesSomething(run, operation, led)) return false;
  const met = new Set<DurablePromise>();
  for (const { on } of run.strands) if (on === undefined || mayBeSettled(on, met)) return false;
  for (const promise of run.reactions) if (mayBeSettled(promise, met)) return false;
  if (run.ending === undefined) return !mayBeSettled(run.root, met);
  return run.compensation === undefined || !mayBeSettled(run.compensation, met);
}

/** Whether a strand waits for it, and not by way of others. */
function isAwaited(operation: DurablePromise): boolean {
  const reaction = operation.reactions?.[0];
  return reaction instanceof Frame && reaction.listed && reaction.on === operation;
}

/** Whether a strand, a callback or the run's end waits for it, at whatever distance. Nothing waits for what was `led` to before. */
function movesSomething(run: LiveRun, operation: DurablePromise, led: Set<DurablePromise>): boolean {
  const settling = [operation];
  for (let each = settling.pop(); each !== undefined; each = settling.pop()) {
    if (led.has(each) || each.state !== PENDING) continue;
    led.add(each);
    if (run.reactions.has(each) || (each === run.root && run.ending === undefined)) return true;
    for (const reaction of each.reactions ?? []) {
      if (reaction instanceof Frame && reaction.listed && reaction.on === each) return true;
      const target = targetOf(reaction);
      if (target !== undefined) settling.push(target);
    }
  }
  return false;
}

/** Whether an operation, or an ordinary promise, is behind it. What was `met` before has none. */
function mayBeSettled(promise: DurablePromise, met: Set<DurablePromise>): boolean {
  const waiting = [promise];
  for (const each of waiting) {
    const { by, state } = each;
    if (state !== PENDING) return true;
    if (met.has(each)) continue;
    met.add(each);
    if (by === undefined) continue;
    if (isOperation(by) || by.kind === "ordinary") return true;
    if (by instanceof Frame) waiting.push(...(by.on === undefined ? [] : [by.on]));
    else if (by instanceof Combinator && by.members.some(({ source, state }) => source === undefined && state === PENDING)) return true;
    else for (const source of sourcesOf(by)) waiting.push(source);
  }
  return false;
}
