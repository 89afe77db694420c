// A run is taken up from a commit while another process was at work on it. Steps of that commit which it may have begun are
// cut off: whether they happened, nobody knows.
//
//   step        made again under the same key, as the next attempt: the one cut off counts
//   step.tx     stored: its result is given to the flow; else it was rolled back, and is made
//   its last    (`retry.attempts`), or step.once: StepOutcomeUnknown is thrown into the flow

import { rulesOf } from "../run/activities.ts";
import { type DurablePromise, REJECTED } from "../promises/durable.ts";
import { StepOutcomeUnknownError } from "../errors/flow.ts";
import { complete, keyOf, operationText, type Step } from "../run/operations.ts";
import { readySteps } from "../record/snapshot.ts";
import type { LiveRun } from "../run/step.ts";
import { deliver } from "./transaction.ts";

/** Once, for a run restored from what another process committed, before it moves: steps that come later are its own. */
export function cutOff(run: LiveRun): void {
  deliver(run);
  for (const step of readySteps(run)) {
    if (step.held || step.tx) continue;
    if (isOver(step)) giveUp(run, step);
    else step.attempt++;
  }
}

/**
 * Somebody wants a run that has failed to go on: its steps get their attempts anew, from the first. One that is to happen at most
 * once is left as it is. Whether there were any.
 */
export function renewAttempts(run: LiveRun): boolean {
  const steps = readySteps(run).filter((step) => !step.tx && rulesOf(step).once !== true);
  for (const step of steps) {
    step.attempt = 1;
    step.held = true;
  }
  return steps.length > 0;
}

function isOver(step: Step): boolean {
  const { once, retry } = rulesOf(step);
  const { attempt } = step;
  return once === true || (retry !== undefined && attempt >= retry.attempts);
}

function giveUp(run: LiveRun, step: Step): void {
  const promise = run.operations.get(step.seq) as DurablePromise;
  complete(promise, REJECTED, new StepOutcomeUnknownError(operationText(step), keyOf(run.id, step.seq), step.attempt, { runId: run.id }));
}
