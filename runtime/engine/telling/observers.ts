// Who watches an engine: metrics, traces, notifications. They hear what this engine did, after it is stored; what they throw is
// logged and changes nothing. What other processes do is not heard here.

import type { ErrorInfo } from "../../record/error-info.ts";
import type { RunStatus } from "../../store.ts";
import { unheard } from "./capture.ts";
import type { StepStage } from "./history.ts";
import type { Logger } from "./logger.ts";

/** What `engine.on` tells of, by name. */
export interface EngineEvents {
  /** A commit of a run. A turn has one or more; the first of a run creates it. */
  readonly commit: CommitEvent;
  /** A message from one run to another that could not be delivered. It stays in the outbox, and others go past it. */
  readonly undelivered: UndeliveredEvent;
  /** An attempt of a step that a commit began, or whose outcome it holds. */
  readonly step: StepEvent;
}

/** A commit of a run, after it is stored. */
export interface CommitEvent {
  /** The run's id. */
  readonly runId: string;
  /** The name that the flow's runs are stored under. */
  readonly flow: string;
  /** From 1, one higher at each commit; also the fence of the steps it begins. */
  readonly version: number;
  /** As of this commit. */
  readonly status: RunStatus;
  /** The contexts that the run listens for. */
  readonly waits: readonly string[];
  /** By the engine's clock. */
  readonly at: Date;
}

/** A message between runs that could not be delivered. It is tried again for as long as it is in the outbox. */
export interface UndeliveredEvent {
  /** Whom it is for. */
  readonly runId: string;
  /** The message's own id, under which it counts once. */
  readonly eventId: string;
  /** What the delivery threw. */
  readonly error: unknown;
  /** In a row, in this engine. */
  readonly failures: number;
  /** When this engine tries again; others may before. */
  readonly nextAt: Date;
}

/** An attempt of a step, as a commit has it. */
export interface StepEvent {
  /** The run's id. */
  readonly runId: string;
  /** The name that the flow's runs are stored under. */
  readonly flow: string;
  /** The step's name. */
  readonly name: string;
  /** The same at every attempt. */
  readonly key: string;
  /** From 1: above 1 it is made again. */
  readonly attempt: number;
  /** `cut off`: the process that made it is gone, and whether it happened, nobody knows. */
  readonly stage: StepStage;
  /** By the engine's clock; of an outcome, when the run was given it. */
  readonly at: Date;
  /** Of a failed one. */
  readonly error?: ErrorInfo;
  /** Of a failed one: when the next attempt is made. Absent: the flow was given the error. */
  readonly retryAt?: Date;
}

type Listener<Name extends keyof EngineEvents> = (event: EngineEvents[Name]) => void;

export class Observers {
  readonly #logger: Logger;
  readonly #listeners = new Map<string, Set<{ readonly listener: Listener<never> }>>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Gives what ends it. */
  on<Name extends keyof EngineEvents>(name: Name, listener: Listener<Name>): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    // An entry of its own: the same function added twice is called twice, and each ending ends its own.
    const entry = { listener };
    this.#listeners.set(name, listeners.add(entry));
    return () => void listeners.delete(entry);
  }

  hears(name: keyof EngineEvents): boolean {
    return (this.#listeners.get(name)?.size ?? 0) > 0;
  }

  /** `event` is made only when somebody listens. */
  tell<Name extends keyof EngineEvents>(name: Name, event: () => EngineEvents[Name]): void {
    const listeners = this.#listeners.get(name) as ReadonlySet<{ readonly listener: Listener<Name> }> | undefined;
    if (listeners === undefined || listeners.size === 0) return;
    const told = event();
    for (const { listener } of listeners) {
      try {
        const later: unknown = unheard(() => listener(told));
        if (later instanceof Promise) later.catch((error: unknown) => this.#failed(name, error));
      } catch (error) {
        this.#failed(name, error);
      }
    }
  }

  #failed(name: string, error: unknown): void {
    this.#logger.error(`A listener for \`${name}\` failed: ${String(error)}`, { error });
  }
}
