// A run goes on by itself, one turn after the other, until it has to wait:
//
//   nothing committed yet     its start
//   steps of a dead worker    again, with the same keys
//   letters it waits for      the oldest first; before timers, when both are due
//   timers that are due       where somebody sees to timers: workers and tick

import { checkInput } from "../../api/context.ts";
import { cutOff } from "../../turn/cut-off.ts";
import { deflowError } from "../../errors/classes.ts";
import { isDeflowError } from "../../errors/error.ts";
import { type Input, input } from "../../run/input.ts";
import { restoreRun } from "../../record/restore.ts";
import { readySteps, stepCall, type Wait } from "../../record/snapshot.ts";
import type { LiveRun } from "../../run/step.ts";
import type { Change, Shape, StoredRun } from "../../store.ts";
import { shapeOfText } from "../../versions/text.ts";
import { frameParts } from "../../record/frame.ts";
import { announcements, failureOf, newProgress, type Progress, tooLate } from "./change.ts";
import { Conflict } from "./conflict.ts";
import type { Core } from "../core.ts";
import { exclusively, type Place } from "./exclusive.ts";
import { orphaned } from "../family/family.ts";
import { refusedFact } from "../telling/history.ts";
import { checkToken, type Picked, pickLetter } from "./inbox.ts";
import { isKept, read } from "./messages.ts";
import { postOutbox } from "../workers/outbox.ts";
import { written } from "./parts.ts";
import { type Again, argumentsOf, ownIndex, readState, type RunState, withRefused, writeAgain } from "./record.ts";
import { hasEnded } from "../run.ts";
import { isMisfit, type Stranded, strandedOf } from "../telling/stranded.ts";
import { Turn } from "./turn.ts";

/** A lease on the run, taken from the store. */
export interface Claim {
  readonly owner: string;
  /** When it aborts, the run is left as it was committed last. */
  readonly signal?: AbortSignal;
  /** By `engine.retry`: what its last commit began is known to be over, or was given up when the run failed. */
  readonly again?: true;
}

/** How long a run that this program cannot read is left alone, in milliseconds. */
const unreadableFor = 60_000;

/**
 * Goes on for as long as the claim's lease is kept; then the run takes its turn among the others, as its queue has it. Without a
 * claim only letters move it: its start and its timers are left to those who claim. Failures of the run are stored with it, others
 * thrown.
 */
export async function advance(core: Core, id: string, claim?: Claim): Promise<void> {
  let held = claim;
  for (let conflicts = 0; conflicts < 10;) {
    const outcome = await exclusively(core, id, (place) => oneTurn(core, id, held, place));
    if (outcome === "rest") return;
    if (outcome === "conflict") conflicts++;
    held = typeof outcome === "object" ? outcome : undefined;
    if (claim === undefined || held !== undefined || !core.doorbell.isAttended) continue;
    // A timer that is due was rung for by the commit.
    if (outcome === "letters") core.due(core.clock.now(), { run: id });
    return;
  }
}

/**
 * `rest`: nothing to do. `over`: the turn is, and its lease given back. `letters`: the same, and there are letters that it did not
 * see. `conflict`: somebody was faster. A claim: the turn is over and its lease kept for the next.
 */
type Outcome = "rest" | "over" | "letters" | "conflict" | Claim;

