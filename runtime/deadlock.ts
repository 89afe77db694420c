// Strands that wait for each other and for nothing else. Natively such a program is over, though nothing of it has settled; a
// stored run would wait for ever.

import { Combinator } from "./combinators.ts";
import { type DurablePromise, PENDING } from "./durable.ts";
import { isOperation } from "./operations.ts";
import { sourcesOf } from "./origins.ts";
import type { LiveRun } from "./step.ts";
import { Frame } from "./strand.ts";

/** Whether nothing that can still come moves any strand of a quiet run. */
export function isDeadlocked(run: LiveRun): boolean {
  const met = new Set<DurablePromise>();
  for (const { on } of run.strands) if (on === undefined || mayBeSettled(on, met)) return false;
  for (const promise of run.reactions) if (mayBeSettled(promise, met)) return false;
  if (run.ending === undefined) return !mayBeSettled(run.root, met);
  return run.compensation === undefined || !mayBeSettled(run.compensation, met);
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
