// What a world of our own back end evaluates: the runtime, and L and LX as an operation whose answer is its own data. The
// data is part of the run's graph, so a stored and decoded run answers with its own copy: identity stays as it is natively.

import { currentRun } from "../../runtime/strands/current.ts";
import { type DurablePromise, type NativeHalf, REJECTED, resolve } from "../../runtime/promises/durable.ts";
import { complete, type Operation, operate } from "../../runtime/run/operations.ts";
import { shared } from "../../runtime/realm/shared.ts";
import type { LiveRun } from "../../runtime/run/step.ts";

export { deflow } from "../../runtime/api/deflow.ts";
export { snapshot } from "../../runtime/record/frame.ts";
export { restoreRun } from "../../runtime/record/restore.ts";
export { startRun } from "../../runtime/run/start.ts";
export * as internal from "../../runtime/internal.ts";
export { tellRefusals } from "./refusals.ts";

export function L(value: unknown): NativeHalf {
  return operate(currentRun("L()"), { kind: "effect", name: "L", data: value });
}

export function LX(error: unknown): NativeHalf {
  return operate(currentRun("LX()"), { kind: "effect", name: "LX", data: error });
}

/** Answers the oldest stop; false when there is none. */
export function answer(run: LiveRun): boolean {
  for (const promise of run.operations.values()) {
    const by = promise.by as Operation;
    if (by.kind !== "effect") continue;
    if (by.name === "LX") complete(promise, REJECTED, by.data);
    else give(run, promise, by);
    return true;
  }
  return false;
}

/** As natively, where `resolve` is given the value: a promise among the values is waited for. */
function give(run: LiveRun, promise: DurablePromise, { seq, data }: Extract<Operation, { kind: "effect" }>): void {
  run.operations.delete(seq);
  run.atRest = false;
  promise.by = undefined;
  resolve(promise, data);
}

/** Forgets what modules declared, so that nothing of an earlier one can serve the next. */
export function forget(): void {
  for (const declared of [shared.flows, shared.strands, shared.generators, shared.codes, shared.contexts, shared.classes, shared.classPrototypes, shared.templates]) declared.clear();
}

/** Whether some strand is executing. */
export function busy(): boolean {
  return shared.current !== undefined;
}
