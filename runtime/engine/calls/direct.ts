// Input that is answered with the state after its turn: continue, settle, cancel.
//
//   the run is known     recall, check, turn, commit: as the store remembers it. Whatever does not come to a commit is asked again of the run as it is
//   the run is free      load, check, turn, commit: nothing else is written
//   a worker leases it   the input goes to the inbox; its consumption is waited for, save in a transaction of the caller's

import { deflowError } from "../../errors/classes.ts";
import { InvalidInputError, LeaseLostError, NotListeningError, RunEndedError, WrongPermitError } from "../../errors/run.ts";
import { type Input, input } from "../../run/input.ts";
import type { StoredRun } from "../../store.ts";
import { advance, begin, crashesOf, cutOffSteps, giveUp, isLeased, isStranded, progressOf } from "../turns/advance.ts";
import { outside } from "../telling/capture.ts";
import { Conflict } from "../turns/conflict.ts";
import type { Core } from "../core.ts";
import { Place } from "../turns/exclusive.ts";
import { pickLetter } from "../turns/inbox.ts";
import { type Letter, write } from "../turns/messages.ts";
import { nudge } from "../workers/outbox.ts";
import { type Again, readState, type Refused, type RunState } from "../turns/record.ts";
import { hasEnded, missing, type Run, runOf } from "../run.ts";
import { Turn } from "../turns/turn.ts";

export interface Direct {
  readonly eventId?: string | undefined;
  /** How long to wait when another worker has to take it, in milliseconds. */
  readonly wait: number;
  /** Letters that wait already come first. */
  readonly inOrder: boolean;
  /** The input for the run as it is; throws what the caller is told when the run does not take it. */
  check(row: StoredRun, state: RunState): Promise<Input>;
  /** What `retry` gives again. */
  again?(input: Input): Again | undefined;
  letter(): Letter;
}

/** A run that keeps being changed by others meanwhile is given up after so many tries. */
const tries = 20;

export function direct<R>(core: Core, id: string, request: Direct): Promise<Run<R>> {
  return outside(() => tried<R>(core, id, request));
}

async function tried<R>(core: Core, id: string, request: Direct): Promise<Run<R>> {
  for (let left = tries; left > 0; left--) {
    core.open();
    const place = new Place(core, id);
    let outcome: Run<R> | "letters first" | "leased" | "conflict";
    try {
      // Also where nobody is before: a turn begins in a tick of its own.
      await place.comes;
      // Whether an event has come before is to be asked: if it has, nothing of the flow may run.
      const known = left === tries && request.eventId === undefined ? core.store.recall?.(id, core.texts.turn) : undefined;
      outcome = (known === undefined ? await attempt<R>(core, id, request, place) : await attemptAsKnown<R>(core, known, request, place)) ?? "conflict";
    } finally {
      place.leave();
    }
    // Letters that come first are a worker's, as the turn would be after them.
    if (outcome === "letters first" && !core.isJoined) await advance(core, id);
    else if (outcome === "leased" || outcome === "letters first") return await throughInbox<R>(core, id, request);
    else if (outcome !== "conflict") return outcome;
  }
  return leaseLost(id);
}

/** Undefined: the turn's first commit was refused. */
async function attempt<R>(core: Core, id: string, request: Direct, place: Place): Promise<Run<R> | "letters first" | "leased" | "conflict" | undefined> {
  const row = await core.store.load(id, request.eventId, core.texts.turn);
  if (!row) missing(id);
  return turnOf<R>(core, row, request, place, (turn) => answered<R>(core, id, turn));
}

/** Undefined: the turn's first commit was refused, or the run is not any more as it is known: then what it would refuse or throw is no answer. */
async function attemptAsKnown<R>(core: Core, row: StoredRun, request: Direct, place: Place): Promise<Run<R> | undefined> {
  let turn: Turn | undefined;
  try {
    const outcome = await turnOf<R>(core, row, request, place, (made) => answered<R>(core, row.id, turn = made));
    return typeof outcome === "object" ? outcome : undefined;
  } catch (error) {
    // Once it has been asked to store something, the store's answer counts.
    if (turn?.committed || turn?.storeFailed || await isStill(core, row)) throw error;
    return undefined;
  }
}

async function isStill(core: Core, { id, place, version, delivered, updatedAt }: StoredRun): Promise<boolean> {
  const row = await core.store.load(id, undefined, []);
  return row !== undefined && row.place === place && row.version === version && row.delivered === delivered && row.updatedAt === updatedAt && !isLeased(core, row);
}

/** What comes of the turn that the request begins, or why it begins none. */
async function turnOf<R>(
  core: Core, row: StoredRun, request: Direct, place: Place, drive: (turn: Turn) => Promise<Run<R> | undefined>,
): Promise<Run<R> | "letters first" | "leased" | "conflict" | undefined> {
  const { id } = row;
  const state = readState(core, row);
  if (row.seen) return repeated<R>(core, row, state, request.eventId);
  if (hasEnded(row.status)) throw new RunEndedError(row.status, { runId: id });
  // Another build goes on with it: it takes the input when it comes.
  if (isLeased(core, row) || await isStranded(core, row)) return "leased";
  const crashes = crashesOf(row);
  if (crashes >= core.settings.crashes) {
    await giveUp(core, progressOf(row, state), crashes);
    return "conflict";
  }
  if (request.inOrder && row.inbox.length > 0) {
    const { found, refused, foreign } = await pickLetter(core, row.inbox, state.waits);
    if (found !== undefined || refused.length > 0) return "letters first";
    // Whoever can read the letter takes this one after it.
    if (foreign !== undefined) return "leased";
  }
  const given = await request.check(row, state);
  const run = begin(core, row, state);
  input(run, given);
  core.journals.of(run).took(given, state.waits, request.eventId);
  const { eventId } = request;
  const progress = progressOf(row, state);
  progress.eventId = progress.event = eventId;
  progress.again = request.again?.(given);
  cutOffSteps(core, progress, run);
  // Driven in the tick in which it is given its input. Not awaited here: the row and its texts need not be kept until the commit.
  return drive(new Turn(core, run, progress, place));
}

