// What comes to a quiet run from outside. Whatever is refused throws before anything has changed.

import { rulesOf } from "./activities.ts";
import { FULFILLED, REJECTED, type DurablePromise, type State } from "../promises/durable.ts";
import { cancelRun, kill, overdue } from "./ending.ts";
import { StepOutcomeUnknownError, TimeoutError } from "../errors/flow.ts";
import { InvalidArgumentError, KilledError, NotListeningError, RunEndedError, WrongPermitError } from "../errors/run.ts";
import { deflowError } from "../errors/classes.ts";
import { complete, keyOf, operate, type Operation, operationText } from "./operations.ts";
import { nextAttemptAt } from "./retry.ts";
import type { LiveRun } from "./step.ts";
import { isSameHash, tokenHash } from "./token.ts";

export type Input =
  /** `data` has passed the schema: see `checkInput`. `permit` is the hash. */
  | { readonly event: string; readonly data: unknown; readonly permit?: string | undefined }
  /** Time has come to this: all that is due by then happens, in order. */
  | { readonly fire: number }
  /**
   * The operation of this number ended: a step's attempt, or what an engine does. The value must be the run's own copy. `timedOut`: the
   * attempt was given up, and may still be under way.
   */
  | { readonly result: number; readonly value: unknown }
  | { readonly result: number; readonly error: unknown; readonly timedOut?: true }
  /** By a callback's token hash. */
  | { readonly settle: string; readonly data: unknown }
  | { readonly cancel: string | undefined }
  | { readonly kill: string };

/** Gives input to a quiet run; then wait for `quiet()` again. Gives false if it changes nothing: no timer is due, a late result. */
export function input(run: LiveRun, input: Input): boolean {
  if (run.ended) throw new RunEndedError(run.ending?.status ?? "over", { runId: run.id });
  const changed = given(run, input);
  if (changed) run.atRest = false;
  return changed;
}

function given(run: LiveRun, input: Input): boolean {
  if ("event" in input) return event(run, input.event, input.data, input.permit);
  if ("fire" in input) return fire(run, input.fire);
  if ("result" in input) return "error" in input ? failed(run, input.result, input.error, input.timedOut) : succeeded(run, input.result, input.value);
  if ("settle" in input) return settled(run, input.settle, input.data);
  if ("cancel" in input) return cancelled(run, input.cancel);
  kill(run, new KilledError(input.kill, { runId: run.id }));
  return true;
}

function beginTurn(run: LiveRun): void {
  run.turn++;
  run.responses = [];
}

/** The promise of the first listen that takes an event, by the hash of its permit; throws NotListeningError, WrongPermitError. */
export function listenerFor(run: LiveRun, context: string, permit: string | undefined): DurablePromise {
  const listening: string[] = [];
  let known = false;
  for (const promise of run.operations.values()) {
    const by = promise.by as Operation;
    if (by.kind !== "listen") continue;
    listening.push(by.context);
    if (by.context !== context) continue;
    known = true;
    if (by.permit === undefined || (permit !== undefined && isSameHash(by.permit, permit))) return promise;
  }
  throw known
    ? new WrongPermitError(context, { runId: run.id })
    : new NotListeningError(context, [...new Set(listening)], { runId: run.id });
}

function event(run: LiveRun, context: string, data: unknown, permit: string | undefined): boolean {
  const promise = listenerFor(run, context, permit);
  beginTurn(run);
  complete(promise, FULFILLED, data);
  return true;
}

function settled(run: LiveRun, hash: string, data: unknown): boolean {
  for (const promise of run.operations.values()) {
    const by = promise.by as Operation;
    if (by.kind !== "callback" || !isSameHash(tokenHash(by.token), hash)) continue;
    beginTurn(run);
    complete(promise, FULFILLED, data);
    return true;
  }
  throw deflowError("UNKNOWN_TOKEN", {}, { runId: run.id });
}

