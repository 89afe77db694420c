// A quiet run to text, and text to a run that goes on. The record is one object graph:
//
//   {"v":1,"id":…,"turn":1,"next":2,
//    "strands":[{"flow":"approve","point":"listen:decision","locals":{…},"on":0}],
//    "ops":[{"listen":"decision","seq":1}]}
//
// `on` is the place in `ops` of the durable promise that the strand waits on. `ops` holds those that can be reached: from
// what strands wait on, from locals and captured cells, from callbacks that are still to run. An operation that is not
// among them can be observed by nobody and is withdrawn (the law of the losers of a race).
//
// A frame that is large is in parts (codec/cut.ts). Then strands and promises keep their numbers from commit to commit, and
// `strands` and `ops` are tables by number: {"strands":{"0":{…},"7":{…}}}.
//
// A restored strand is data until its wait ends; only then its machine is entered.

import { type Stored, wholeBelow } from "../codec/cut.ts";
import { encode, encodeApart, type EncodeOptions } from "../codec/encode.ts";
import { Numbers } from "../codec/numbers.ts";
import { AsyncActivation } from "../values/generators/async.ts";
import { type DurablePromise, PENDING } from "../promises/durable.ts";
import { isCompleted } from "../run/ending.ts";
import { NotSerializableError } from "../errors/codec.ts";
import { isDeflowError } from "../errors/error.ts";
import { pristine } from "../realm/intrinsics.ts";
import { noting, word } from "../codec/noted.ts";
import { isOperation, type Operation, operationText } from "../run/operations.ts";
import { type Entry, entryOf, sourcesOf } from "./origins.ts";
import { kindsWith } from "./kinds/index.ts";
import { placeOf } from "../strands/registry.ts";
import { placeText } from "../errors/table.ts";
import { shared } from "../realm/shared.ts";
import { Places, whileWriting } from "./session.ts";
import { defined, type Snapshot, snapshotOf } from "./snapshot.ts";
import type { LiveRun } from "../run/step.ts";
import type { Frame } from "../strands/strand.ts";
import { printAtom } from "../versions/atoms.ts";
import { codeText, pointText, shapeOf } from "../versions/shape.ts";

/** The state of a quiet run. Throws NotSerializableError, TooLargeError; the run is then as it was. */
export function snapshot(run: LiveRun): Snapshot {
  return pristine(() => snapshotOf(run, { text: run.ended ? endedFrame(run) : liveFrame(run), parts: noParts }));
}

/** The same with a frame in parts, if it is large: what did not change since the snapshot before has the same text. */
export function snapshotApart(run: LiveRun): Snapshot {
  return pristine(() => {
    if (run.ended) return snapshotOf(run, { text: endedFrame(run), parts: noParts });
    const names = new Set<string>();
    const stored = liveFrameApart(run, names);
    return snapshotOf(run, stored, shapeOf(run.flow, names));
  });
}

export const noParts: ReadonlyMap<string, string> = new Map();

/** What the keys of a frame's parts begin with. */
export const frameParts = "frame";

function endedFrame(run: LiveRun): string {
  const { id, flow, turn, responses } = run;
  return write(run, { id, flow, turn, ended: run.ending?.status, ...(responses.length > 0 ? { responses } : {}), strands: [], ops: [] });
}

/** `names` becomes what the text names of the code. */
function liveFrame(run: LiveRun, names?: Set<string>): string {
  const strands = new Map<Frame, number>();
  for (const frame of run.strands) strands.set(frame, strands.size);
  return inRounds(run, strands, new Places(run, strands.size), (record) => named(run, names, () => write(run, record)));
}

function liveFrameApart(run: LiveRun, names: Set<string>): Stored {
  if (run.numbers === undefined) {
    const text = liveFrame(run, names);
    if (text.length < wholeBelow) return { text, parts: noParts };
    run.numbers = { strands: new Numbers(), ops: new Numbers(), heap: new Numbers(), memory: new WeakMap() };
  }
  const { strands: ofStrands, ops, heap, memory } = run.numbers;
  const strands = ofStrands.rising(run.strands);
  const numbers = [...strands.values()];
  const places = new Places(run, (numbers.at(-1) ?? -1) + 1, ops);
  const stored = inRounds(run, strands, places, (record) => {
    const tables = new Map([["strands", numbers], ["ops", places.all]]);
    return named(run, names, () => writing(run, record, (options) => encodeApart(record, { ...options, name: frameParts, tables, heap, memory })));
  });
  // Half: a frame whose size goes up and down is not cut anew each time.
  if (sizeOf(stored) >= wholeBelow / 2) return stored;
  run.numbers = undefined;
  return { text: liveFrame(run, names), parts: noParts };
}

