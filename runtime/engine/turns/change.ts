// What one commit of a turn writes. Nothing here reads a store or changes anything.
//
// What began the turn (a letter, an event) is consumed by its first commit, so that it and its effect are stored together.
// A commit that ends the run as failed keeps the last frame instead, and leaves what is not in it to `retry`.

import { RunEndedError } from "../../errors/run.ts";
import { recordedError } from "../../turn/recorded.ts";
import type { Stored } from "../../codec/cut.ts";
import { defined, type Snapshot, type Wait } from "../../record/snapshot.ts";
import type { Change, Index, Message, Origin, OutboxMessage, RunStatus, Shape } from "../../store.ts";
import { isActivityFlow } from "../../run/activities.ts";
import type { Core } from "../core.ts";
import { requested, toCaller, withdrawn } from "../family/activities.ts";
import { errorText } from "../telling/history.ts";
import type { Journal } from "./journal.ts";
import { noParts, type Parts, written } from "./parts.ts";
import { announcement, awaitedOf, isKept, isWanted, type Letter, read, subscription, toChildren } from "./messages.ts";
import { type Again, indexOfChild, parentOf, type Refused, type RunState, tokenKey, withRefused, writeAgain, writeState } from "./record.ts";

/** What a turn knows and brings to its next commit. */
export interface Progress {
  readonly id: string;
  readonly origin: Origin;
  /** Of a run nothing of which has been committed: gives its arguments as a frame, if they can be stored. */
  arguments: (() => string | undefined) | undefined;
  /** Of the last commit; 0: there is none, and this one creates the run. */
  version: number;
  /** Of a run that was recalled, until the first commit. */
  mark: unknown;
  /** When that created it, or another did before. */
  createdAt: number;
  state: Partial<RunState>;
  /** Of the last commit. */
  parts: Parts;
  index: Index;
  /** The key of its shape. */
  shape: string | null;
  /** Not consumed by the last commit. */
  inbox: readonly Message[];
  /** The highest `seq` that was loaded. */
  loaded: number;
  /** Whether the turn has committed. */
  committed: boolean;
  owner: string | undefined;
  /** The letter that began the turn, until the first commit. */
  seq: number | undefined;
  /** The id of the event that began it and was in no inbox, until the first commit. */
  eventId: string | undefined;
  again: Again | undefined;
  /** The id of the event that began it. */
  event: string | undefined;
  /** Letters used up since the last commit. */
  consumed: number[];
  refused: Refused[];
  /** The steps that were under way when the process before this one died: while one still is, the same may happen again. */
  cutOff: readonly number[];
  /** Undefined: nothing moves the run. */
  journal: Journal | undefined;
}

/** Of a run nothing of which is stored. All fields at once: in Node 20 each object that gets one after a spread has a hidden class of its own, which takes a microsecond. */
export function newProgress(id: string, origin: Origin): Progress {
  return {
    id, origin, arguments: undefined, version: 0, mark: undefined, createdAt: 0, state: {}, parts: noParts, index: {}, shape: null, inbox: [], loaded: 0, committed: false, owner: undefined,
    seq: undefined, eventId: undefined, again: undefined, event: undefined, consumed: [], refused: [], cutOff: [], journal: undefined,
  };
}

interface Unread {
  readonly seq: number;
  readonly message: Message;
  readonly letter: Letter;
}

