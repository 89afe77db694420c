// What a strand waits for, in words of the source.

import { type DurablePromise, PENDING } from "../durable.ts";
import { isOperation, operationText } from "../operations.ts";

/** `listen(decision)`, `step(pay)`, `all of listen(a), sleep()`, `approve()` for another strand. */
export function waitText({ by }: DurablePromise): string {
  if (by === undefined) return "nothing any more";
  if (isOperation(by)) return operationText(by);
  if ("members" in by) return `${by.kind} of ${by.members.map(({ source, state }) => (source ? waitText(source) : state === PENDING ? "an ordinary promise" : "a settled one")).join(", ")}`;
  if (by.kind === "strand") return `${by.meta.name || by.meta.id}()`;
  return "source" in by ? waitText(by.source) : "an ordinary promise";
}