/** The atoms of strands and activities, and those that kinds note. */
function named<T>(run: LiveRun, names: Set<string> | undefined, write: () => T): T {
  if (names === undefined) return write();
  names.clear();
  for (const frame of run.strands) {
    // An async generator is a value that notes itself.
    if (frame instanceof AsyncActivation) continue;
    names.add(pointText(frame));
    const { id, env, pin } = frame.meta;
    if (env !== undefined) names.add(codeText("code", id));
    if (pin !== undefined) names.add(printAtom({ kind: "pin", id, text: pin }));
  }
  for (const { by } of run.operations.values()) {
    if (by?.kind === "step" && by.args !== undefined) names.add(`activity ${word(by.name)}`);
  }
  return noting(names, write);
}

/** In characters; parts of the state are among those that a store gives. */
export function sizeOf({ text, parts }: Stored): number {
  let size = text.length;
  for (const part of parts.values()) size += part.length;
  return size;
}

function inRounds<T>(run: LiveRun, strands: ReadonlyMap<Frame, number>, places: Places, write: (record: Record<string, unknown>) => T): T {
  for (const { on } of strands.keys()) if (on !== undefined) places.of(on);
  for (const promise of rootsOf(run, strands)) places.of(promise);
  for (;;) {
    reachSources(places);
    const known = places.list.length;
    const written = whileWriting(places, () => write(recordOf(run, strands, places)));
    // Promises found in locals while writing have their entries only in the next round.
    if (places.list.length > known || refuseShared(run, places)) continue;
    withdrawOthers(run, places);
    return written;
  }
}

/**
 * A promise that is written while no resolving function of it is could be settled by ordinary code alone. It is refused where it is met, in
 * the round that this asks for.
 */
function refuseShared(run: LiveRun, { list, resolvable, refused }: Places): boolean {
  if (run.deferred.size === 0) return false;
  if (refused.size > 0) throw new NotSerializableError("new Promise()", "to be settled by ordinary code, and something that is stored waits for it", { runId: run.id });
  for (const promise of list) if (promise.by?.kind === "deferred" && !promise.by.own && !resolvable.has(promise)) refused.add(promise);
  return refused.size > 0;
}

/** What is kept though no strand may hold it. */
function rootsOf(run: LiveRun, strands: ReadonlyMap<Frame, number>): DurablePromise[] {
  const roots = [...run.reactions];
  if (run.compensation !== undefined) roots.push(run.compensation);
  if (run.ending === undefined && !isFirst(run, strands)) roots.push(run.root);
  for (const promise of run.operations.values()) {
    if (isCompleted(run, promise)) roots.push(promise);
  }
  return roots;
}

/** Whether the root is strands[0], which then goes without saying. */
function isFirst(run: LiveRun, strands: ReadonlyMap<Frame, number>): boolean {
  return run.root.by?.kind === "strand" && strands.get(run.root.by) === 0;
}

function reachSources(places: Places): void {
  for (let index = 0; index < places.list.length; index++) {
    const { by, state } = places.list[index] as DurablePromise;
    if (state === PENDING) for (const source of sourcesOf(by)) places.of(source);
  }
}

function recordOf(run: LiveRun, strands: ReadonlyMap<Frame, number>, places: Places): Record<string, unknown> {
  const first: Frame | undefined = strands.keys().next().value;
  const record: Record<string, unknown> = { id: run.id };
  if (first?.meta.id !== run.flow) record["flow"] = run.flow;
  record["turn"] = run.turn;
  record["next"] = run.nextOperation;
  record["strands"] = [...strands.keys()].map((frame) => strandEntry(frame, places));
  record["ops"] = places.list.map((promise) => entryOf(promise, places, strands));
  if (!isFirst(run, strands) && run.ending === undefined) record["root"] = places.of(run.root);
  if (run.responses.length > 0) record["responses"] = run.responses;
  if (run.compensations.length > 0) record["compensations"] = run.compensations;
  if (run.compensated) record["compensated"] = true;
  if (run.compensation !== undefined) record["compensation"] = places.of(run.compensation);
  for (const name of ["index", "progress", "ending", "deadline", "limit"] as const) if (run[name] !== undefined) record[name] = run[name];
  if (run.cancelled !== undefined) record["cancelled"] = defined(run.cancelled);
  return record;
}

function strandEntry(frame: Frame, places: Places): Entry {
  const { on } = frame;
  if (frame instanceof AsyncActivation) return { generator: frame.object, on: on === undefined ? -1 : places.of(on) };
  return machineEntry(frame, places);
}