export function changeOf(core: Core, progress: Progress, snapshot: Snapshot): { change: Change; state: RunState; parts: Parts } {
  const { id, version } = progress;
  const failed = snapshot.status === "failed";
  const compensated = progress.state.compensated === true || snapshot.compensated;
  const keepFrame = failed && !compensated;
  const undone = keepFrame && !progress.committed;
  const { consumed, late, asked, more } = progress.inbox.length === 0 ? withoutLetters(progress) : lettersOf(core, progress, snapshot, undone);
  const state = stateOf(core, progress, snapshot, { compensated, keepFrame, undone, late });
  // Steps that this turn may not begin are begun by who takes the run next.
  const held = core.isJoined && snapshot.steps.length > 0;
  const responded = progress.state.turn === snapshot.turn ? progress.state.responses?.length ?? 0 : 0;
  const lines = progress.journal?.lines(progress.parts, version + 1, { snapshot, responded, late });
  const { change: texts, parts } = written(progress.parts, writeState(core, state), frameOf(progress, snapshot, keepFrame), lines);
  const change: Draft<Change> = {
    id, version, now: core.clock.now(), status: snapshot.status, state: texts.state,
    waits: contextsOf(state.waits), looked: more === undefined ? progress.loaded : more.seq - 1, consumed,
    wake: held ? core.clock.now() : state.nextAt ?? null,
  };
  if (texts.frame !== undefined) change.frame = texts.frame;
  if (texts.parts !== undefined) change.parts = texts.parts;
  if (version === 0) change.origin = progress.origin;
  if (progress.mark !== undefined) change.mark = progress.mark;
  const index = indexOf(progress, snapshot, state.waits);
  if (index !== undefined) change.index = index;
  const shape = shapeChange(core, progress, snapshot.ended ? undefined : snapshot.shape);
  if (shape !== undefined) change.shape = shape;
  if (progress.eventId !== undefined) change.eventId = progress.eventId;
  const forget = forgetOf(core, progress);
  if (forget !== undefined) change.forget = forget;
  if (progress.owner !== undefined) change.holder = progress.owner;
  const lease = leaseOf(core, progress, snapshot, more !== undefined);
  if (lease !== undefined) change.lease = lease;
  const outbox = outboxOf(core, progress, snapshot, { state, asked, consumed, keepFrame });
  if (outbox.length > 0) change.outbox = outbox;
  return { change, state, parts };
}

type Draft<T> = { -readonly [K in keyof T]: T[K] };

/** What becomes of the inbox with a commit. */
interface Letters {
  /** Used up, by `seq`. */
  readonly consumed: readonly number[];
  /** Who came too late. */
  readonly late: readonly Refused[];
  /** Who waits for the end that this is. */
  readonly asked: readonly Unread[];
  /** The first that the run wants after it. */
  readonly more: Unread | undefined;
}

function withoutLetters({ consumed }: Progress): Letters {
  return { consumed: consumed.length === 0 ? none : [...consumed], late: none, asked: none, more: undefined };
}

const none: readonly never[] = [];

function lettersOf(core: Core, progress: Progress, { status, ended, waits }: Snapshot, undone: boolean): Letters {
  const first = progress.inbox.find(({ seq }) => seq === progress.seq);
  const consumed = [...progress.consumed, ...(first === undefined || (undone && first.kind !== "cancel") ? [] : [first.seq])];
  const unread = unreadOf(core, progress, consumed);
  const over = ended ? unread.filter(({ seq, letter }) => status !== "failed" || (seq !== progress.seq && !isKept(letter))) : [];
  return {
    consumed: [...consumed, ...over.map(({ seq }) => seq)],
    late: over.flatMap(({ letter, message }) => tooLate(letter, message, status)),
    asked: ended ? subscribers(unread) : [],
    more: ended ? undefined : unread.find(({ letter }) => isWanted(letter, waits)),
  };
}

function contextsOf(waits: readonly Wait[]): readonly string[] {
  const listens = waits.every(({ context }) => context !== undefined) ? waits : waits.filter(({ context }) => context !== undefined);
  return listens.length === 0 ? none : listens.map(({ context }) => context as string);
}

interface Sending extends Pick<Letters, "asked" | "consumed"> {
  readonly state: RunState;
  readonly keepFrame: boolean;
}

