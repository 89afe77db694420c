// The engine: runs in a store. This file is its table of contents; each call is a file of its own.
//
//   caller ─► start, continue, settle, cancel ─► one turn: load, check, drive, commit ─► the state after it
//   sender ─► send ─► inbox ─┐
//   time, the dead, queues ──┴► work, tick ─► advance: turn after turn until the run waits

import type { Context } from "../api/context.ts";
import type { Flow } from "../api/deflow.ts";
import { cancel, kill } from "./calls/cancel.ts";
import type { Joining } from "./calls/client.ts";
import { continueRun, type ContinueOptions } from "./calls/continue.ts";
import { Core } from "./core.ts";
import { find, type FindQuery, get, type OpenWait, type Page, waits, type WaitsQuery } from "./calls/find.ts";
import { fork, type Forked, type ForkOptions } from "./calls/fork.ts";
import { history, type HistoryEntry } from "./telling/history.ts";
import { inspect, type Inspection, type InspectOptions } from "./telling/inspect.ts";
import { type LogLine, logs, type LogsQuery } from "./telling/logs.ts";
import { checkName } from "./names.ts";
import type { EngineEvents } from "./telling/observers.ts";
import type { EngineOptions } from "./options.ts";
import { prune, type PruneOptions } from "./calls/prune.ts";
import { type Queue, queueOf } from "./calls/queue.ts";
import { retry } from "./calls/retry.ts";
import type { Run } from "./run.ts";
import { send, type SendOptions, type Sent } from "./calls/send.ts";
import { settle } from "./calls/settle.ts";
import { start, type StartOptions } from "./calls/start.ts";
import { tick, type Ticked, type TickOptions } from "./workers/tick.ts";
import { EngineWorker, type Worker, type WorkOptions } from "./workers/worker.ts";

/** A run's id, or what an earlier call gave for it, which also has the type of its result. */
export type RunRef<R> = string | {
  readonly id: string;
  /** For its type; never called. */
  result(): Promise<R>;
};

/** A context, or the name of one; `data` is what its schema takes. */
type Target<Input> = Context<unknown, Input> | string;

/**
 * Runs in a store, as callers see them. Every time is a Date or a duration; every error has a `code`, and leaves the run as it was unless the call
 * says otherwise.
 */
export interface Engine {
  /**
   * Starts a run and gives its state after the first turn; a flow that throws gives a run that has failed. One whose first commit is stored, and
   * that could not be followed any further, is `accepted`.
   * @throws UnknownFlow, RunExists, NotSerializable: then there is no run. What the store throws at the first commit: then there is none either, unless
   * only the store's answer was lost; with an `id` the call can be repeated.
   */
  start<Args extends unknown[], R>(flow: Flow<Args, R>, args: NoInfer<Args>, options?: StartOptions & Joining): Promise<Run<R>>;
  /**
   * The run waits for this now: gives its state after the turn. Where a commit holds it, and the turn could not be followed any further, that is `accepted`.
   * @throws NotFound, NotListening, WrongPermit, InvalidInput, RunEnded, NotSerializable, LeaseLost; the run is unchanged. What the store throws: so too,
   * unless only the store's answer was lost; with an `eventId` the call can be repeated.
   */
  continue<R = unknown, T = unknown>(run: RunRef<R>, context: Target<T>, data: NoInfer<T>, options?: ContinueOptions): Promise<Run<R>>;
  /**
   * For whenever the run listens; may come before it does. Consumed once, in the order of delivery.
   * @throws NotFound, InvalidInput, RunEnded; nothing is stored then.
   */
  send<T = unknown>(run: RunRef<unknown>, context: Target<T>, data: NoInfer<T>, options?: SendOptions): Promise<Sent>;
  /** Answers a callback: whoever holds its token may, once, and gets the state after the turn. @throws UnknownToken, InvalidInput. */
  settle(token: string, data?: unknown, options?: Joining): Promise<Run>;
  /** The run as its last commit left it. @throws NotFound. */
  get<R = unknown>(run: RunRef<R>): Promise<Run<R>>;
  /** Runs that fit the query, in the order in which they were created; one that this program cannot read as `unreadable`. @throws InvalidArgument. */
  find(query?: FindQuery): Promise<Page<Run>>;
  /** What runs wait for, as far as this program can read them. @throws InvalidArgument. */
  waits(query?: WaitsQuery): Promise<{ readonly waits: readonly OpenWait[]; readonly cursor: string | undefined }>;
  /** What the run and its steps said last: `run.log`, a step's `log`. Oldest first. @throws NotFound. */
  logs(run: RunRef<unknown>, query?: LogsQuery): Promise<readonly LogLine[]>;
  /** What happened to the run last, where the engine's `history` keeps that. Oldest first. @throws NotFound. */
  history(run: RunRef<unknown>): Promise<readonly HistoryEntry[]>;
  /** Where each strand stands. @throws NotFound, and what keeps this program from reading the run. */
  inspect(run: RunRef<unknown>, options?: InspectOptions): Promise<Inspection>;
  /** Throws CancelledError into the run's waits. @throws NotFound, RunEnded. */
  cancel(run: RunRef<unknown>, reason?: string): Promise<Run>;
  /** Ends the run where it stands; nothing of the flow runs. @throws NotFound, RunEnded. */
  kill(run: RunRef<unknown>, reason?: string): Promise<Run>;
  /** A failed run goes on from its last commit; steps in it have all their attempts again. @throws NotFound, NotRetryable. */
  retry<R = unknown>(run: RunRef<R>): Promise<Run<R>>;
  /**
   * A second run that goes on from where a waiting one stands. The original is only read.
   * @throws NotFound, RunEnded, NotForkable, RunExists.
   */
  fork<R = unknown>(run: RunRef<R>, options?: ForkOptions): Promise<Forked<R>>;
  /** A worker, which sees to timers, queued runs, letters, and runs whose process died, until it is stopped. @throws InvalidArgument. */
  work(options?: WorkOptions): Worker;
  /** What a worker does, once: for programs that are called now and then. @throws InvalidArgument. */
  tick(options?: TickOptions): Promise<Ticked>;
  /** Pauses, limits and drains a queue. */
  queue(name: string): Queue;
  /** Removes ended runs, oldest first; gives their ids. Those that have not ended are never removed. @throws InvalidArgument. */
  prune(options: PruneOptions): Promise<readonly string[]>;
  /** Hears of what this engine does, after it is stored. Gives what ends it. A function that is added twice is called twice. */
  on<Name extends keyof EngineEvents>(name: Name, listener: (event: EngineEvents[Name]) => void): () => void;
  /**
   * Resolves when the store has answered a question: for processes that are to fail at their start, and for health checks. A store on a pool of
   * the application's is open then, and calls with `client` need no connection beside the caller's. @throws what the store throws.
   */
  ready(): Promise<void>;
  /** Resolves when nothing is under way in this engine. */
  idle(): Promise<void>;
  /** Stops the workers and waits for what is under way. The store stays open: it is the caller's. */
  close(): Promise<void>;
}

