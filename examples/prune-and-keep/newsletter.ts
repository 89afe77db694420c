// Subscriptions to a newsletter: ended runs hold addresses, so they must not stay for ever.

import { context, createEngine, deflow, listen, type EngineOptions, type Engine } from "deflow";

export const confirmed = context<boolean>("confirmed");

export const subscribe = deflow(async function subscribe(_address: string) {
  const said = await listen(confirmed, { timeout: "1 week" });
  return said ? "subscribed" : "never mind";
});

export function newsletter(options: Omit<EngineOptions, "flows" | "keep">): Engine {
  return createEngine({ ...options, flows: { subscribe }, keep: { completed: "30 days", failed: "90 days" } });
}

/** By hand, at night: what would go, then what went. */
export async function forgetCancelled(engine: Engine): Promise<readonly string[]> {
  const old = { before: "1 day", status: "cancelled" } as const;
  console.log(await engine.prune({ ...old, dryRun: true }));
  return await engine.prune(old);
}
