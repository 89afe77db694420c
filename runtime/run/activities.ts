// Activities: steps that are registered under a name. A run stores the name and the arguments, no function, so any process that
// registers the name can make the attempt, by the rules that its code has today.

import type { StepContext } from "../api/step.ts";
import { deflowError } from "../errors/classes.ts";
import type { Step } from "./operations.ts";
import type { RetryPolicy } from "./retry.ts";
import { shared } from "../realm/shared.ts";

/** How a step is made. */
export interface StepRules {
  readonly retry?: RetryPolicy | undefined;
  readonly once?: true | undefined;
  /** Milliseconds. */
  readonly timeout?: number | undefined;
  /** Milliseconds. */
  readonly heartbeat?: number | undefined;
}

export interface ActivityEntry {
  readonly name: string;
  readonly rules: StepRules;
  readonly invoke: (context: StepContext, args: readonly unknown[]) => unknown;
  /** The line that registered it. */
  readonly place: string;
}

/** A module that is evaluated again replaces its own. @throws DuplicateActivity for another place. */
export function declareActivity(entry: ActivityEntry): void {
  const before = shared.activities.get(entry.name);
  if (before !== undefined && before.place !== entry.place) {
    throw deflowError("DUPLICATE_ACTIVITY", { name: entry.name, places: [before.place, entry.place] });
  }
  shared.activities.set(entry.name, entry);
}

/** @throws UnknownActivity */
export function activityCalled(name: string): ActivityEntry {
  const entry = shared.activities.get(name);
  if (entry === undefined) throw deflowError("UNKNOWN_ACTIVITY", { name });
  return entry;
}

const ofActivity = "activity:";

/** What a call that goes to a queue waits for, and the flow of the run that it becomes. */
export function activityFlow(name: string): string {
  return ofActivity + name;
}

export function isActivityFlow(id: string): boolean {
  return id.startsWith(ofActivity);
}

/** Whether this process knows the activity of such a flow. */
export function isRegistered(id: string): boolean {
  return isActivityFlow(id) && shared.activities.has(id.slice(ofActivity.length));
}

/** The flows of all that are registered. */
export function activityFlows(): readonly string[] {
  return [...shared.activities.keys()].map(activityFlow);
}

/** Those of a step are stored with it, those of an activity are in its code. */
export function rulesOf(step: Step): StepRules {
  return step.args === undefined ? step : activityCalled(step.name).rules;
}

export function functionOf({ name, fn, args }: Step): (context: never) => unknown {
  if (fn !== undefined) return fn;
  const { invoke } = activityCalled(name);
  return (context: StepContext) => invoke(context, args ?? []);
}