async function oneTurn(core: Core, id: string, claim: Claim | undefined, place: Place): Promise<Outcome> {
  const row = await core.store.load(id, undefined, core.texts.turn);
  if (!row || !isOurs(core, row, claim?.owner)) {
    if (row && claim === undefined && row.delivered > row.looked) core.rings(id);
    return "rest";
  }
  if (await isStranded(core, row)) return await giveBack(core, row, claim);
  let state: RunState;
  try {
    state = readState(core, row);
  } catch (error) {
    return await leaveAlone(core, row, claim, error);
  }
  if (hasEnded(row.status)) return await answerLate(core, row, state, claim?.owner);
  const progress = progressOf(row, state, claim?.owner);
  const crashes = crashesOf(row, claim?.owner);
  if (crashes >= core.settings.crashes) return await giveUp(core, progress, crashes);
  let run: LiveRun;
  try {
    const orphan = state.fresh ? await orphaned(core, row) : undefined;
    if (orphan !== undefined) return await endOrphan(core, row, orphan);
    run = begin(core, row, state);
  } catch (error) {
    return await leaveAlone(core, row, claim, error, core.settings.dev && !state.fresh ? strandedOf(core, row) : undefined);
  }
  const picked = await move(core, progress, run, claim);
  if (!picked.moves) {
    if (picked.foreign !== undefined) return await leaveAlone(core, row, claim, picked.foreign);
    const isNew = row.delivered > row.looked || picked.refused.length > 0;
    if (claim === undefined && !isNew) return "rest";
    return await tidy(core, row, state, { owner: claim?.owner, picked });
  }
  if (claim?.signal?.aborted) return "rest";
  const turn = new Turn(core, run, progress, place);
  return await conclude(core, turn, progress, claim?.signal);
}

/** Drives the turn; stores with the run what only the run can have caused. */
async function conclude(core: Core, turn: Turn, progress: Progress, signal: AbortSignal | undefined): Promise<Outcome> {
  const abandon = (): void => turn.abandon();
  signal?.addEventListener("abort", abandon);
  try {
    await turn.drive();
  } catch (error) {
    if (error instanceof Conflict) return error.first && progress.owner === undefined ? "conflict" : "rest";
    if (turn.storeFailed) throw error;
    core.logger.error(`A turn of \`${progress.id}\` failed: ${String(error)}`, { runId: progress.id, error });
    return await turn.fail(error) ? "rest" : "conflict";
  } finally {
    signal?.removeEventListener("abort", abandon);
  }
  if (progress.owner !== undefined) return { owner: progress.owner, ...(signal === undefined ? {} : { signal }) };
  return turn.more ? "letters" : "over";
}

function isOurs(core: Core, { wake }: StoredRun, owner: string | undefined): boolean {
  if (owner !== undefined) return wake?.owner === owner;
  return !isLeased(core, { wake });
}

export function isLeased(core: Core, { wake }: Pick<StoredRun, "wake">): boolean {
  return wake !== null && wake.owner !== null && wake.at > core.clock.now();
}

export function progressOf(row: StoredRun, state: RunState, owner?: string): Progress {
  const { id, flow, queue, priority } = row;
  const progress = newProgress(id, { flow, queue, priority });
  progress.version = row.version;
  progress.mark = row.mark;
  progress.createdAt = row.createdAt;
  progress.state = state;
  progress.parts = row.parts;
  progress.index = row.index;
  progress.shape = row.shape;
  progress.inbox = row.inbox;
  progress.loaded = row.delivered;
  progress.owner = owner;
  if (state.refused !== undefined) progress.refused = [...state.refused];
  return progress;
}

/** The run as it was committed last. */
export function begin(core: Core, row: StoredRun, state: RunState): LiveRun {
  const flow = core.flow(row.flow);
  if (!state.fresh) return restoreRun(row.frame, core.env, row.parts);
  return indexed(core.startRun(flow, argumentsOf(core, row.frame), row.id), ownIndex(row.index));
}

/** Adds what the run's starter wants it found by; what the flow says itself wins. */
export function indexed(run: LiveRun, index: LiveRun["index"]): LiveRun {
  if (index && Object.keys(index).length > 0) run.index = { ...index, ...run.index };
  return run;
}

