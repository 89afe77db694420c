// retry: a failed run goes on from its last commit, with the input that is not in it.

import { deflowError } from "../errors/classes.ts";
import { LeaseLostError, NotFoundError } from "../errors/run.ts";
import { restoreRun } from "../restore.ts";
import { defined, snapshotOf, type Wait } from "../snapshot.ts";
import type { StoredRun } from "../store.ts";
import { advance } from "./advance.ts";
import type { Core } from "./core.ts";
import { exclusively } from "./exclusive.ts";
import { readState, type RunState, writeState } from "./record.ts";
import { type Run, runOf } from "./run.ts";

/** Throws NotRetryable unless the run has failed and nothing of it was undone. Resolves after the turn. */
export async function retry(core: Core, id: string): Promise<Run> {
  core.open();
  const owner = core.owner();
  await exclusively(core, id, () => revive(core, id, owner));
  await advance(core, id, { owner, attempt: 0 });
  return runOf(core, (await core.store.load(id)) ?? missing(id));
}

/** Makes it a run that goes on, and takes its lease. */
async function revive(core: Core, id: string, owner: string): Promise<void> {
  const row = (await core.store.load(id)) ?? missing(id);
  const { error: _, ...state } = readState(core, row.state);
  if (row.status !== "failed") throw notRetryable(row, "it has not failed");
  if (state.compensated) throw notRetryable(row, "its compensations ran");
  if (row.frame === "") throw notRetryable(row, "its arguments cannot be stored");
  const { waits, at } = lastWaits(core, row, state);
  const revived: RunState = { ...state, waits, ...defined({ nextAt: at }) };
  const [result] = await core.store.commit([{
    id, version: row.version, now: core.clock.now(), status: state.fresh ? "queued" : "running", state: writeState(core, revived),
    waits: waits.flatMap(({ context }) => context ?? []), looked: row.delivered, wake: null, lease: { owner, duration: core.settings.lease },
  }]);
  if (!result?.applied) throw new LeaseLostError(id);
}

/** What the last committed frame waits for. Throws what keeps this program from reading it. */
function lastWaits(core: Core, row: StoredRun, { fresh }: RunState): { waits: readonly Wait[]; at: number | undefined } {
  core.flow(row.flow);
  if (fresh) return { waits: [], at: undefined };
  const { waits, nextAt } = snapshotOf(restoreRun(row.frame, core.env), row.frame);
  return { waits, at: nextAt };
}

function notRetryable({ id, status }: StoredRun, problem: string): Error {
  return deflowError("NOT_RETRYABLE", { status, problem }, { runId: id });
}

function missing(id: string): never {
  throw new NotFoundError(id);
}
