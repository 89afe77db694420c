// Operations: what settles durable promises from outside the run. Each is plain data, save functions made in the flow.

import { InvalidArgumentError } from "../errors/run.ts";
import { OwnSet } from "../realm/intrinsics.ts";
import { type DurablePromise, type NativeHalf, newDurable, settle, type State } from "../promises/durable.ts";
import type { By } from "../promises/reactions.ts";
import type { RetryPolicy } from "./retry.ts";
import type { LiveRun } from "./step.ts";

export type Operation = Listen | Timer | Step | Callback | Effect;

interface Common {
  /** The operation's number in its run, from 1, in the order of the calls. */
  readonly seq: number;
  /** When it is due, in milliseconds since the epoch: a timer's deadline, a timeout, a step's next attempt. */
  at?: number | undefined;
}

interface Listen extends Common {
  readonly kind: "listen";
  readonly context: string;
  /** The hash of the permit that answers must carry. */
  readonly permit?: string | undefined;
  /** The timeout as it was written, for messages. */
  readonly timeout?: string | undefined;
  /** What a timeout gives; absent: TimeoutError. */
  readonly default?: { readonly value: unknown } | undefined;
  readonly prompt?: unknown;
  readonly metadata?: unknown;
  readonly label?: string | undefined;
}

export interface Timer extends Common {
  readonly kind: "timer";
  readonly at: number;
  /** Present: when due, it is rejected with a TimeoutError saying so. */
  readonly timeout?: string | undefined;
}

export interface Step extends Common {
  readonly kind: "step";
  readonly name: string;
  /** Of an activity `args` stand in its place. */
  readonly fn?: ((context: never) => unknown) | undefined;
  readonly args?: readonly unknown[] | undefined;
  /** The attempt to make next, or being made, from 1. */
  attempt: number;
  /** The commit that stores it does not begin it: there is no room, or the turn stops first. Without it the attempt may have begun. */
  held?: true | undefined;
  /** An attempt that its process did not finish is not made again. */
  readonly once?: true | undefined;
  /** It is made inside the store's transaction. */
  readonly tx?: true | undefined;
  /** It starts a child run, of which this becomes when its run is cancelled. */
  readonly child?: "cascade" | "wait" | undefined;
  /** Of a `tx`: it has happened, and the flow has not heard of it. */
  done?: { readonly value: unknown } | undefined;
  readonly retry?: RetryPolicy | undefined;
  /** Of one attempt, in milliseconds. */
  readonly timeout?: number | undefined;
  /** How long an attempt may be silent, in milliseconds. */
  readonly heartbeat?: number | undefined;
}

export interface Callback extends Common {
  readonly kind: "callback";
  readonly token: string;
  readonly timeout?: string | undefined;
  /** The context whose schema checks what comes. */
  readonly schema?: string | undefined;
}

/**
 * An operation that the engine carries out: it asks another run for its end. `name` says what for: "result" is what `result()` waits
 * for; "end" is nobody's, but a run that is cancelled does not end before it; of an activity of another queue it is that one's flow.
 */
export interface Effect extends Common {
  readonly kind: "effect";
  readonly name: string;
  readonly data: unknown;
}

const kinds: ReadonlySet<string> = new OwnSet<Operation["kind"]>(["listen", "timer", "step", "callback", "effect"]);

export function isOperation(by: By | undefined): by is Operation {
  return by !== undefined && kinds.has(by.kind);
}

/** The last time that a Date can hold. */
const latest = 8.64e15;

type New<O> = O extends Operation ? Omit<O, "seq"> : never;

/** Adds an operation to the run; it is the promise's whole origin. `details` were made for it, and become it. */
export function operate(run: LiveRun, details: New<Operation>): NativeHalf {
  const { at } = details;
  if (at !== undefined && !(Math.abs(at) <= latest)) throw new InvalidArgumentError(`The time of ${operationText({ ...details, seq: 0 } as Operation)}`, String(at), "one that a Date can hold, until the year 275760");
  const operation = details as New<Operation> & { seq: number };
  operation.seq = run.nextOperation++;
  const promise = newDurable(run, operation);
  run.operations.set(operation.seq, promise);
  return promise.native;
}

/** Ends an operation with its outcome. */
export function complete(promise: DurablePromise, state: State, value: unknown): void {
  const { by, run } = promise;
  if (isOperation(by)) run.operations.delete(by.seq);
  run.atRest = false;
  settle(promise, state, value);
}

/** A step's key: the same at each attempt. */
export function keyOf(runId: string, seq: number): string {
  return `${runId}:${seq}`;
}

/** What `keyOf` made it from. */
export function operationOf(key: string): { readonly run: string; readonly operation: number } {
  const colon = key.lastIndexOf(":");
  return { run: key.slice(0, colon), operation: Number(key.slice(colon + 1)) };
}

/** As authors wrote it, for messages: `listen(decision)`. */
export function operationText(operation: Operation): string {
  switch (operation.kind) {
    case "listen":
      return `listen(${operation.context})`;
    case "timer":
      return operation.timeout === undefined ? "sleep()" : "within()";
    case "step":
      return `step${operation.once ? ".once" : operation.tx ? ".tx" : ""}(${operation.name})`;
    case "callback":
      return "callback()";
    case "effect":
      return `${operation.name}()`;
  }
}
