// A dashboard of orders: how many are in which state, and what became of each, as it happens.

import { context, deflow, type Engine, listen, step } from "deflow";

export const paid = context<boolean>("paid");

export const carrier = { ship: async (id: string) => `${id} is on its way` };

export const order = deflow(async function order(id: string) {
  if (!await listen(paid)) throw new Error("the card was refused");
  return await step("ship", () => carrier.ship(id), { retry: { attempts: 2, jitter: false } });
});

export function watch(engine: Engine, show: (line: string) => void): () => void {
  const states = new Map<string, string>();
  const stopSteps = engine.on("step", ({ runId, name, attempt, stage }) => {
    if (stage === "failed") show(`${runId} ${name} failed at attempt ${attempt}`);
  });
  const stopCommits = engine.on("commit", ({ runId, flow, status, waits, version }) => {
    if (flow !== "order") return;
    states.set(runId, status);
    show(`${runId} #${version} ${status}${waits.length > 0 ? `, for ${waits.join(" and ")}` : ""}; ${states.size} in all`);
  });
  return () => {
    stopSteps();
    stopCommits();
  };
}
