// fork: a second run that goes on from where a waiting one stands, as if both had come there. The original is only read.
//
//   strands, locals, closures, timers, compensations   the same, each run with copies of its own
//   callbacks                                          new tokens: an answer to one run is none to the other
//   permits of listens                                 the same: the author chose them, only their hashes are stored, and who answers
//                                                      also names the run
//   child runs                                         stay the original's, and are not cancelled with the fork; it hears of their ends too
//   letters in the inbox                               the original's

import { RunEndedError } from "../../errors/run.ts";
import { deflowError } from "../../errors/classes.ts";
import { snapshotApart } from "../../record/frame.ts";
import { isActivityFlow } from "../../run/activities.ts";
import { isOperation } from "../../run/operations.ts";
import { restoreRun } from "../../record/restore.ts";
import type { LiveRun } from "../../run/step.ts";
import type { Index, StoredRun } from "../../store.ts";
import { newToken } from "../../run/token.ts";
import { isLeased } from "../turns/advance.ts";
import { changeOf, newProgress } from "../turns/change.ts";
import type { Core } from "../core.ts";
import { postOutbox } from "../workers/outbox.ts";
import { readState } from "../turns/record.ts";
import { hasEnded, missing, type Run, runAfter } from "../run.ts";
import { checkOptions, newId } from "./start.ts";

/** Of `engine.fork`. */
export interface ForkOptions {
  /** The id of the fork; RunExists is thrown where it is taken. Default: 24 hexadecimal digits of chance. */
  readonly id?: string;
  /** Added to the index of the original. Default: nothing. */
  readonly index?: Index;
}

/** The fork, as it waits. */
export type Forked<R = unknown> = Run<R> & {
  /** Of its callbacks, by the number of the operation in `waits`. Locals that hold the original's tokens still do. */
  readonly tokens: Readonly<Record<number, string>>;
};

/** Throws NotForkable for a run that does not wait, or waits for a step. */
export async function fork<R>(core: Core, from: string, options: ForkOptions = {}): Promise<Forked<R>> {
  core.open();
  checkOptions(options);
  const row = (await core.store.load(from)) ?? missing(from);
  const run = waiting(core, row);
  run.id = options.id ?? newId(core);
  if (options.index !== undefined) run.index = { ...run.index, ...options.index };
  leaveChildren(run);
  const tokens = renewTokens(run);
  const taken = snapshotApart(run);
  const journal = core.journals.of(run);
  journal.note({ what: "forked", from });
  const { flow, queue, priority } = row;
  const { change, state } = changeOf(core, Object.assign(newProgress(run.id, { flow, queue, priority }), { journal }), taken);
  const result = await core.commit(row.flow, change);
  if (!result?.applied) throw deflowError("RUN_EXISTS", { id: run.id, flow: row.flow }, { runId: run.id });
  if (change.outbox?.length) postOutbox(core);
  if (change.wake !== null) core.due(change.wake, { queue });
  return { ...runAfter<R>(core, { id: run.id, flow: row.flow, status: change.status, index: change.index ?? {}, createdAt: change.now }, state), tokens };
}

/** The run as it was committed last. */
function waiting(core: Core, row: StoredRun): LiveRun {
  const { id, status } = row;
  if (hasEnded(status)) throw new RunEndedError(status, { runId: id });
  const refuse = (problem: string): never => {
    throw deflowError("NOT_FORKABLE", { status, problem }, { runId: id });
  };
  if (status !== "waiting" || isLeased(core, row) || readState(core, row).fresh) refuse("it is not waiting");
  core.flow(row.flow);
  const run = restoreRun(row.frame, core.env, row.parts);
  for (const { by } of run.operations.values()) {
    if (isOperation(by) && (by.kind === "step" || (by.kind === "effect" && isActivityFlow(by.name)))) refuse(`the ${by.kind === "step" ? "step" : "call of"} \`${by.name}\` is not over`);
  }
  return run;
}

/** It is cancelled without waiting for what the original started. */
function leaveChildren(run: LiveRun): void {
  for (const [seq, { by }] of run.operations) if (isOperation(by) && by.kind === "effect" && by.name === "end") run.operations.delete(seq);
}

function renewTokens(run: LiveRun): Record<number, string> {
  const tokens: Record<number, string> = {};
  for (const promise of run.operations.values()) {
    const { by } = promise;
    if (!isOperation(by) || by.kind !== "callback") continue;
    const token = newToken(run.env);
    promise.by = { ...by, token };
    tokens[by.seq] = token;
  }
  return tokens;
}
