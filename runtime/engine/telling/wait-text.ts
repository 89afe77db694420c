// What a strand waits for, in words of the source.

import { type DurablePromise, PENDING } from "../../promises/durable.ts";
import { isOperation, operationText } from "../../run/operations.ts";

/** A chain of `then` may have any length, and one that waits for itself has no end: so many promises are looked at in all. */
const mostPromises = 100_000;
/** Combinators within combinators, and members of each. */
const deepest = 3;
const mostMembers = 10;

/** `listen(decision)`, `step(pay)`, `all of listen(a), sleep()`, `approve()` for another strand. */
export function waitText(promise: DurablePromise): string {
  return textOf(promise, { left: mostPromises }, 0);
}

function textOf(promise: DurablePromise, looked: { left: number }, depth: number): string {
  let { by } = promise;
  for (; looked.left > 0; looked.left--) {
    if (by === undefined) return "nothing any more";
    if (isOperation(by)) return operationText(by);
    if ("members" in by) {
      if (depth === deepest) break;
      const named = by.members.slice(0, mostMembers).map(({ source, state }) => (source ? textOf(source, looked, depth + 1) : state === PENDING ? "an ordinary promise" : "a settled one"));
      const more = by.members.length - named.length;
      return `${by.kind} of ${named.join(", ")}${more === 0 ? "" : ` and ${more} more`}`;
    }
    if (by.kind === "strand") return `${by.meta.name || by.meta.id}()`;
    if (by.kind === "deferred") return "new Promise()";
    if (!("source" in by)) return "an ordinary promise";
    ({ by } = by.source);
  }
  return "…";
}