/** When a run next wants `fire`; undefined: only input from others moves it. */
export function nextAt(run: LiveRun): number | undefined {
  let next = run.deadline ?? run.limit?.at;
  for (const { by } of run.operations.values()) {
    const { at } = by as Operation;
    if (at !== undefined && (next === undefined || at < next)) next = at;
  }
  return next;
}

function fire(run: LiveRun, now: number): boolean {
  const over = run.deadline !== undefined && run.deadline <= now;
  const limit = (run.deadline === undefined ? run.limit?.at : undefined) ?? Infinity;
  const due = [...run.operations.values()].filter(({ by }) => ((by as Operation).at ?? Infinity) <= Math.min(now, limit));
  if (due.length === 0 && !over && limit > now) return false;
  beginTurn(run);
  if (over) {
    overdue(run);
    return true;
  }
  due.sort((a, b) => ((a.by as Operation).at as number) - ((b.by as Operation).at as number));
  for (const promise of due) fallsDue(run, promise, promise.by as Operation);
  // A strand that was just woken does not wait, so a cancellation would not reach it: that comes with the next `fire`, due at once.
  if (due.length === 0) cancelRun(run, `it took longer than ${run.limit?.after}`);
  return true;
}

function fallsDue(run: LiveRun, promise: DurablePromise, operation: Operation): void {
  const late = (after: string): void => complete(promise, REJECTED, new TimeoutError(operationText(operation), after, { runId: run.id }));
  switch (operation.kind) {
    case "listen":
      return operation.default === undefined ? late(operation.timeout ?? "") : complete(promise, FULFILLED, operation.default.value);
    case "timer":
      return operation.timeout === undefined ? complete(promise, FULFILLED, undefined) : late(operation.timeout);
    case "callback":
      return late(operation.timeout ?? "");
    case "effect":
      operation.at = undefined;
      return;
    case "step":
      // Its next attempt may begin with the next commit.
      operation.at = undefined;
      operation.held = true;
  }
}

function succeeded(run: LiveRun, seq: number, value: unknown): boolean {
  return ended(run, seq, FULFILLED, value);
}

function failed(run: LiveRun, seq: number, error: unknown, timedOut = false): boolean {
  const by = run.operations.get(seq)?.by as Operation | undefined;
  if (by?.kind !== "step") return ended(run, seq, REJECTED, error);
  let again: number | undefined;
  try {
    const { once, retry } = rulesOf(by);
    if (once && timedOut) return ended(run, seq, REJECTED, new StepOutcomeUnknownError(operationText(by), keyOf(run.id, seq), by.attempt, { runId: run.id, cause: error }));
    again = nextAttemptAt(retry, by.attempt, error, run.env);
  } catch (thrown) {
    return ended(run, seq, REJECTED, thrown);
  }
  if (again === undefined) return ended(run, seq, REJECTED, error);
  by.attempt++;
  by.at = again;
  return true;
}

/** A result nobody waits for any more is dropped: its operation was withdrawn. */
function ended(run: LiveRun, seq: number, state: State, value: unknown): boolean {
  const promise = run.operations.get(seq);
  if (promise === undefined) return false;
  const by = promise.by as Operation;
  if (by.kind !== "step" && by.kind !== "effect") throw new InvalidArgumentError("The operation of a result", operationText(by), "a step or an effect");
  if (by.kind === "effect") beginTurn(run);
  if (by.kind === "effect" && by.name === "end") {
    // How it ended is nobody's concern.
    complete(promise, FULFILLED, undefined);
    return true;
  }
  if (by.kind === "step" && by.child === "wait" && state === FULFILLED) operate(run, { kind: "effect", name: "end", data: { run: (value as { readonly id: string }).id } });
  complete(promise, state, value);
  return true;
}

function cancelled(run: LiveRun, reason: string | undefined): boolean {
  if (run.cancelled !== undefined || run.ending !== undefined) return false;
  beginTurn(run);
  cancelRun(run, reason);
  return true;
}

