// The attempts of steps that are under way in this process. A step that its run no longer waits for gets its signal, and
// what it gives is dropped.

import { Attempt } from "./attempt.ts";
import { pause } from "../realm/clock.ts";
import type { Host } from "./drive.ts";
import { CancelledError } from "../errors/flow.ts";
import type { Input } from "../run/input.ts";
import { readySteps, type StepCall, stepCall } from "../record/snapshot.ts";
import type { LiveRun } from "../run/step.ts";

export class Attempts {
  readonly #host: Host;
  /** By operation. One counts as under way until the run has taken its result, which may be after a commit. */
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

  /** How many have given no result. */
  get running(): number {
    return this.#running.size - this.#ended.length;
  }

  /**
   * Decides, before a commit, which steps it begins: as many as may run at once. The others are held, so that a stored step
   * that is not held may have begun. Gives whether there are any to begin.
   */
  plan(run: LiveRun): boolean {
    let room = this.#host.holdSteps ? 0 : (this.#host.stepConcurrency ?? 32) - this.#running.size;
    let any = false;
    for (const step of readySteps(run)) {
      if (step.tx || this.#running.has(step.seq)) continue;
      step.held = room > 0 ? undefined : true;
      any ||= room > 0;
      room--;
    }
    return any;
  }

  /** Begins, after the commit, what was planned before it. */
  start(run: LiveRun, fence: number): void {
    for (const step of readySteps(run)) {
      if (step.tx || step.held || this.#running.has(step.seq)) continue;
      this.#running.set(step.seq, new Attempt(run, stepCall(run, step), fence, this.#host, (attempt) => {
        this.#ended.push(attempt);
        this.#arrived?.();
      }));
    }
  }

  /** Gives up those that the run has withdrawn, with what they gave. */
  keepOnly(run: LiveRun): void {
    for (const [operation, attempt] of this.#running) {
      if (run.operations.has(operation)) continue;
      this.#running.delete(operation);
      attempt.drop();
    }
  }

  /** The run is about to be cancelled: steps that it waits for get their signal, and their grace time to end. */
  async leave(run: LiveRun, reason: string | undefined): Promise<void> {
    const leaving = [...this.#running].filter(([operation]) => run.operations.get(operation)?.handled).map(([, attempt]) => attempt);
    for (const attempt of leaving) attempt.abort(new CancelledError(reason, { runId: run.id }));
    const { clock, graceTime } = this.#host;
    if (leaving.length === 0 || graceTime === undefined) return;
    const over = new AbortController();
    await Promise.race([Promise.all(leaving.map(({ done }) => done)), pause(clock, graceTime, over.signal)]);
    over.abort();
  }

  /** Gives up all: the turn is over or failed. */
  abandon(): void {
    for (const attempt of this.#running.values()) attempt.drop();
    this.#running.clear();
  }

  /** Resolves when there is a result to take. */
  arrival(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#ended.length > 0) resolve();
      else this.#arrived = resolve;
    });
  }

  /** Those whose results are ready; the caller gives them to the run. */
  take(): readonly { readonly call: StepCall; readonly result: Input }[] {
    const ended = this.#ended.filter((attempt) => this.#running.get(attempt.call.operation) === attempt);
    this.#ended = [];
    for (const { call } of ended) this.#running.delete(call.operation);
    return ended.map(({ call, result }) => ({ call, result: result as Input }));
  }
}
