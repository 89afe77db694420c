// retry: a failed run goes on from its last commit, with the input that is not in it. Steps of that commit were tried, or were under
// way, when it failed: they are made again under the same key, with all their attempts.

import type { Stored } from "../../codec/cut.ts";
import { renewAttempts } from "../../turn/cut-off.ts";
import { deflowError } from "../../errors/classes.ts";
import { LeaseLostError } from "../../errors/run.ts";
import { snapshotApart } from "../../record/frame.ts";
import { restoreRun } from "../../record/restore.ts";
import { defined, type Snapshot, snapshotOf, type Wait } from "../../record/snapshot.ts";
import type { Index, Message, RunStatus, Shape, StoredRun } from "../../store.ts";
import { advance } from "../turns/advance.ts";
import type { Core } from "../core.ts";
import { exclusively } from "../turns/exclusive.ts";
import { isKept, read } from "../turns/messages.ts";
import { written } from "../turns/parts.ts";
import { readState, type RunState, tokenKey, writeAgain } from "../turns/record.ts";
import { missing, type Run, runOf } from "../run.ts";

/** Throws NotRetryable unless the run has failed and nothing of it was undone. Resolves after the turn. */
export async function retry(core: Core, id: string): Promise<Run> {
  core.open();
  const owner = core.owner();
  await exclusively(core, id, () => revive(core, id, owner));
  await advance(core, id, { owner, again: true });
  return runOf(core, (await core.store.load(id, undefined, core.texts.run)) ?? missing(id));
}

/** Makes it a run that goes on, and takes its lease. */
async function revive(core: Core, id: string, owner: string): Promise<void> {
  const row = (await core.store.load(id)) ?? missing(id);
  const { error: _, ...state } = readState(core, row);
  if (row.status !== "failed") throw notRetryable(row, "it has not failed");
  if (state.compensated) throw notRetryable(row, "its compensations ran");
  if (row.frame === "") throw notRetryable(row, "its arguments cannot be stored");
  const { waits, nextAt, status, frame, shape } = lastCommit(core, row, state);
  const revived: RunState = { ...state, waits, ...defined({ nextAt }) };
  const result = await core.commit(row.flow, {
    id, version: row.version, now: core.clock.now(), status, ...written(row.parts, writeAgain(core, revived), frame, core.journals.noted(row.parts, row.version + 1, { what: "retry" })).change,
    waits: waits.flatMap(({ context }) => context ?? []), index: indexOf(row, waits), looked: row.delivered, wake: null,
    consumed: row.inbox.filter((message) => isRefused(core, message, state)).map(({ seq }) => seq), lease: { owner, duration: core.settings.lease },
    ...(shape === undefined ? {} : { shape }),
  });
  if (!result?.applied) throw new LeaseLostError(id);
}

/** Its sender was told that the run had ended; not so of what led to that. */
function isRefused(core: Core, message: Message, { event }: RunState): boolean {
  const letter = read(core, message);
  return letter.kind !== "subscribe" && !isKept(letter) && (letter.kind === "cancel" || message.eventId === null || message.eventId !== event);
}

/** The end took the callbacks out of it. */
function indexOf({ index }: StoredRun, waits: readonly Wait[]): Index {
  return { ...index, ...Object.fromEntries(waits.flatMap(({ token }) => (token === undefined ? [] : [[tokenKey(token), true] as const]))) };
}

interface LastCommit extends Pick<Snapshot, "waits" | "nextAt"> {
  readonly status: RunStatus;
  /** Present where its steps got new attempts. */
  readonly frame?: Stored;
  readonly shape?: Shape | undefined;
}

/** Throws what keeps this program from reading it. */
function lastCommit(core: Core, row: StoredRun, { fresh }: RunState): LastCommit {
  core.flow(row.flow);
  if (fresh) return { waits: [], nextAt: undefined, status: "queued" };
  const run = restoreRun(row.frame, core.env, row.parts);
  if (!renewAttempts(run)) {
    const { waits, nextAt, status } = snapshotOf(run, { text: row.frame, parts: row.parts });
    return { waits, nextAt, status };
  }
  const { waits, nextAt, status, frame: text, parts, shape } = snapshotApart(run);
  return { waits, nextAt, status, frame: { text, parts }, shape };
}

function notRetryable({ id, status }: StoredRun, problem: string): Error {
  return deflowError("NOT_RETRYABLE", { status, problem }, { runId: id });
}
