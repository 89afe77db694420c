// start() in a flow: another run, with a life of its own. It is a step, so it is repeated after a crash, under the same id.

import { currentRun } from "../current.ts";
import type { Durable } from "../api/durable.ts";
import type { Flow } from "../api/deflow.ts";
import { step } from "../api/step.ts";
import { InvalidArgumentError, NeedsEngineError } from "../errors/run.ts";
import { code } from "../flow.ts";
import { shared } from "../shared.ts";
import type { Core } from "./core.ts";
import { RunHandle } from "./handle.ts";
import { startDetached, type StartOptions } from "./start.ts";

interface Captured {
  readonly flow: Flow;
  readonly args: readonly unknown[];
  readonly options: StartOptions;
}

const startChild = code("deflow/start", (env) => ((context: { readonly key: string }) => {
  const { flow, args, options } = env as unknown as Captured;
  return begin(context, flow, args, options);
}) as never);

/**
 * Starts another run. It goes on whatever becomes of this one; `handle.result()` waits for its end. Without `id` its id is this
 * run's, a colon and a number.
 */
export function start<Args extends unknown[], Result>(flow: Flow<Args, Result>, args: NoInfer<Args>, options: StartOptions = {}): Durable<RunHandle<Result>> {
  const run = currentRun("start()");
  if (!run.env.engine) throw new NeedsEngineError("start()", { runId: run.id });
  const name = (flow as Partial<Flow> | undefined)?.deflow?.id;
  if (name === undefined) throw new InvalidArgumentError("The flow of start()", typeof flow, "a flow, made with deflow()");
  return step(`start:${name}`, startChild({ flow, args, options }) as unknown as () => RunHandle<Result>, { retry: 10, timeout: "30 seconds" });
}

async function begin(context: { readonly key: string }, flow: Flow, args: readonly unknown[], options: StartOptions): Promise<RunHandle> {
  const { key } = context;
  const core = shared.engines.get(context) as Core | undefined;
  if (core === undefined) throw new NeedsEngineError("start()");
  const id = options.id ?? key;
  await startDetached(core, id, flow, args, options);
  return new RunHandle(id, flow.deflow.id);
}