function machineEntry({ meta, env, self, point, locals, on, promise, run }: Frame, places: Places): Entry {
  // Somebody waited for it who is gone, as the losers of `Promise.all`: its rejection is no failure of the run.
  const handled = promise.handled && promise !== run.root && !places.has(promise);
  const nested = shared.strands.has(meta.id);
  const region = point === undefined ? undefined : meta.points[point]?.[3];
  const entry: Entry = nested ? { code: meta.id, point } : { flow: meta.id, point };
  if (region !== undefined) entry["in"] = region;
  if (meta.pin !== undefined) entry["pin"] = meta.pin;
  entry["locals"] = locals;
  if (Object.keys(env).length > 0) entry["env"] = env;
  if (self !== undefined || meta.self === true) entry["self"] = self;
  entry["on"] = on === undefined ? -1 : places.of(on);
  if (handled) entry["handled"] = true;
  return entry;
}

function withdrawOthers(run: LiveRun, places: Places): void {
  for (const promise of run.operations.values()) if (!places.has(promise)) run.operations.delete((promise.by as Operation).seq);
  for (const promise of run.deferred) {
    if (!places.has(promise)) run.deferred.delete(promise);
    else if (promise.by?.kind === "deferred") promise.by.stored = true;
  }
}

/**
 * The deferred promises whose resolving functions these strands and callbacks reach. Nothing is stored.
 * @throws NotSerializableError, TooLargeError.
 */
export function resolversIn(run: LiveRun, frames: readonly Frame[], callbacks: readonly DurablePromise[]): Iterable<DurablePromise> {
  const strands = new Map(frames.map((frame, index) => [frame, index]));
  const places = new Places(run, strands.size);
  for (const promise of callbacks) places.of(promise);
  for (let known = -1; places.list.length > known;) {
    known = places.list.length;
    const record = { strands: frames.map((frame) => strandEntry(frame, places)), ops: places.list.map((promise) => entryOf(promise, places, strands)) };
    whileWriting(places, () => write(run, record, frames));
  }
  return places.resolvable;
}

/** Why these strands of a run that moves could not be stored as they are. */
export function refusalOf(run: LiveRun, frames: readonly Frame[]): NotSerializableError | undefined {
  const places = new Places(run, frames.length);
  try {
    whileWriting(places, () => write(run, { strands: frames.map((frame) => strandEntry(frame, places)) }, frames));
  } catch (error) {
    if (error instanceof NotSerializableError) return error;
    if (!isDeflowError(error, "TOO_LARGE")) throw error;
  }
  return undefined;
}

/** The lists of a record that are made anew each time it is written. */
const own: readonly string[] = ["strands", "ops"];

function write(run: LiveRun, record: Record<string, unknown>, frames: Iterable<Frame> = run.strands): string {
  return writing(run, record, (options) => encode(record, options), frames);
}

/** `frames`: those of the record's strands. */
function writing<T>(run: LiveRun, record: Record<string, unknown>, encode: (options: EncodeOptions) => T, frames: Iterable<Frame> = run.strands): T {
  try {
    return encode({ kinds: kindsWith(run.env.kinds), own, ...run.env.codec, onLarge: (frame) => tellLarge(run, frame) });
  } catch (error) {
    throw error instanceof NotSerializableError ? placed(error, run, record, frames) : error;
  }
}

/** Once, and again when it is twice as large: a run may be stored a thousand times. */
function tellLarge(run: LiveRun, frame: Parameters<NonNullable<EncodeOptions["onLarge"]>>[0]): void {
  if (frame.bytes < 2 * run.told) return;
  run.told = frame.bytes;
  run.env.codec?.onLarge?.(frame);
}

/** Says the path as the author of the flow knows it, and where the flow waits. */
function placed(error: NotSerializableError, run: LiveRun, record: Record<string, unknown>, frames: Iterable<Frame>): NotSerializableError {
  const [, list, index, rest] = /^(strands|ops)\[(\d+)\]\.?(.*)$/s.exec(error.path) ?? [];
  const where = list === "strands" ? placeText(placeOf([...frames][Number(index)] as Frame)) : `\`${run.flow}\``;
  const inOps = list === "ops" ? operationName((record["ops"] as Entry[])[Number(index)] ?? {}) : "";
  const path = list === undefined ? error.path : `${inOps}${rest}`;
  const told = new NotSerializableError(path, error.type, { runId: run.id, hint: error.hint, cause: error.cause });
  told.message += `, in ${where}`;
  return told;
}

function operationName(entry: Entry): string {
  const kind = Object.keys(entry)[0] as string;
  const operation = { kind, context: entry[kind], name: entry[kind] } as unknown as Operation;
  return isOperation(operation) ? `${operationText(operation)}.` : "";
}
