// activity(), activities(): steps that are registered once and called like functions.
//
//   export const bank = activities("bank", { pay: async (order: Order) => … }, { retry: 5 });
//   … in a flow:  const receipt = await bank.pay(order);        stored as {"step":"bank.pay","args":[…]}

import { AsyncLocalStorage } from "node:async_hooks";
import { activityFlow, declareActivity, type StepRules } from "../run/activities.ts";
import { declareActivityRun } from "./activity-run.ts";
import type { Durable } from "../api/durable.ts";
import type { StepContext } from "../api/step.ts";
import { currentRun } from "../strands/current.ts";
import { type Duration, milliseconds } from "../realm/duration.ts";
import { deflowError } from "../errors/classes.ts";
import { InvalidArgumentError, NeedsEngineError } from "../errors/run.ts";
import { code } from "../strands/flow.ts";
import { operate } from "../run/operations.ts";
import { type Retry, retryPolicy } from "../run/retry.ts";

/** They are not stored: runs that wait follow those of the code that is loaded. */
export interface ActivityOptions {
  /**
   * Calls are carried out by workers of this queue that have registered the name, in whatever process: not in the caller's turn, which ends
   * meanwhile. Absent: in the caller's turn. The queue is stored with the call.
   */
  readonly queue?: string;
  /** How often an attempt is made: as of a step. Default: one that fails is the last. */
  readonly retry?: Retry;
  /** Of one attempt: as of a step. Default: none. */
  readonly timeout?: Duration;
  /** How long an attempt may go without `activityContext().heartbeat()`. Default: it need not call it. */
  readonly heartbeat?: Duration;
  /**
   * Whether an attempt that a crash cut off, or that timed out, is made again, under the same key; true if absent. False: StepOutcomeUnknown.
   * Then `retry` is for attempts that throw, and thereby say that it did not happen.
   */
  readonly idempotent?: boolean;
}

/** Callable in flows. */
export type Activity<Args extends unknown[], Result> = (...args: Args) => Durable<Awaited<Result>>;

/** The methods of `T` as activities. */
export type Activities<T> = {
  readonly [K in keyof T as T[K] extends (...args: never[]) => unknown ? K : never]:
    T[K] extends (...args: infer Args) => infer Result ? Activity<Args, Result> : never;
};

/** `each` has options for single methods, in addition to those for all. */
export type ActivitiesOptions<T> = ActivityOptions & { readonly each?: { readonly [K in keyof T]?: ActivityOptions } };

const contexts = new AsyncLocalStorage<StepContext>();

/** Of the activity that calls it, also after an await: key, attempt, signal and the rest. @throws NotInActivity. */
export function activityContext(): StepContext {
  const context = contexts.getStore();
  if (context === undefined) throw deflowError("NOT_IN_ACTIVITY", {});
  return context;
}

/**
 * Registers `fn` under `name`, and gives the function that flows call: a step. Arguments and result are stored.
 * @throws DuplicateActivity when the name is registered elsewhere.
 */
export function activity<Args extends unknown[], Result>(name: string, fn: (...args: Args) => Result, options: ActivityOptions = {}): Activity<Args, Result> {
  if (typeof fn !== "function") throw new InvalidArgumentError(`The function of activity(${name})`, typeof fn, "a function");
  return register(name, fn as (...args: never[]) => unknown, options, placeOf(activity)) as unknown as Activity<Args, Result>;
}

/** Registers each method of `object`, its class's among them, as `name.method`. Methods are called on `object`. */
export function activities<T extends object>(name: string, object: T, { each = {}, ...options }: ActivitiesOptions<T> = {}): Activities<T> {
  const place = placeOf(activities);
  const made = methodsOf(object).map((key) => {
    const method = (...args: never[]): unknown => (object as Record<string, (...args: never[]) => unknown>)[key]?.(...args);
    return [key, register(`${name}.${key}`, method, { ...options, ...(each as Record<string, ActivityOptions>)[key] }, place)] as const;
  });
  return Object.freeze(Object.fromEntries(made)) as unknown as Activities<T>;
}

function register(name: string, fn: (...args: never[]) => unknown, options: ActivityOptions, place: string): (...args: unknown[]) => unknown {
  const { queue } = options;
  if (queue !== undefined && (typeof queue !== "string" || queue === "")) throw new InvalidArgumentError(`The queue of activity(${name})`, JSON.stringify(queue), "a name");
  declareActivity({
    name, place, rules: rulesOf(name, options),
    invoke: (context, args) => contexts.run(context, () => fn(...(args as never[]))),
  });
  declareActivityRun(name, place);
  const call = (...args: unknown[]): unknown => {
    const run = currentRun(`${name}()`);
    if (queue === undefined) return operate(run, { kind: "step", name, args, attempt: 1 });
    if (!run.env.engine) throw new NeedsEngineError(`${name}()`, { runId: run.id });
    return operate(run, { kind: "effect", name: activityFlow(name), data: { queue, args } });
  };
  Object.defineProperty(call, "name", { value: name });
  // A flow may keep it across stops, like a function of its own.
  return code(`activity:${name}`, "", () => call)({}) as (...args: unknown[]) => unknown;
}

function rulesOf(name: string, { retry, timeout, heartbeat, idempotent = true }: ActivityOptions): StepRules {
  const time = (what: string, given: Duration | undefined): number | undefined => (given === undefined ? undefined : milliseconds(given, `The ${what} of activity(${name})`));
  return {
    retry: retry === undefined ? undefined : retryPolicy(retry),
    once: idempotent ? undefined : true,
    timeout: time("timeout", timeout),
    heartbeat: time("heartbeat", heartbeat),
  };
}

function methodsOf(object: object): readonly string[] {
  const names = new Set<string>();
  for (let at = object; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at) as object) {
    for (const key of Reflect.ownKeys(at)) {
      if (typeof key === "string" && key !== "constructor" && typeof Object.getOwnPropertyDescriptor(at, key)?.value === "function") names.add(key);
    }
  }
  return [...names];
}

/** The line that called `entry`. */
function placeOf(entry: (...args: never[]) => unknown): string {
  const probe: { stack?: string } = {};
  Error.captureStackTrace(probe, entry);
  return probe.stack?.split("\n")[1]?.trim() ?? "";
}