/** Gives the run what moves it, if there is anything; its start and its timers only with a claim. */
async function move(core: Core, progress: Progress, run: LiveRun, claim: Claim | undefined): Promise<Picked & { moves: boolean }> {
  const { state } = progress;
  if (state.fresh) {
    // Without a claim it is no worker of its queue that asks: a letter does not begin a run.
    const isTime = claim !== undefined && (state.nextAt ?? 0) <= core.clock.now();
    return { found: undefined, refused: [], moves: isTime };
  }
  if (state.retry && await moveAgain(core, progress, run, state.retry)) return { found: undefined, refused: [], moves: true };
  const picked = await pickLetter(core, progress.inbox, state.waits ?? []);
  progress.consumed.push(...picked.refused.map(({ seq }) => seq));
  progress.refused.push(...picked.refused.map(({ entry }) => entry));
  const journal = core.journals.of(run);
  for (const { entry } of picked.refused) journal.refused(entry);
  const due: Input = { fire: core.clock.now() };
  const steps = readySteps(run);
  if (steps.length > 0) {
    cutOffSteps(core, progress, run, steps, claim?.again);
    return { ...picked, moves: true };
  }
  if (picked.found) {
    input(run, picked.found.input);
    journal.took(picked.found.input, state.waits ?? [], picked.found.eventId);
    progress.seq = picked.found.seq;
    progress.event = picked.found.eventId ?? undefined;
    return { ...picked, moves: true };
  }
  const moves = claim !== undefined && picked.foreign === undefined && input(run, due);
  if (moves) journal.took(due, state.waits ?? []);
  return { ...picked, moves };
}

/** Steps that another process may have begun are made again, or given up. */
export function cutOffSteps(core: Core, progress: Progress, run: LiveRun, steps = readySteps(run), again?: true): void {
  if (steps.length === 0) return;
  if (!again) core.journals.of(run).cutOff(steps.map((step) => stepCall(run, step)));
  progress.cutOff = steps.filter(({ held }) => !held).map(({ seq }) => seq);
  cutOff(run);
}

/** The input that a failed turn was given, once more. */
async function moveAgain(core: Core, progress: Progress, run: LiveRun, again: Again): Promise<boolean> {
  try {
    const waits = progress.state.waits ?? [];
    const given = await inputAgain(again, waits);
    input(run, given);
    core.journals.of(run).took(given, waits, progress.state.event);
    cutOff(run);
  } catch (error) {
    if (!isDeflowError(error)) throw error;
    const context = "token" in again ? "settle" : again.context;
    progress.refused.push({ context, eventId: progress.state.event ?? null, code: error.code, message: error.message, at: core.clock.now() });
    return false;
  }
  progress.again = again;
  progress.event = progress.state.event;
  return true;
}

async function inputAgain(again: Again, waits: readonly Wait[]): Promise<Input> {
  const { data } = again;
  if ("token" in again) return { settle: again.token, data: await checkToken(waits, again.token, data) };
  const { context, permit } = again;
  return { event: context, data: await checkInput(context, data), ...(permit === undefined ? {} : { permit }) };
}

/** This program cannot read the run, or what the run would take next: another may, or this one when it is newer. */
async function leaveAlone(core: Core, row: StoredRun, claim: Claim | undefined, error: unknown, stranded?: Stranded): Promise<Outcome> {
  const { id, version, status, waits, state, wake } = row;
  const shape = isMisfit(error) ? otherShape(core, row) : undefined;
  // It was left alone already, and nothing has come since.
  if (claim === undefined && row.delivered <= row.looked && wake?.owner === null && wake.at > core.clock.now()) return "rest";
  core.logger.error(`The run \`${id}\` cannot go on here: ${String(error)}${stranded === undefined ? "" : `\n${stranded.diff}`}`, { runId: id, error });
  const now = core.clock.now();
  const holder = claim === undefined ? {} : { holder: claim.owner };
  // Of that shape it is due for whoever knows it, and not for this program.
  const change: Change = shape === undefined
    ? { id, version, now, status, waits, state, looked: row.delivered, wake: now + unreadableFor, ...holder }
    : { id, version, now, status, waits, state, looked: row.looked, wake: now, shape, ...holder };
  return await store(core, row.flow, change) ? "rest" : "conflict";
}

/** Only another build goes on with it. */
export async function isStranded(core: Core, { shape }: Pick<StoredRun, "shape">): Promise<boolean> {
  if (shape === null) return false;
  if (core.shapes.judged(shape) === undefined) await core.shapes.know([shape]);
  return (core.shapes.judged(shape)?.misfits.length ?? 0) > 0;
}

