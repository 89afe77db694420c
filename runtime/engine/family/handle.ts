// What a flow holds of another run. It is stored by the run's id alone.

import type { Durable } from "../../api/durable.ts";
import type { Kind } from "../../codec/kind.ts";
import { currentRun } from "../../strands/current.ts";
import { NeedsEngineError } from "../../errors/run.ts";
import { operate } from "../../run/operations.ts";
import { oneClass } from "../../realm/shared.ts";

/** Another run, as a flow holds it: what `start()` in a flow gives. */
export interface RunHandle<Result = unknown> {
  /** The run's id, which is all that is stored of it but the flow's name. */
  readonly id: string;
  /** The name that the flow's runs are stored under. */
  readonly flow: string;
  /** In a flow: waits for the other run's end; its value, or what it threw. Elsewhere use `engine.get(id)`. @throws NotInRunError, NeedsEngineError. */
  result(): Durable<Result>;
}

class OwnHandle<Result> implements RunHandle<Result> {
  readonly id: string;
  readonly flow: string;

  constructor(id: string, flow: string) {
    this.id = id;
    this.flow = flow;
  }

  result(): Durable<Result> {
    const run = currentRun("handle.result()");
    if (!run.env.engine) throw new NeedsEngineError("handle.result()", { runId: run.id });
    return operate(run, { kind: "effect", name: "result", data: { run: this.id } }) as unknown as Durable<Result>;
  }
}

/** The class of handles. @internal */
export const RunHandle = oneClass("RunHandle", OwnHandle);

/** {"$run": [id, flow]} */
export const handleKind: Kind<RunHandle> = {
  tag: "$run",
  prototypes: [RunHandle.prototype],
  encode: ({ id, flow }) => [id, flow],
  create(payload) {
    const [id, flow] = payload as [string, string];
    return new RunHandle(id, flow);
  },
};
