// start() in a flow: another run, with a life of its own. It is a step, so it is repeated after a crash, under the same id.

import { currentRun } from "../../strands/current.ts";
import type { Durable } from "../../api/durable.ts";
import type { Flow } from "../../api/deflow.ts";
import { InvalidArgumentError, NeedsEngineError } from "../../errors/run.ts";
import { code } from "../../strands/flow.ts";
import { operate, operationOf } from "../../run/operations.ts";
import { retryPolicy } from "../../run/retry.ts";
import { shared } from "../../realm/shared.ts";
import type { Core } from "../core.ts";
import { RunHandle } from "./handle.ts";
import { startDetached, type StartOptions } from "../calls/start.ts";

/** What becomes of a child run when the run that started it is cancelled. */
export type OnCancel = "cascade" | "abandon" | "wait";

/** Of `start()` in a flow. */
export interface ChildOptions extends StartOptions {
  /**
   * What becomes of it when this run is cancelled by `engine.cancel`, by its flow's `timeout` or by its own parent. "cascade", the default: it is
   * cancelled too, at once, for the same reason; so also when this run is killed. "abandon": it goes on. "wait": it goes on, and this run ends only
   * after it, without a deadline.
   * A run that completes or fails leaves its children alone whatever this says: one that failed may be tried again. `start` under the id of a run that
   * is there already does not make that one a child.
   */
  readonly onCancel?: OnCancel;
}

interface Captured {
  readonly flow: Flow;
  readonly args: readonly unknown[];
  readonly options: ChildOptions;
}

const startChild = code("deflow/start", "flow args options", (env) => ((context: { readonly key: string }) => {
  const { flow, args, options } = env as unknown as Captured;
  return begin(context, flow, args, options);
}) as never);

const policies: readonly unknown[] = ["cascade", "abandon", "wait"] satisfies readonly OnCancel[];
const timeout = 30_000;

/**
 * Starts another run, which this one does not wait for; `handle.result()` waits for its end. Without `id` its id is this run's, a colon
 * and a number. It is cancelled with this run unless `onCancel` says otherwise.
 */
export function start<Args extends unknown[], Result>(flow: Flow<Args, Result>, args: NoInfer<Args>, options: ChildOptions = {}): Durable<RunHandle<Result>> {
  const run = currentRun("start()");
  if (!run.env.engine) throw new NeedsEngineError("start()", { runId: run.id });
  const name = (flow as Partial<Flow> | undefined)?.deflow?.id;
  if (name === undefined) throw new InvalidArgumentError("The flow of start()", typeof flow, "a flow, made with deflow()");
  const { onCancel = "cascade" } = options;
  if (!policies.includes(onCancel)) throw new InvalidArgumentError("`onCancel` of start()", JSON.stringify(onCancel), "\"cascade\", \"abandon\" or \"wait\"");
  return operate(run, {
    kind: "step", name: `start:${name}`, fn: startChild({ flow, args, options }) as unknown as () => unknown, attempt: 1, retry: retryPolicy(10), timeout,
    ...(onCancel === "abandon" ? {} : { child: onCancel }),
  }) as unknown as Durable<RunHandle<Result>>;
}

async function begin(context: { readonly key: string }, flow: Flow, args: readonly unknown[], options: ChildOptions): Promise<RunHandle> {
  const { key } = context;
  const core = shared.engines.get(context) as Core | undefined;
  if (core === undefined) throw new NeedsEngineError("start()");
  const { id = key, onCancel = "cascade" } = options;
  await startDetached(core, id, flow, args, options, onCancel === "cascade" ? operationOf(key) : undefined);
  return new RunHandle(id, flow.deflow.id);
}
