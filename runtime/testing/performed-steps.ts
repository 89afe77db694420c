// The steps that a test has seen, and what stands in for their functions.

import type { StepContext } from "../api/step.ts";
import { perform } from "../turn/attempt.ts";
import type { Clock } from "../realm/clock.ts";
import type { Stage } from "../engine/core.ts";
import { deflowError } from "../errors/classes.ts";
import { UnknownStepError } from "../errors/load.ts";
import type { CompiledFlow, Meta } from "../strands/registry.ts";
import { shared } from "../realm/shared.ts";
import type { StepCall } from "../record/snapshot.ts";
import { performTx } from "../turn/transaction.ts";

/** For a step.tx there is no client, and no signal in the context. */
export type StandIn = (context: StandInContext) => unknown;

/** What a stand-in is called with. */
export interface StandInContext extends StepContext {
  /** Of an activity; else empty. */
  readonly args: readonly unknown[];
}

/** One attempt. */
export interface PerformedStep {
  /** The step's name. */
  readonly name: string;
  /** The same at each attempt of one step. */
  readonly key: string;
  /** From 1. */
  readonly attempt: number;
  /** Of an activity. */
  readonly args?: readonly unknown[];
  /** When it began. */
  readonly at: Date;
  /** How the attempt stands; one that timed out is "running" until its function ends. */
  readonly status: "running" | "completed" | "failed";
  /** Of a completed one. */
  readonly value?: unknown;
  /** Of a failed one. */
  readonly error?: unknown;
}

export class PerformedSteps implements Stage {
  readonly #standIns: ReadonlyMap<string, StandIn>;
  readonly #written: ReadonlySet<string>;
  readonly #clock: Clock;
  readonly #performed: PerformedStep[] = [];

  constructor(standIns: Readonly<Record<string, StandIn>>, flows: Readonly<Record<string, unknown>>, clock: Clock) {
    this.#standIns = new Map(Object.entries(standIns));
    this.#written = stepNames(Object.values(flows) as CompiledFlow[]);
    this.#clock = clock;
  }

  readonly perform = async (call: StepCall, context: StepContext): Promise<unknown> => {
    const attempt = this.#begin(call);
    const standIn = this.#standIns.get(call.name);
    return await attempt.of(() => (standIn === undefined ? perform(call, context) : standIn({ ...context, args: call.args ?? [] })));
  };

  readonly performTx: Stage["performTx"] = (call, client, context) => {
    const standIn = this.#standIns.get(call.name);
    if (standIn === undefined && client === undefined) throw deflowError("STORE_WITHOUT_TX", { name: call.name });
    return this.#begin(call).of(() => (standIn ? standIn({ ...context as StepContext, args: [] }) : performTx(call, client, context)));
  };

  #begin({ name, key, attempt, args }: StepCall): { of(work: () => unknown): unknown } {
    const entry: { -readonly [K in keyof PerformedStep]: PerformedStep[K] } = { name, key, attempt, ...(args === undefined ? {} : { args }), at: new Date(this.#clock.now()), status: "running" };
    this.#performed.push(entry);
    const completed = (value: unknown): unknown => {
      Object.assign(entry, { status: "completed", value });
      return value;
    };
    const failed = (error: unknown): never => {
      Object.assign(entry, { status: "failed", error });
      throw error;
    };
    return {
      of(work) {
        try {
          const value = work();
          return value instanceof Promise ? value.then(completed, failed) : completed(value);
        } catch (error) {
          return failed(error);
        }
      },
    };
  }

  of(name: string): readonly PerformedStep[] {
    const found = this.#performed.filter((step) => step.name === name);
    if (found.length === 0 && !this.#standIns.has(name)) this.#require(name);
    return found;
  }

  /** Stand-ins for steps that nobody has are typing errors, and the real step has run in their place. */
  check(): void {
    for (const name of this.#standIns.keys()) this.#require(name);
  }

  #require(name: string): void {
    const known = new Set([...this.#written, ...shared.activities.keys(), ...this.#performed.map((step) => step.name)]);
    if (!known.has(name)) throw new UnknownStepError(name, [...known]);
  }
}

/** Those that the flows await where they are called, which resume points show; others are known when they have run. */
function stepNames(flows: readonly CompiledFlow[]): ReadonlySet<string> {
  const metas: Meta[] = flows.map((flow) => flow.deflow);
  for (const [id, { meta }] of shared.strands) if (metas.some((flow) => id.startsWith(`${flow.id}#`))) metas.push(meta);
  const points = metas.flatMap((meta) => Object.keys(meta.points));
  return new Set(points.flatMap((point) => /^step:(.*?)(?:\.\d+)?$/.exec(point)?.[1] ?? []));
}