/** Nothing of it is changed: it is due for those that know it. */
async function giveBack(core: Core, { id }: StoredRun, claim: Claim | undefined): Promise<Outcome> {
  if (claim !== undefined) await core.store.extend([{ id, owner: claim.owner }], { now: core.clock.now(), duration: 0 });
  return "rest";
}

/** Of a run without a shape, which a store of earlier tables has, or with one that its frame does not have any more: that of its frame, if it says that the run does not fit. */
function otherShape(core: Core, { flow, shape: before, frame, parts }: StoredRun): Shape | undefined {
  const shape = shapeOfText(flow, frame, parts, frameParts);
  if (shape === undefined || shape.key === before) return undefined;
  core.shapes.learn(shape);
  return (core.shapes.judged(shape.key)?.misfits.length ?? 0) > 0 ? shape : undefined;
}

/** Takes note of letters that nobody waits for, and puts the run's next time right. */
async function tidy(core: Core, row: StoredRun, state: RunState, { owner, picked }: { owner: string | undefined; picked: Picked }): Promise<Outcome> {
  const refused = picked.refused.map(({ entry }) => entry);
  const change: Change = {
    id: row.id, version: row.version, now: core.clock.now(), status: row.status, waits: row.waits,
    ...(refused.length > 0 ? written(row.parts, writeAgain(core, { ...state, ...withRefused(state.refused, refused) }), undefined, core.journals.noted(row.parts, row.version + 1, ...refused.map(refusedFact))).change : { state: row.state }),
    looked: row.delivered, consumed: picked.refused.map(({ seq }) => seq), wake: state.nextAt ?? null,
    ...(owner === undefined ? {} : { holder: owner }),
  };
  return await store(core, row.flow, change) ? "rest" : "conflict";
}

async function endOrphan(core: Core, { flow }: StoredRun, change: Change): Promise<Outcome> {
  const stored = await store(core, flow, change);
  if (stored && change.outbox?.length) postOutbox(core);
  return stored ? "rest" : "conflict";
}

/** How many processes in a row its steps, or what leads to its next commit, have ended. A lease of another's on a run that is free has run out. */
export function crashesOf({ wake }: StoredRun, owner?: string): number {
  return wake === null ? 0 : wake.attempt + (wake.owner === null || wake.owner === owner ? 0 : 1);
}

export async function giveUp(core: Core, progress: Progress, attempts: number): Promise<Outcome> {
  core.logger.error(`The run \`${progress.id}\` has failed: its turn ended ${attempts} processes`, { runId: progress.id });
  const error = deflowError("TURN_CRASHED", { attempts }, { runId: progress.id });
  return await store(core, progress.origin.flow, failureOf(core, progress, error)) ? "rest" : "conflict";
}

/** A run that has ended still answers those who ask for its end. Other letters have come too late. */
async function answerLate(core: Core, row: StoredRun, state: RunState, owner: string | undefined): Promise<Outcome> {
  const letters = row.inbox.map((message) => ({ seq: message.seq, message, letter: read(core, message) }));
  const asked = letters.filter(({ letter }) => letter.kind === "subscribe");
  const over = row.status === "failed" ? letters.filter(({ letter }) => !isKept(letter)) : letters;
  const late = over.flatMap(({ letter, message }) => tooLate(letter, message, row.status));
  if (asked.length === 0 && row.delivered <= row.looked && owner === undefined) return "rest";
  const change: Change = {
    id: row.id, version: row.version, now: row.updatedAt, status: row.status, waits: [], looked: row.delivered, wake: null,
    ...(late.length > 0 ? written(row.parts, writeAgain(core, { ...state, ...withRefused(state.refused, late) })).change : { state: row.state }),
    consumed: over.map(({ seq }) => seq), outbox: announcements(core, row.id, asked, state),
    ...(owner === undefined ? {} : { holder: owner }),
  };
  const stored = await store(core, row.flow, change);
  if (stored && asked.length > 0) postOutbox(core);
  return stored ? "rest" : "conflict";
}

async function store(core: Core, flow: string, change: Change): Promise<boolean> {
  return (await core.commit(flow, change))?.applied ?? false;
}
