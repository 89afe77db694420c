// A new run: its root strand starts at once and runs to its first wait.

import { optionsOf } from "../api/deflow.ts";
import { durableOf } from "../promises/durable.ts";
import { durationText, milliseconds } from "../realm/duration.ts";
import type { CompiledFlow } from "../strands/registry.ts";
import { shared } from "../realm/shared.ts";
import { LiveRun, type RunEnv } from "./step.ts";

/** `id`: absent, 64 random bits. */
export function startRun(flow: CompiledFlow, args: readonly unknown[], env: RunEnv, options: { readonly id?: string | undefined } = {}): LiveRun {
  const run = new LiveRun(options.id ?? Buffer.from(env.random(8)).toString("hex"), flow.deflow.id, env);
  const { timeout } = optionsOf(flow);
  if (timeout !== undefined) run.limit = { at: env.now() + milliseconds(timeout, "The timeout of deflow()"), after: durationText(timeout) };
  const caller = shared.current;
  shared.current = run.jobs;
  try {
    run.root = durableOf((flow as unknown as (...args: readonly unknown[]) => unknown)(...args)) as LiveRun["root"];
  } finally {
    shared.current = caller;
  }
  run.root.handled = true;
  return run;
}
