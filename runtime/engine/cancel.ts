// cancel asks a run to end: its waits throw, its `finally`s and compensations run. kill ends it where it stands.

import { CancelledError } from "../errors/flow.ts";
import { KilledError, LeaseLostError, NotFoundError, RunEndedError } from "../errors/run.ts";
import { recordedError } from "../recorded.ts";
import type { Change, RunStatus, StoredRun } from "../store.ts";
import { announcements, tooLate } from "./change.ts";
import type { Core } from "./core.ts";
import { direct } from "./direct.ts";
import { read } from "./messages.ts";
import { nudge, postOutbox } from "./outbox.ts";
import { written } from "./parts.ts";
import { readState, refusedKept, type RunState, writeState } from "./record.ts";
import { hasEnded, type Run, runOf } from "./run.ts";

export async function cancel(core: Core, id: string, reason?: string): Promise<Run> {
  core.open();
  const ended = await end(core, id, "cancelled", new CancelledError(reason, { runId: id }), ["queued"]);
  if (ended) return ended;
  return await direct(core, id, {
    wait: 30_000, inOrder: false,
    check: async () => ({ cancel: reason }),
    letter: () => ({ kind: "cancel", ...(reason === undefined ? {} : { reason }) }),
  });
}

export async function kill(core: Core, id: string, reason = "kill() was called"): Promise<Run> {
  core.open();
  return (await end(core, id, "killed", new KilledError(reason, { runId: id }))) as Run;
}

/** Ends it in the store, whoever works on it: that one's next commit is refused. Undefined: it is in none of these `states`. */
async function end(core: Core, id: string, status: "killed" | "cancelled", error: Error, states?: readonly RunStatus[]): Promise<Run | undefined> {
  for (let tried = 0; tried < 20; tried++) {
    const row = await core.store.load(id);
    if (!row) throw new NotFoundError(id);
    if (states?.includes(row.status) === false) return undefined;
    if (hasEnded(row.status)) throw new RunEndedError(row.status, { runId: id });
    const change = ending(core, row, status, error);
    const result = await core.commit(row.flow, change);
    if (!result?.applied) continue;
    core.turns.get(id)?.lose();
    if (change.outbox?.length) postOutbox(core);
    if (result.delivered > change.looked) nudge(core, id);
    return runOf(core, (await core.store.load(id)) ?? row);
  }
  throw new LeaseLostError(id);
}

function ending(core: Core, row: StoredRun, status: "killed" | "cancelled", error: Error): Change {
  const { nextAt: _, fresh: __, ...last } = readState(core, row);
  const asked = row.inbox.map((message) => ({ message, letter: read(core, message) }));
  const refused = [...(last.refused ?? []), ...asked.flatMap(({ letter, message }) => tooLate(letter, message, status))].slice(-refusedKept);
  const state: RunState = { ...last, waits: [], error: recordedError(error, core.env), ...(refused.length > 0 ? { refused } : {}) };
  return {
    id: row.id, version: row.version, now: core.clock.now(), status, ...written(row.parts, writeState(core, state)).change, waits: [], looked: row.delivered,
    consumed: row.inbox.map(({ seq }) => seq), wake: null, force: true, outbox: announcements(core, row.id, asked, state),
  };
}
