// The oracle of the behaviour fixtures: the flow as the native async function it is written as, with the smallest stand-ins
// for deflow's operations. Combinators, closures, ticks, exceptions: all are the engine's own.

import * as real from "deflow";
import { milliseconds } from "../runtime/realm/duration.ts";
import type { Given, Outcome, Player } from "./script.ts";

interface Listener {
  readonly context: string;
  readonly permit: string | undefined;
  readonly resolve: (value: unknown) => void;
}

interface Timer {
  readonly at: number;
  readonly fire: () => void;
}

interface Step {
  readonly run: () => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

type Call = (...args: unknown[]) => unknown;

export class Oracle implements Player {
  private now = 1_000_000;
  private responses: unknown[] = [];
  private readonly listeners: Listener[] = [];
  private timers: Timer[] = [];
  private steps: Step[] = [];
  private running = 0;
  private readonly results: (() => void)[] = [];
  private arrived = (): void => {};
  private readonly tokens = new Map<string, (value: unknown) => void>();
  private ending: Pick<Outcome, "status" | "value" | "error"> | undefined;
  private keys = 0;

  /** What the fixture imports as "deflow". */
  readonly module = {
    ...real,
    deflow: (first: unknown, second?: unknown) => second ?? first,
    listen: (context: string | { name: string } = "input", options: { permit?: string; timeout?: real.Duration; default?: unknown } = {}) =>
      this.listen(typeof context === "string" ? context : context.name, options),
    respond: (...values: unknown[]) => void this.responses.push(...values),
    sleep: (duration: real.Duration) => new Promise<void>((resolve) => this.after(milliseconds(duration, "sleep"), resolve)),
    sleepUntil: (time: Date | number) => new Promise<void>((resolve) => this.after(Number(time) - this.now, resolve)),
    step: Object.assign(this.stepOf.bind(this), { once: this.stepOf.bind(this) }),
    callback: () => this.callback(),
    run: { id: "run", index() {}, progress() {}, log() {} },
  };

  /** What it imports as "deflow/patterns". */
  readonly patterns = {
    activity: (name: string, fn: Call): Call => (...args) => this.stepOf(name, () => fn(...args)),
    activities: (name: string, object: Record<string, Call>): Record<string, Call> => Object.fromEntries(
      Object.getOwnPropertyNames(Object.getPrototypeOf(object)).map((key) => [key, (...args) => this.stepOf(`${name}.${key}`, () => object[key]?.(...args))])),
  };

  async begin(flow: unknown, args: readonly unknown[]): Promise<Outcome> {
    (flow as (...args: unknown[]) => Promise<unknown>)(...args).then(
      (value) => (this.ending = { status: "completed", value }),
      (error: unknown) => (this.ending = { status: "failed", error: summary(error) }),
    );
    return await this.turn();
  }

  async give(given: Given): Promise<Outcome> {
    const responses = this.responses;
    this.responses = [];
    const refused = this.input(given);
    // Time that brings nothing begins no turn.
    if (refused === "NOTHING_DUE") this.responses = responses;
    return refused === undefined || refused === "NOTHING_DUE" ? await this.turn() : { ...this.state(), refused };
  }

  private input(given: Given): string | undefined {
    if (this.ending !== undefined) return "RUN_ENDED";
    if ("pass" in given) return this.pass(milliseconds(given.pass, "pass"));
    if ("settle" in given) return this.settle(given.settle);
    const { on, data, permit } = given;
    const waiting = this.listeners.filter(({ context }) => context === on);
    if (waiting.length === 0) return "NOT_LISTENING";
    const listener = waiting.find((each) => each.permit === undefined || each.permit === permit);
    if (listener === undefined) return "WRONG_PERMIT";
    this.listeners.splice(this.listeners.indexOf(listener), 1);
    listener.resolve(data);
    return undefined;
  }

  private pass(time: number): string | undefined {
    this.now += time;
    const due = this.timers.filter(({ at }) => at <= this.now).toSorted((a, b) => a.at - b.at);
    this.timers = this.timers.filter(({ at }) => at > this.now);
    for (const { fire } of due) fire();
    return due.length === 0 ? "NOTHING_DUE" : undefined;
  }

  private settle(data: unknown): string | undefined {
    const [token] = [...this.tokens.keys()].slice(-1);
    const resolve = token === undefined ? undefined : this.tokens.get(token);
    if (token === undefined || resolve === undefined) return "UNKNOWN_TOKEN";
    this.tokens.delete(token);
    resolve(data);
    return undefined;
  }

  /** Until nothing moves: microtasks first, then the steps that wait to be started, then what they give. */
  private async turn(): Promise<Outcome> {
    for (;;) {
      await quiet();
      this.startSteps();
      if (this.running === 0 && this.results.length === 0) return this.state();
      if (this.results.length === 0) await new Promise<void>((resolve) => (this.arrived = resolve));
      await quiet();
      for (const deliver of this.results.splice(0)) deliver();
    }
  }

  private startSteps(): void {
    for (const { run, resolve, reject } of this.steps.splice(0)) {
      this.running++;
      const settled = (deliver: () => void): void => {
        this.running--;
        this.results.push(deliver);
        this.arrived();
      };
      new Promise((done) => done(run())).then((value) => settled(() => resolve(value)), (error: unknown) => settled(() => reject(error)));
    }
  }

  private state(): Outcome {
    return { status: "waiting", ...this.ending, responses: this.responses };
  }

  private listen(context: string, { permit, timeout, ...rest }: { permit?: string; timeout?: real.Duration; default?: unknown }): Promise<unknown> {
    return new Promise((resolve, reject) => {
      let timer: Timer | undefined;
      const answered = (value: unknown): void => {
        this.timers = this.timers.filter((each) => each !== timer);
        resolve(value);
      };
      const listener: Listener = { context, permit, resolve: answered };
      this.listeners.push(listener);
      if (timeout === undefined) return;
      timer = this.after(milliseconds(timeout, "listen"), () => {
        this.listeners.splice(this.listeners.indexOf(listener), 1);
        if ("default" in rest) resolve(rest.default);
        else reject(new real.TimeoutError(`listen(${context})`, String(timeout)));
      });
    });
  }

  private after(time: number, fire: () => void): Timer {
    const timer = { at: this.now + time, fire };
    this.timers.push(timer);
    return timer;
  }

  private stepOf(first: unknown, second: unknown): Promise<unknown> {
    const fn = (typeof first === "string" ? second : first) as (context: object) => unknown;
    const key = `run:${++this.keys}`;
    const signal = new AbortController().signal;
    return new Promise((resolve, reject) => this.steps.push({ run: () => fn({ key, attempt: 1, signal, fence: 1, log() {}, heartbeat() {} }), resolve, reject }));
  }

  private callback(): Promise<unknown> & { token: string } {
    const token = String(this.tokens.size + 1).padStart(64, "0");
    return Object.assign(new Promise((resolve) => this.tokens.set(token, resolve)), { token });
  }
}

async function quiet(): Promise<void> {
  for (let round = 0; round < 2; round++) await new Promise((resolve) => setImmediate(resolve));
}

function summary(error: unknown): { name: string; message: string } {
  return error instanceof Error ? { name: error.name, message: error.message } : { name: "Error", message: String(error) };
}
