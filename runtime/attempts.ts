// The attempts of steps that are under way in this process. A step that its run no longer waits for gets its signal, and
// what it gives is dropped.

import type { StepContext } from "./api/step.ts";
import { durationText } from "./duration.ts";
import { TimeoutError } from "./errors/flow.ts";
import type { Host } from "./drive.ts";
import type { Input } from "./input.ts";
import { recordedError, recordedValue } from "./recorded.ts";
import { shared } from "./shared.ts";
import type { StepCall } from "./snapshot.ts";
import type { LiveRun } from "./step.ts";

interface Attempt {
  readonly call: StepCall;
  readonly controller: AbortController;
  /** Absent while it runs. It counts as under way until the run has taken it, which may be after a commit. */
  result?: Input;
}

export class Attempts {
  readonly #host: Host;
  readonly #running = new Map<number, Attempt>();
  /** In the order in which they ended. */
  #ended: Attempt[] = [];
  #arrived: (() => void) | undefined;

  constructor(host: Host) {
    this.#host = host;
  }

  get size(): number {
    return this.#running.size;
  }

  /** Begins those that are not under way, as many as may run at once. */
  start(run: LiveRun, calls: readonly StepCall[], fence: number): void {
    for (const call of calls) {
      if (this.#running.size >= (this.#host.stepConcurrency ?? 32)) return;
      if (!this.#running.has(call.operation)) this.#begin(run, call, fence);
    }
  }

  /** Gives up those that the run has withdrawn, with what they gave. */
  keepOnly(run: LiveRun): void {
    for (const [operation, { controller }] of this.#running) {
      if (run.operations.has(operation)) continue;
      this.#running.delete(operation);
      controller.abort();
    }
  }

  /** Gives up all: the turn is over or failed. */
  abandon(): void {
    for (const { controller } of this.#running.values()) controller.abort();
    this.#running.clear();
  }

  /** Resolves when there is a result to take. */
  arrival(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#ended.length > 0) resolve();
      else this.#arrived = resolve;
    });
  }

  /** The results that are ready; the caller gives them to the run. */
  take(): readonly Input[] {
    const ended = this.#ended.filter((attempt) => this.#isCurrent(attempt));
    this.#ended = [];
    for (const { call } of ended) this.#running.delete(call.operation);
    return ended.map(({ result }) => result as Input);
  }

  #isCurrent(attempt: Attempt): boolean {
    return this.#running.get(attempt.call.operation) === attempt;
  }

  #begin(run: LiveRun, call: StepCall, fence: number): void {
    const controller = new AbortController();
    const attempt: Attempt = { call, controller };
    this.#running.set(call.operation, attempt);
    const end = (result: () => Input): void => {
      disarm();
      // Timed out, or given up: a later end changes nothing.
      if (attempt.result !== undefined || !this.#isCurrent(attempt)) return;
      attempt.result = result();
      this.#ended.push(attempt);
      this.#arrived?.();
    };
    const fail = (error: unknown) => (): Input => ({ result: call.operation, error: recordedError(error, run.env) });
    const succeed = (value: unknown) => (): Input => {
      try {
        return { result: call.operation, value: recordedValue(value, run.env) };
      } catch (error) {
        return fail(error)();
      }
    };
    const disarm = this.#arm(call, controller, (error) => end(fail(error)));
    void (this.#host.perform ?? perform)(call, this.#context(run, call, controller.signal, fence)).then((value) => end(succeed(value)), (error: unknown) => end(fail(error)));
  }

  #arm({ name, timeout }: StepCall, controller: AbortController, end: (error: unknown) => void): () => void {
    if (timeout === undefined) return () => {};
    return this.#host.clock.after(timeout, () => {
      const error = new TimeoutError(`step(${name})`, durationText(timeout));
      controller.abort(error);
      end(error);
    });
  }

  #context({ id, env }: LiveRun, { key, name, attempt }: StepCall, signal: AbortSignal, fence: number): StepContext {
    const context: StepContext = {
      key,
      attempt,
      signal,
      fence,
      log: (...values) => env.log?.({ runId: id, step: name, values }),
      heartbeat: () => this.#host.heartbeat?.(),
    };
    if (env.engine !== undefined) shared.engines.set(context, env.engine);
    return context;
  }
}

/** Never throws: a step function may throw before it gives a promise. */
export type Perform = (call: StepCall, context: StepContext) => Promise<unknown>;

export async function perform({ fn }: StepCall, context: StepContext): Promise<unknown> {
  return await (fn as (context: StepContext) => unknown)(context);
}
