// deflow(): marks an async function as a flow. The transformer turned that function into one before this runs.

import type { Duration } from "../realm/duration.ts";
import { NotCompiledError } from "../errors/load.ts";
import { InvalidArgumentError } from "../errors/run.ts";
import type { CompiledFlow, Meta } from "../strands/registry.ts";
import { shared } from "../realm/shared.ts";
import type { Durable } from "./durable.ts";

/** A flow: called in a run it starts a strand; a run of its own it becomes by engine.start() or begin(). */
export interface Flow<Args extends unknown[] = never[], Result = unknown> {
  (...args: Args): Durable<Result>;
  /** What the compiler says of it; `deflow.id` is the name that its runs are stored under. */
  readonly deflow: Meta;
}

/** Of `deflow(options, fn)`. */
export interface FlowOptions {
  /** What runs of it are stored under, in place of the function's name; the default is that name. */
  readonly name?: string;
  /** How long a run may take in all, waits included; then it is cancelled. Default: for ever. */
  readonly timeout?: Duration;
  /**
   * `"pin"`, written out in the call: a run goes on only with the text of the flow that it was begun with, and never on newer code. Default: newer
   * code that fits.
   */
  readonly version?: "pin";
}

type AsyncFunction<Args extends unknown[], Result> = (...args: Args) => PromiseLike<Result>;

/**
 * Marks an async function, written in the call, as a flow: what lives across its waits is stored. Called in a flow it is a part of that run;
 * `engine.start` and `begin` make runs of it.
 * @throws NotCompiledError where the build lacks the compiler; InvalidArgumentError for what is no function.
 */
export function deflow<Args extends unknown[], Result>(fn: AsyncFunction<Args, Result>): Flow<Args, Result>;
export function deflow<Args extends unknown[], Result>(options: FlowOptions, fn: AsyncFunction<Args, Result>): Flow<Args, Result>;
export function deflow(first: unknown, second?: unknown): Flow {
  const [options, fn] = typeof first === "function" ? [undefined, first] : [first as FlowOptions, second];
  if (typeof fn !== "function") throw new InvalidArgumentError("The argument of deflow()", typeof fn, "an async function");
  if (shared.tags.get(fn)?.kind !== "flow") throw new NotCompiledError(fn.name || "(anonymous)");
  const flow = fn as CompiledFlow;
  if (options !== undefined) shared.flowOptions.set(flow, options);
  return flow as unknown as Flow;
}

/** What the flow was declared with. */
export function optionsOf(flow: object): FlowOptions {
  return shared.flowOptions.get(flow) ?? {};
}
