// step(…, { record: false }): an ordinary call with a step's context. Its promise is ordinary and holds the turn.

import { logOf } from "./log.ts";
import type { StepContext } from "./step.ts";
import type { LiveRun } from "../run/step.ts";

export function runUnrecorded(run: LiveRun, name: string, fn: (context: StepContext) => unknown): Promise<unknown> {
  const context: StepContext = {
    // Random, since nothing keeps it for a second attempt.
    key: `${run.id}:${Buffer.from(run.env.random(8)).toString("hex")}`,
    attempt: 1,
    signal: new AbortController().signal,
    fence: run.turn,
    log: logOf(() => ({ run, step: name, attempt: 1 })),
    heartbeat() {},
  };
  return new Promise((resolve) => {
    resolve(fn(context));
  });
}
