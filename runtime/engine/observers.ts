// Who watches an engine: metrics, traces, notifications. They hear what this engine did, after it is stored; what they throw is
// logged and changes nothing. What other processes do is not heard here.

import type { RunStatus } from "../store.ts";
import type { Logger } from "./logger.ts";

export interface EngineEvents {
  /** A commit of a run. A turn has one or more; the first of a run creates it. */
  readonly commit: CommitEvent;
  /** A message from one run to another that could not be delivered. It stays in the outbox, and others go past it. */
  readonly undelivered: UndeliveredEvent;
}

export interface CommitEvent {
  readonly runId: string;
  readonly flow: string;
  /** From 1, one higher at each commit; also the fence of the steps it begins. */
  readonly version: number;
  readonly status: RunStatus;
  /** The contexts that the run listens for. */
  readonly waits: readonly string[];
  /** By the engine's clock. */
  readonly at: Date;
}

export interface UndeliveredEvent {
  /** Whom it is for. */
  readonly runId: string;
  readonly eventId: string;
  readonly error: unknown;
  /** In a row, in this engine. */
  readonly failures: number;
  /** When this engine tries again; others may before. */
  readonly nextAt: Date;
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

  /** `event` is made only when somebody listens. */
  tell<Name extends keyof EngineEvents>(name: Name, event: () => EngineEvents[Name]): void {
    const listeners = this.#listeners.get(name) as ReadonlySet<{ readonly listener: Listener<Name> }> | undefined;
    if (listeners === undefined || listeners.size === 0) return;
    const told = event();
    for (const { listener } of listeners) {
      try {
        const later: unknown = listener(told);
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
