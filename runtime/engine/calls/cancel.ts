// cancel asks a run to end: its waits throw, its `finally`s and compensations run. kill ends it where it stands.

import { CancelledError } from "../../errors/flow.ts";
import { KilledError, LeaseLostError, RunEndedError } from "../../errors/run.ts";
import type { RunStatus } from "../../store.ts";
import type { Core } from "../core.ts";
import { direct } from "./direct.ts";
import { endingOf } from "../turns/end.ts";
import { nudge, postOutbox } from "../workers/outbox.ts";
import { hasEnded, missing, type Run, runOf } from "../run.ts";

export async function cancel(core: Core, id: string, reason?: string): Promise<Run> {
  core.open();
  const ended = await end(core, id, "cancelled", new CancelledError(reason, { runId: id }), reason, ["queued"]);
  if (ended) return ended;
  return await direct(core, id, {
    wait: 30_000, inOrder: false,
    check: async () => ({ cancel: reason }),
    letter: () => ({ kind: "cancel", ...(reason === undefined ? {} : { reason }) }),
  });
}

export async function kill(core: Core, id: string, reason = "kill() was called"): Promise<Run> {
  core.open();
  return (await end(core, id, "killed", new KilledError(reason, { runId: id }), reason)) as Run;
}

/** Ends it in the store, whoever works on it: that one's next commit is refused. Undefined: it is in none of these `states`. */
async function end(core: Core, id: string, status: "killed" | "cancelled", error: Error, reason?: string, states?: readonly RunStatus[]): Promise<Run | undefined> {
  for (let tried = 0; tried < 20; tried++) {
    const row = await core.store.load(id);
    if (!row) missing(id);
    if (states?.includes(row.status) === false) return undefined;
    if (hasEnded(row.status)) throw new RunEndedError(row.status, { runId: id });
    const change = endingOf(core, row, status, error, reason);
    const result = await core.commit(row.flow, change);
    if (!result?.applied) continue;
    core.turns.get(id)?.lose();
    if (change.outbox?.length) postOutbox(core);
    if (result.delivered > change.looked) nudge(core, id);
    return runOf(core, (await core.store.load(id, undefined, core.texts.run)) ?? row);
  }
  throw new LeaseLostError(id);
}
