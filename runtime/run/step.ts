// The live event loop of one run: strands move until each waits on an operation, then the run is *quiet* and can be stored.
// No store, no clock, no I/O of its own: besides user code it does nothing but count.
//
//   active   strands that move (execute, await something ordinary, or are woken) + reactions under way
//            + ordinary promises that a combinator or an adoption waits for + 1 for what only ordinary code can settle (hands.ts)
//   quiet    active is 0, and stays 0 through the rules of the end: see ending.ts
//
// Drive it so: `startRun` or `restoreRun`, `quiet()`, `snapshot()`, then `input()` and again `quiet()`.

import { Few } from "./few.ts";
import { OwnMap } from "../realm/intrinsics.ts";
import { type DurablePromise, PENDING } from "../promises/durable.ts";
import { advance, type Ending } from "./ending.ts";
import { waitsForOrdinary } from "../promises/hands.ts";
import { rejectHeld } from "../promises/held.ts";
import type { EncodeOptions } from "../codec/encode.ts";
import type { Kind } from "../codec/kind.ts";
import type { Numbers } from "../codec/numbers.ts";
import type { Memory } from "../codec/remembered.ts";
import type { Actor, Frame } from "../strands/strand.ts";
import { Strands } from "../strands/strands.ts";

/** What a run is given from outside. */
export interface RunEnv {
  /** Milliseconds since the epoch. */
  now(): number;
  /** `size` random bytes, fit for secrets. */
  random(size: number): Uint8Array;
  /** What `run.log` and a step's `log` write; absent: nothing. Without `run` it comes from an attempt that was given up. */
  log?(entry: LogEntry, run: LiveRun | undefined): void;
  /** The engine behind the run: `start` and its like are refused without one. */
  readonly engine?: object;
  /** Kinds of values that only the engine knows; the same list each time. */
  readonly kinds?: readonly Kind[];
  /** Limits of frames, and who is told of large ones. */
  readonly codec?: Pick<EncodeOptions, "limits" | "onLarge">;
  /** How long strands may go on after the root settled, in milliseconds. */
  readonly closeTimeout?: number;
  /** How long strands may go on after a cancellation, in milliseconds. */
  readonly cancelTimeout?: number;
}

/** How much it matters, in rising order. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** What a flow or a step says, as it is said: for the `log` of `begin` and `resume`. */
export interface LogEntry {
  /** The run's id. */
  readonly runId: string;
  /** `run.log()` itself is "info". */
  readonly level: LogLevel;
  /** The name of the step that says it; absent: the flow does. */
  readonly step?: string;
  /** The attempt of that step, from 1. */
  readonly attempt?: number;
  /** What it was called with. */
  readonly values: readonly unknown[];
}

/** A value that runs are found by; compared by type and value. */
export type IndexValue = string | number | boolean;

export class LiveRun {
  id: string;
  /** The id of the root's flow. */
  flow: string;
  readonly env: RunEnv;
  readonly jobs: Actor = { run: this };
  /** In the order in which they started. */
  readonly strands = new Strands();
  /** Pending operations by number, in order. */
  readonly operations = new OwnMap<number, DurablePromise>();
  /** Pending promises of `then` and `finally`: their callbacks will run although nobody may hold them. */
  readonly reactions = new Few<DurablePromise>();
  /** Rejected with nobody waiting; judged when the run is quiet. */
  readonly unhandled = new Few<DurablePromise>();
  /** Pending, and taken by ordinary code. */
  readonly held = new Few<DurablePromise>();
  /** Pending, made by `new Promise`. */
  readonly deferred = new Few<DurablePromise>();
  readonly compensations: (() => unknown)[] = [];
  active = 0;
  turn = 1;
  nextOperation = 1;
  responses: unknown[] = [];
  index: Record<string, IndexValue> | undefined;
  progress: string | undefined;
  /** Its result is the run's. */
  declare root: DurablePromise;
  ending: Ending | undefined;
  /** Set by the first cancellation; it is of operations up to this number, later ones are the cleanup's. */
  cancelled: { readonly reason: string | undefined; readonly upTo: number } | undefined;
  /** When what still runs is killed. */
  deadline: number | undefined;
  /** When the run has taken as long as its flow may, and how long that is, for people. */
  limit: { readonly at: number; readonly after: string } | undefined;
  /** The compensation under way. */
  compensation: DurablePromise | undefined;
  /** One has begun, since the run was started or restored. */
  compensated = false;
  ended = false;
  /** It is as the last commit has it: until there is input, nothing may change. */
  atRest = false;
  /** The bytes of its frame when a warning said last that it is large. */
  told = 0;
  /** Of a run whose frame is in parts. */
  numbers: { readonly strands: Numbers<Frame>; readonly ops: Numbers<DurablePromise>; readonly heap: Numbers<object>; readonly memory: Memory } | undefined;
  /** The engine's, of the turn. A field: a WeakMap of runs costs more than all that is in it. */
  journal: object | undefined;
  #dropped = false;
  #watching = false;
  /** `#settleDown` is to come. */
  #settling = false;
  /** 1 while ordinary code is to settle a deferred promise: it counts as one that moves. */
  #outside: 0 | 1 = 0;
  #quiet: { readonly resolve: () => void; readonly reject: (error: unknown) => void } | undefined;

  constructor(id: string, flow: string, env: RunEnv) {
    this.id = id;
    this.flow = flow;
    this.env = env;
  }

  /** Whether this copy of the run must not move any more. */
  get closed(): boolean {
    return this.#dropped || this.ended;
  }

  /** One mover less. */
  rest(): void {
    if (--this.active === this.#outside) this.conclude();
    else if (this.held.size > 0) this.watch();
  }

  /** Resolves when the run is quiet; rejects when it is dropped before, and a reason is given. */
  quiet(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#quiet = { resolve, reject };
      this.conclude();
    });
  }

  /** If nothing moves: goes through the rules of the end, one tick later. */
  conclude(): void {
    if (this.active !== this.#outside || this.#settling) return;
    this.#settling = true;
    queueMicrotask(this.#settleDown);
  }

  /** Ordinary code took a pending promise of a strand. */
  hold(promise: DurablePromise): void {
    this.held.add(promise);
    this.watch();
  }

  /** Looks, one tick later, whether something held waits for what only a commit can bring. */
  watch(): void {
    if (this.#watching) return;
    this.#watching = true;
    queueMicrotask(() => {
      this.#watching = false;
      if (!this.#dropped) rejectHeld(this);
    });
  }

  /** Gives the run up: another copy goes on. Nothing of this one moves again. */
  drop(reason?: unknown): void {
    this.#dropped = true;
    if (reason !== undefined) this.#quiet?.reject(reason);
    for (const promise of this.held) if (promise.state === PENDING) this.held.delete(promise);
  }

  readonly #settleDown = (): void => {
    this.#settling = false;
    if (this.active > this.#outside || this.closed) return this.#answer();
    this.active -= this.#outside;
    this.#outside = 0;
    if (this.held.size > 0) rejectHeld(this);
    if (this.active === 0 && this.deferred.size > 0 && waitsForOrdinary(this)) this.active = this.#outside = 1;
    if (this.active === 0) advance(this);
    this.#answer();
  };

  #answer(): void {
    if (this.active > 0 || this.#quiet === undefined) return;
    const { resolve } = this.#quiet;
    this.#quiet = undefined;
    resolve();
  }
}
