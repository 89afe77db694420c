// A dashboard of orders: how many are in which state, and what became of each, as it happens.

import { context, deflow, type Engine, listen } from "deflow";

export const paid = context<boolean>("paid");

export const order = deflow(async function order(_id: string) {
  if (!await listen(paid)) throw new Error("the card was refused");
  return "on its way";
});

export function watch(engine: Engine, show: (line: string) => void): () => void {
  const states = new Map<string, string>();
  return engine.on("commit", ({ runId, flow, status, waits, version }) => {
    if (flow !== "order") return;
    states.set(runId, status);
    show(`${runId} #${version} ${status}${waits.length > 0 ? `, for ${waits.join(" and ")}` : ""}; ${states.size} in all`);
  });
}