/**
 * An engine over a store. Turns that callers cause, and what follows from them at once, run in this process; timers, queues and the runs of
 * processes that died wait for `work` or `tick`.
 * @throws NotCompiled, DuplicateFlow; InvalidArgument for an option that is out of bounds.
 */
export function createEngine(options: EngineOptions): Engine {
  return engineOver(new Core(options));
}

export function engineOver(core: Core): Engine {
  const workers = new Set<EngineWorker>();
  const engine: Engine = {
    start: (flow, args, startOptions) => start(core, flow, args, startOptions),
    continue: <R>(run: RunRef<R>, context: Target<unknown>, data: unknown, more?: ContinueOptions) => promised(() => continueRun<R>(core, idOf(run), context, data, more)),
    send: async (run, context, data, more) => send(core, idOf(run), context as Target<unknown>, data, more),
    settle: (token, data, more) => settle(core, token, data, more),
    get: async <R>(run: RunRef<R>) => get<R>(core, idOf(run)),
    find: (query) => find(core, query),
    waits: (query) => waits(core, query),
    inspect: async (run, more) => inspect(core, idOf(run), more),
    logs: async (run, query) => logs(core, idOf(run), query),
    history: async (run) => history(core, idOf(run)),
    cancel: async (run, reason) => cancel(core, idOf(run), reason),
    kill: async (run, reason) => kill(core, idOf(run), reason),
    retry: async <R>(run: RunRef<R>) => await retry(core, idOf(run)) as Run<R>,
    fork: async <R>(run: RunRef<R>, forkOptions?: ForkOptions) => fork<R>(core, idOf(run), forkOptions),
    queue: (name) => queueOf(core, name),
    tick: (more) => tick(core, more),
    prune: (more) => prune(core, more),
    work(more = {}) {
      core.open();
      const worker = new EngineWorker(core, more);
      workers.add(worker);
      return worker;
    },
    on: (name, listener) => core.observers.on(name, listener),
    async ready() {
      core.open();
      await core.store.find({ limit: 1 });
    },
    idle: () => idle(core),
    async close() {
      await Promise.all([...workers].map((worker) => worker.stop()));
      await idle(core);
      core.doorbell.close();
      core.closed = true;
    },
  };
  return engine;
}

/** As an async function that gives what `call` gives, without a promise of its own and its ticks. */
function promised<T>(call: () => Promise<T>): Promise<T> {
  try {
    return call();
  } catch (error) {
    return Promise.reject(error as Error);
  }
}

/** Turns and background work set each other off. */
async function idle(core: Core): Promise<void> {
  while (core.working.size > 0 || core.background.size > 0) {
    await core.background.idle();
    await Promise.all([...core.working].map((place) => place.left));
  }
}

function idOf(run: RunRef<unknown>): string {
  const id: unknown = typeof run === "object" && run !== null ? run.id : run;
  checkName("The run's id", id);
  return id;
}
