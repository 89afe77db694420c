// Activities that workers of a queue carry out. Each call is a run of its own, whose id is the call's key, of the activity's own flow (patterns/activity-run.ts):
// so it is queued, leased, tried again, counted and found as any run is.
//
//   the caller's commit ─► outbox: perform ─► a queued run ─► claimed by who knows the activity ─► its last commit ─► outbox: result ─► the caller
//       it waits for it no longer ─► outbox: cancel ─► its signal
//
// Each message of the outbox may be delivered twice: the run is there once, and so is the result in the caller's inbox.

import { isActivityFlow } from "../../run/activities.ts";
import { keyOf } from "../../run/operations.ts";
import type { Snapshot, Wait } from "../../record/snapshot.ts";
import type { Message, OutboxMessage, StoredRun } from "../../store.ts";
import type { Core } from "../core.ts";
import type { Progress } from "../turns/change.ts";
import { isMisfit } from "../telling/stranded.ts";
import { announcement, type Letter, read, write } from "../turns/messages.ts";
import { written } from "../turns/parts.ts";
import { indexOfChild, type Parent, parentOf, type RunState, writeState } from "../turns/record.ts";
import { encode } from "../../codec/encode.ts";

type Effect = Snapshot["effects"][number];

/** The request that goes with the commit which holds the call. Its arguments are a text: who delivers it need not know their classes. */
export function requested(core: Core, { id: run, origin }: Progress, { operation, key, name, data }: Effect): OutboxMessage {
  const { queue, args } = data as { queue: string; args: readonly unknown[] };
  const letter: Letter = { kind: "perform", flow: name, queue, priority: origin.priority, frame: encode({ args }, core.codec), run, operation };
  return { to: key, eventId: `perform:${key}`, ...write(core, letter) };
}

/** Makes the run; a second time is harmless. `outbox` is the message that asks for it. */
export async function perform(core: Core, id: string, letter: Extract<Letter, { kind: "perform" }>, outbox: number): Promise<void> {
  const { flow, queue, priority, frame, run, operation } = letter;
  const now = core.clock.now();
  const state: RunState = { turn: 0, responses: [], waits: [], nextAt: now, fresh: true };
  await core.commit(flow, {
    id, version: 0, now, origin: { flow, queue, priority }, status: "queued", waits: [], index: indexOfChild({ run, operation }), looked: 0, wake: now,
    ...written(new Map(), writeState(core, state), { text: frame, parts: new Map() }, core.journals.noted(new Map(), 1, { what: "queued" })).change,
  });
  // To nobody: it only takes the message out of the outbox.
  await core.store.deliver([{ to: "", kind: letter.kind, body: "", now, outbox }]);
  core.due(now, { queue, run: id });
}

/** Calls of the last commit that this one no longer waits for, and that were not answered. */
export function withdrawn(core: Core, { id, inbox, state: { waits = none } }: Progress, { effects, ended, cancelReason }: Snapshot, consumed: readonly number[]): readonly OutboxMessage[] {
  // Most runs call nobody.
  if (!waits.some(isCall)) return none;
  const open = new Set(ended ? [] : effects.map(({ operation }) => operation));
  const gone = calls(waits).filter((operation) => !open.has(operation));
  if (gone.length === 0) return none;
  const answered = new Set(inbox.filter(({ seq, kind }) => kind === "result" && consumed.includes(seq)).map((message) => operationOfResult(core, message)));
  return cancellations(core, id, gone.filter((operation) => !answered.has(operation)), cancelReason);
}

function operationOfResult(core: Core, message: Message): number | undefined {
  const letter = read(core, message);
  return letter.kind === "result" ? letter.operation : undefined;
}

/** The calls among what a run waits for. */
export function calls(waits: RunState["waits"]): readonly number[] {
  return waits.flatMap((wait) => (isCall(wait) ? [wait.operation] : []));
}

function isCall({ kind, name = "" }: Wait): boolean {
  return kind === "effect" && isActivityFlow(name);
}

const none: readonly never[] = [];

export function cancellations(core: Core, caller: string, operations: readonly number[], reason: string | undefined): OutboxMessage[] {
  return operations.map((operation) => ({ to: keyOf(caller, operation), eventId: `cancel:${caller}`, ...write(core, { kind: "cancel", ...(reason === undefined ? {} : { reason }) }) }));
}

/** The end of a run that is an activity, for its caller. */
export function toCaller(core: Core, run: Pick<StoredRun, "id" | "flow" | "index">, state: Pick<RunState, "value" | "error">): readonly OutboxMessage[] {
  const caller = callerOf(run);
  return caller === undefined ? none : [announcement(core, run.id, caller, "error" in state ? { error: state.error } : { value: state.value })];
}

function callerOf({ flow, index }: Pick<StoredRun, "flow" | "index">): Parent | undefined {
  return isActivityFlow(flow) ? parentOf(index) : undefined;
}

/** Whether the call that this run was made for is still open, as far as this program can read its caller. One that has failed may be tried again, and then needs it. */
export function isAwaited(run: StoredRun, caller: StoredRun, { operation }: Parent, state: () => RunState): boolean {
  if (caller.status === "failed") return true;
  if (caller.inbox.some(({ eventId }) => eventId === `result:${run.id}:${operation}`)) return false;
  try {
    return calls(state().waits).includes(operation);
  } catch (error) {
    if (isMisfit(error)) return true;
    throw error;
  }
}