function outboxOf(core: Core, progress: Progress, snapshot: Snapshot, { state, asked, consumed, keepFrame }: Sending): readonly OutboxMessage[] {
  const [subscriptions, answers, children] = [newSubscriptions(core, progress, snapshot), announcements(core, progress.id, asked, state), wordToChildren(core, progress, snapshot, state)];
  const caller = snapshot.ended ? toCaller(core, { id: progress.id, flow: progress.origin.flow, index: progress.index }, state) : none;
  // A run that failed may be tried again, and then hears of its calls.
  const gone = keepFrame ? none : withdrawn(core, progress, snapshot, consumed);
  return subscriptions.length + answers.length + children.length + caller.length + gone.length === 0 ? none : [...subscriptions, ...answers, ...children, ...caller, ...gone];
}

/** Undefined when it is as it was; null when it has none any more. */
function shapeChange(core: Core, { shape: before }: Pick<Progress, "shape">, shape: Shape | undefined): Shape | null | undefined {
  if (shape === undefined) return before === null ? undefined : null;
  if (shape.key === before) return undefined;
  core.shapes.made(shape);
  return shape;
}

/** At so many commits a run's event ids are looked through, for all that are older than they need be. */
const forgetEvery = 32;

function forgetOf({ clock, settings }: Core, { version }: Progress): number | undefined {
  return settings.dedupe === Infinity || version === 0 || version % forgetEvery > 0 ? undefined : clock.now() - settings.dedupe;
}

/** Undefined where the last one stays. */
function frameOf(progress: Progress, { frame, parts }: Snapshot, keep: boolean): Stored | undefined {
  if (!keep) return { text: frame, parts };
  const text = progress.version > 0 ? undefined : progress.arguments?.();
  return text === undefined ? undefined : { text, parts: noParts };
}

/** The run cannot be stored as its turn left it: it has failed, and what is in the store stays for `retry`. */
export function failureOf(core: Core, progress: Progress, error: unknown): Change {
  const { nextAt: _, retry: __, ...last } = progress.state;
  const state: RunState = {
    turn: 1, responses: [], ...last, waits: [], error: recordedError(error, core.env),
    ...defined({ event: progress.event, retry: progress.committed ? undefined : progress.again }),
  };
  const { retry: ___, progress: ____, refused: _____, ...least } = state;
  const asked = subscribers(unreadOf(core, progress, []));
  const journal = progress.journal ?? core.journals.none();
  const lines = journal.lines(progress.parts, progress.version + 1, [{ what: "ended", status: "failed", error: errorText(error) }]);
  return {
    id: progress.id, version: progress.version, now: core.clock.now(), status: "failed", ...written(progress.parts, writeAgain(core, state, { ...least, responses: [] }), undefined, lines).change, waits: [],
    looked: progress.loaded, consumed: asked.map(({ seq }) => seq), wake: null,
    outbox: [...announcements(core, progress.id, asked, state), ...toCaller(core, { id: progress.id, flow: progress.origin.flow, index: progress.index }, state)],
    ...defined({ holder: progress.owner, eventId: progress.eventId, shape: shapeChange(core, progress, undefined) }),
  };
}

interface Fate {
  readonly compensated: boolean;
  readonly keepFrame: boolean;
  readonly undone: boolean;
  readonly late: readonly Refused[];
}

/** Field by field: each that is absent from most states would be taken out of every object that had it as undefined. */
function stateOf(core: Core, progress: Progress, snapshot: Snapshot, { compensated, keepFrame, undone, late }: Fate): RunState {
  const { turn, responses, waits, ended } = snapshot;
  const { refused: before, state: last } = progress;
  const state: Draft<RunState> = { turn, responses, waits };
  if (before.length + late.length > 0) Object.assign(state, withRefused(before, late));
  if (!ended && snapshot.nextAt !== undefined) state.nextAt = snapshot.nextAt;
  if (snapshot.progress !== undefined) state.progress = snapshot.progress;
  if (progress.event !== undefined) state.event = progress.event;
  const subscribed = snapshot.effects.reduce((highest, { operation }) => Math.max(highest, operation), last.subscribed ?? 0);
  if (subscribed > 0) state.subscribed = subscribed;
  if (last.children || snapshot.steps.some(({ child }) => child === "cascade")) state.children = true;
  if (snapshot.cancelledTo !== undefined) state.cancelled = snapshot.cancelledTo;
  if (compensated) state.compensated = true;
  if (keepFrame && (progress.version === 0 || last.fresh === true)) state.fresh = true;
  if (undone && progress.again !== undefined) state.retry = progress.again;
  if (snapshot.status === "completed") state.value = snapshot.value;
  else if (ended) state.error = recordedError(snapshot.error, core.env);
  return state;
}