/** The state after the turn, however it ended, if it has committed: then nobody may be told that nothing happened. Undefined: its first commit was refused. */
export async function answered<R>(core: Core, id: string, turn: Turn): Promise<Run<R> | undefined> {
  try {
    await turn.drive();
  } catch (error) {
    if (error instanceof Conflict && !turn.committed) return undefined;
    // In a transaction of the caller's nothing is stored before that one is committed.
    if (!turn.committed || (core.isJoined && turn.storeFailed)) throw error;
    return await answeredAnyway<R>(core, id, turn, error);
  }
  turn.followUp();
  return turn.answer<R>();
}

/** What the turn was given is in its first commit: who repeated it would do it twice. Whoever takes the run next goes on from the last one. */
async function answeredAnyway<R>(core: Core, id: string, turn: Turn, error: unknown): Promise<Run<R>> {
  try {
    if (turn.storeFailed) throw error;
    const failed = !(error instanceof Conflict) && await turn.fail(error);
    const run = runOf<R>(core, (await core.store.load(id, undefined, core.texts.run)) ?? missing(id));
    return failed ? run : { ...run, accepted: true };
  } catch (failure) {
    core.logger.error(`A turn of \`${id}\` is stored in part, and could not go on here: ${String(failure)}`, { runId: id, error: failure });
    return { ...turn.answer<R>(), accepted: true };
  }
}

/** The last turn's responses are there still; of an earlier one only the fact. */
function repeated<R>(core: Core, row: StoredRun, state: RunState, eventId: string | undefined): Run<R> {
  const run = runOf<R>(core, row, { duplicate: true });
  return state.event === eventId ? run : { ...run, responses: [] };
}

async function throughInbox<R>(core: Core, id: string, request: Direct): Promise<Run<R>> {
  const before = await core.store.load(id, undefined, core.texts.run);
  if (!before) missing(id);
  await request.check(before, readState(core, before));
  const now = core.clock.now();
  const eventId = request.eventId ?? `direct:${Buffer.from(core.env.random(12)).toString("hex")}`;
  const [delivered] = await core.store.deliver([{ to: id, eventId, now, ...write(core, request.letter()) }]);
  if (delivered?.result === "missing") missing(id);
  const turn = core.turns.get(id);
  if (turn) turn.ring();
  else if (!core.isJoined) core.rings(id);
  if (delivered?.result !== "delivered") return runOf<R>(core, (await core.store.load(id, undefined, core.texts.run)) ?? missing(id), { duplicate: true });
  if (core.isJoined) {
    core.due(now, { run: id });
    return runOf<R>(core, await reread(core, before), { accepted: true });
  }
  const { seq } = delivered;
  const done = await core.changes.until(id, core.clock, async () => {
    const row = await reread(core, before);
    if (row === before) return undefined;
    const state = readState(core, row);
    const refused = state.refused?.find((one) => one.eventId === eventId);
    if (refused) throw refusalError(refused, id);
    if (row.inbox.some((message) => message.seq === seq)) {
      // What led to the run's failure stays for `retry`.
      if (hasEnded(row.status)) return state.event === eventId ? runOf<R>(core, row) : ended(row);
      if (!isLeased(core, row)) nudge(core, id);
      return undefined;
    }
    return isLeased(core, row) ? undefined : runOf<R>(core, row);
  }, now + request.wait);
  return done ?? runOf<R>(core, await reread(core, before), { accepted: true });
}

/** `before` if the store fails: a letter is stored by then, and its sender must not be made to send it again. */
async function reread(core: Core, before: StoredRun): Promise<StoredRun> {
  const { id } = before;
  const row = await core.store.load(id, undefined, core.texts.run).catch((error: unknown) => {
    core.logger.warn(`A letter to \`${id}\` is stored, but the run could not be read: ${String(error)}`, { runId: id, error });
    return before;
  });
  return row ?? missing(id);
}

/** What a worker found when it gave the input to the run, for who sent it. */
function refusalError({ code, message, context }: Refused, runId: string): Error {
  switch (code) {
    case "NOT_LISTENING": return new NotListeningError(context, [], { runId });
    case "WRONG_PERMIT": return new WrongPermitError(context, { runId });
    case "UNKNOWN_TOKEN": return deflowError("UNKNOWN_TOKEN", {}, { runId });
    case "RUN_ENDED": return new RunEndedError("over", { runId });
    default: {
      // One by a schema says already whose input it was.
      const [, what = `\`${context}\``, issues = message] = /^The input for (`.*?`) was refused: (.*)$/s.exec(message) ?? [];
      return new InvalidInputError(what, [issues], { runId });
    }
  }
}

function ended({ id, status }: StoredRun): never {
  throw new RunEndedError(status, { runId: id });
}

export function leaseLost(id: string): never {
  throw new LeaseLostError(id);
}
