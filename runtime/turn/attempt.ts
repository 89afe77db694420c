// One attempt of a step under way in this process, from its start to the result that the run takes.

import { logOf } from "../api/log.ts";
import type { StepContext } from "../api/step.ts";
import type { Host } from "./drive.ts";
import { durationText } from "../realm/duration.ts";
import { TimeoutError } from "../errors/flow.ts";
import type { Input } from "../run/input.ts";
import { Pulse } from "./pulse.ts";
import { recordedError, recordedValue } from "./recorded.ts";
import { shared } from "../realm/shared.ts";
import type { StepCall } from "../record/snapshot.ts";
import type { LiveRun, RunEnv } from "../run/step.ts";

export class Attempt {
  readonly call: StepCall;
  /** Resolves when the step's function has ended, which may be long after the attempt. */
  readonly done: Promise<void>;
  /** Absent while it runs. */
  result: Input | undefined;
  readonly #env: RunEnv;
  readonly #controller = new AbortController();
  readonly #ended: (attempt: Attempt) => void;
  readonly #timer: (() => void) | undefined;
  readonly #pulse: Pulse | undefined;
  #dropped = false;

  /** Begins it. `ended` is called once, when there is a result; not after `drop`. */
  constructor(run: LiveRun, call: StepCall, fence: number, { clock, perform: given = perform }: Host, ended: (attempt: Attempt) => void) {
    const { env } = run;
    this.call = call;
    this.#env = env;
    this.#ended = ended;
    const { name, timeout, heartbeat } = call;
    this.#timer = timeout === undefined ? undefined : clock.after(timeout, () => this.#timeOut(`step(${name})`, timeout));
    this.#pulse = heartbeat === undefined ? undefined : new Pulse(clock, heartbeat, () => this.#timeOut(`The heartbeat of step(${name})`, heartbeat));
    const context = this.#context(run, fence);
    if (env.engine !== undefined) shared.engines.set(context, env.engine);
    this.done = given(call, context).then((value) => this.#end(() => this.#success(value)), (error: unknown) => this.#end(() => this.#failure(error)));
  }

  abort(reason?: unknown): void {
    this.#controller.abort(reason);
  }

  /** Its run does not want it any more. */
  drop(): void {
    this.#dropped = true;
    this.abort();
  }

  #timeOut(what: string, after: number): void {
    const error = new TimeoutError(what, durationText(after));
    this.abort(error);
    this.#end(() => ({ ...this.#failure(error), timedOut: true }));
  }

  #end(result: () => Input): void {
    this.#timer?.();
    this.#pulse?.stop();
    // Timed out, or given up: a later end changes nothing.
    if (this.result !== undefined || this.#dropped) return;
    this.result = result();
    this.#ended(this);
  }

  #success(value: unknown): Input {
    try {
      return { result: this.call.operation, value: recordedValue(value, this.#env) };
    } catch (error) {
      return this.#failure(error);
    }
  }

  #failure(error: unknown): Extract<Input, { readonly error: unknown }> {
    return { result: this.call.operation, error: recordedError(error, this.#env) };
  }

  #context(run: LiveRun, fence: number): StepContext {
    const { key, name, attempt } = this.call;
    const { signal } = this.#controller;
    return {
      key, attempt, signal, fence,
      log: logOf(() => ({ run, step: name, attempt, isOver: this.result !== undefined || this.#dropped })),
      heartbeat: () => {
        signal.throwIfAborted();
        this.#pulse?.beat();
      },
    };
  }
}

/** Who carries out an attempt. Never throws: a step function may throw before it gives a promise. */
export type Perform = (call: StepCall, context: StepContext) => Promise<unknown>;

export async function perform({ fn }: StepCall, context: StepContext): Promise<unknown> {
  return await (fn as (context: StepContext) => unknown)(context);
}