/** What the run ended without waiting for: who sent it may look for that. */
export function tooLate(letter: Letter, { eventId, at }: Message, status: RunStatus): Refused[] {
  if (letter.kind === "subscribe" || letter.kind === "result") return [];
  const { code, message } = new RunEndedError(status);
  return [{ context: letter.kind === "event" ? letter.context : letter.kind, eventId, code, message, at, ...awaitedOf(letter) }];
}

function unreadOf(core: Core, { inbox }: Progress, consumed: readonly number[]): Unread[] {
  if (inbox.length === 0) return [];
  return inbox.filter(({ seq }) => !consumed.includes(seq)).map((message) => ({ seq: message.seq, message, letter: read(core, message) }));
}

function subscribers(unread: readonly Unread[]): Unread[] {
  return unread.filter(({ letter }) => letter.kind === "subscribe");
}

export function announcements(core: Core, id: string, asked: readonly { readonly letter: Letter }[], state: Pick<RunState, "value" | "error">): readonly OutboxMessage[] {
  if (asked.length === 0) return none;
  const outcome = "error" in state ? { error: state.error } : { value: state.value };
  return asked.flatMap(({ letter }) => (letter.kind === "subscribe" && letter.unreadable === undefined ? [announcement(core, id, letter, outcome)] : []));
}

function newSubscriptions(core: Core, progress: Progress, { effects }: Snapshot): readonly OutboxMessage[] {
  if (effects.length === 0) return none;
  return effects.filter(({ operation }) => operation > (progress.state.subscribed ?? 0))
    .map((effect) => (isActivityFlow(effect.name) ? requested(core, progress, effect) : subscription(core, progress.id, effect.operation, (effect.data as { run: string }).run)));
}

/** With the commit that holds the cancellation; and again, to those of the cleanup too, where that was killed at its deadline. */
function wordToChildren(core: Core, { id, state: before }: Progress, { status, cancelledTo: upTo, cancelReason: reason }: Snapshot, { children }: RunState): readonly OutboxMessage[] {
  if (!children) return none;
  if (status === "killed") return [toChildren(core, id, defined({ reason }))];
  return upTo === undefined || before.cancelled !== undefined ? [] : [toChildren(core, id, { upTo, ...defined({ reason }) })];
}

/** Steps need the lease; one that is held is kept while there is more to do at once. */
function leaseOf(core: Core, { owner, cutOff }: Progress, snapshot: Snapshot, more: boolean): Change["lease"] {
  if (core.isJoined) return undefined;
  if (snapshot.steps.length === 0 && (owner === undefined || !more)) return undefined;
  const anew = !snapshot.steps.some(({ operation }) => cutOff.includes(operation));
  return { owner: owner ?? core.owner(), duration: core.settings.lease, anew };
}

function isSameIndex(one: Index, other: Index): boolean {
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => Object.hasOwn(other, key) && Object.is(one[key], other[key]));
}

/** Undefined when it is as it was. */
function indexOf({ version, index }: Progress, snapshot: Snapshot, waits: readonly Wait[]): Index | undefined {
  const parent = parentOf(index);
  const next: Record<string, Index[string]> = { ...snapshot.index };
  for (const { token } of waits) if (token !== undefined) next[tokenKey(token)] = true;
  if (parent !== undefined) Object.assign(next, indexOfChild(parent));
  return version > 0 && isSameIndex(next, index) ? undefined : next;
}
