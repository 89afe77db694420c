// Text to a run that goes on. Nothing of the flow runs: strands are data until their waits end.

import { decode, decodeApart, isApart } from "../codec/decode.ts";
import { limitsFrom } from "../codec/limits.ts";
import { Numbers } from "../codec/numbers.ts";
import { type DurablePromise, newDurable } from "../promises/durable.ts";
import type { Ending } from "../run/ending.ts";
import { AsyncActivation, AsyncGenerator } from "../values/generators/async.ts";
import { CorruptFrameError, UnknownCodeError } from "../errors/codec.ts";
import { deflowError } from "../errors/classes.ts";
import { RunEndedError } from "../errors/run.ts";
import { frameParts, noParts, sizeOf } from "./frame.ts";
import { pristine } from "../realm/intrinsics.ts";
import { readingOf } from "./kinds/index.ts";
import { isOperation, type Operation } from "../run/operations.ts";
import { checkEntry, connect, type Entry, type Reading, reorder, restoreEntry } from "./origins.ts";
import { cancelledFields, checkFields, endedFields, endingFields, generatorFields, headFields, limitFields, strandFields } from "./record.ts";
import { type Env, flowCalled, type Meta } from "../strands/registry.ts";
import { whileReading } from "./session.ts";
import { shared } from "../realm/shared.ts";
import { type IndexValue, LiveRun, type RunEnv } from "../run/step.ts";
import { Frame, type Machine } from "../strands/strand.ts";
import { loaded } from "../versions/build.ts";
import { hasFrozen, judgeRun, type Renamed, renamedId } from "../versions/frozen.ts";
import { shapeOfText } from "../versions/text.ts";
import { fitted } from "../versions/fit.ts";
import { strandEnv } from "../versions/fit-env.ts";

/** Throws CorruptFrameError, RunEndedError; what versions/ throws of code that does not fit, UnknownFlowError, UnknownCodeError, UnknownClassError. */
export function restoreRun(frame: string, env: RunEnv, parts?: ReadonlyMap<string, string>): LiveRun {
  return pristine(() => readRun(frame, env, parts));
}

/** One of a list, whose number is its place, or of a table. */
interface Numbered {
  readonly number: number;
  readonly entry: Entry;
}

const asItIs: Renamed = new Map();

/** What the frame names is looked through before it is read: a frozen flow takes a run as a whole. */
function renamedIn(frame: string, parts: ReadonlyMap<string, string> = noParts): Renamed {
  try {
    const shape = shapeOfText("", frame, parts, frameParts);
    return shape === undefined ? asItIs : judgeRun(shape.atoms, loaded).renamed;
  } catch (error) {
    // The decoder says what is wrong with it.
    if (error instanceof SyntaxError) return asItIs;
    throw error;
  }
}

function readRun(frame: string, env: RunEnv, parts: ReadonlyMap<string, string> | undefined): LiveRun {
  const run = new LiveRun("", "", env);
  run.atRest = true;
  const options = readingOf(env);
  const isWhole = parts === undefined || !isApart(frame);
  const renamed = hasFrozen() ? renamedIn(frame, parts) : asItIs;
  const { value: { record, heap, memory }, promises, generators, resolvable } = whileReading(run, renamed, () =>
    isWhole ? { record: decode(frame, options), heap: undefined, memory: undefined } : decodeApart({ text: frame, parts }, frameParts, options));
  // Who wrote it was told already.
  const size = sizeOf({ text: frame, parts: parts ?? noParts });
  run.told = size >= limitsFrom(env.codec?.limits).warn ? size : 0;
  restoreHead(run, record);
  const ops = entriesOf(record["ops"], "ops");
  const entries = entriesOf(record["strands"], "strands");
  for (const { number, entry } of entries) checkFields(entry, isGenerator(entry) ? generatorFields : strandFields, `strands[${number}]`);
  for (const { number, entry } of ops) checkEntry(entry, number);
  const strands = new Map<number, Frame>();
  for (const { number, entry } of entries) strands.set(number, restoreStrand(run, entry, renamed));
  const isPlace = (place: unknown): place is number => typeof place === "number" && Object.hasOwn(record["ops"] as object, place);
  const promise = (place: unknown): DurablePromise => {
    if (!isPlace(place)) throw new CorruptFrameError("ops", `there is no place ${String(place)}`);
    let found = promises.get(place);
    if (found === undefined) promises.set(place, (found = newDurable(run, undefined)));
    return found;
  };
  for (const place of promises.keys()) if (!isPlace(place)) throw new CorruptFrameError("ops", "a place is missing");
  const reading: Reading = { run, strands, promise };
  const all = ops.map(({ number }) => promise(number));
  ops.forEach(({ entry }, at) => restoreEntry(all[at] as DurablePromise, entry, reading));
  restoreWaits(entries, ops, all, reading);
  checkGenerators(generators);
  for (const { by } of resolvable) if (by?.kind !== "deferred") throw new CorruptFrameError("ops", "a resolving function settles another promise");
  checkResults(all);
  restoreOperations(run, all);
  restoreEnd(run, record, reading);
  if (heap !== undefined) run.numbers = { strands: numbered(strands), ops: numbered(promises), heap, memory };
  return run;
}

/** Of a list or a table, in order. */
function entriesOf(value: unknown, path: string): readonly Numbered[] {
  return Object.keys(value as object).map((key) => {
    const number = Number(key);
    if (!Number.isSafeInteger(number) || number < 0 || String(number) !== key) throw new CorruptFrameError(path, `\`${key}\` is no number`);
    return { number, entry: (value as Record<string, Entry>)[key] as Entry };
  });
}

function numbered<T extends object>(values: ReadonlyMap<number, T>): Numbers<T> {
  const numbers = new Numbers<T>();
  for (const [number, value] of values) numbers.set(value, number);
  return numbers;
}

function restoreHead(run: LiveRun, record: Record<string, unknown>): void {
  checkFields(record, endedFields, "");
  const { id, ended } = record as { id: string; ended?: string };
  run.id = id;
  if (ended !== undefined) throw new RunEndedError(ended, { runId: id });
  checkFields(record, headFields, "");
  const { flow, turn, next, responses, index, progress, deadline, cancelled, compensations, limit } = record;
  run.flow = typeof flow === "string" ? flow : String(firstOf(record["strands"] as object)?.["flow"]);
  run.turn = turn as number;
  run.nextOperation = next as number;
  run.responses = (responses as unknown[] | undefined) ?? [];
  run.index = index as Record<string, IndexValue> | undefined;
  run.progress = progress as string | undefined;
  run.deadline = deadline as number | undefined;
  run.compensated = record["compensated"] === true;
  if (limit !== undefined) checkFields(limit, limitFields, "limit");
  run.limit = limit as LiveRun["limit"];
  if (cancelled !== undefined) checkFields(cancelled, cancelledFields, "cancelled");
  if (cancelled !== undefined) {
    const { reason, upTo } = cancelled as { reason?: string; upTo: number };
    run.cancelled = { reason, upTo };
  }
  for (const undo of (compensations as unknown[] | undefined) ?? []) {
    if (typeof undo !== "function") throw new CorruptFrameError("compensations", "expected functions");
    run.compensations.push(undo as () => unknown);
  }
}

function firstOf(strands: object): Entry | null | undefined {
  return Object.values(strands)[0] as Entry | null | undefined;
}

function isGenerator(entry: Entry): boolean {
  return typeof entry === "object" && entry !== null && Object.hasOwn(entry, "generator");
}

/** One that runs and is no strand would never go on, and so would whoever waits for what was asked of it. */
function checkGenerators(generators: readonly AsyncActivation[]): void {
  for (const generator of generators) {
    const { state, queue, listed } = generator;
    if ((state === "running" || state === "draining") !== listed) throw new CorruptFrameError("strands", `an async generator is ${state}, and ${listed ? "" : "not "}among the strands`);
    if (queue[0] !== undefined) generator.promise = queue[0].promise;
  }
}

/** A strand settles one promise, an async generator those of its queue. */
function checkResults(promises: readonly DurablePromise[]): void {
  for (const promise of promises) {
    const { by } = promise;
    if (!(by instanceof Frame)) continue;
    const settles = by instanceof AsyncActivation ? by.queue.some((request) => request.promise === promise) : by.promise === promise;
    if (!settles) throw new CorruptFrameError("ops", "a strand settles another promise");
  }
}

/** An async generator that runs was read with the values: only it is a strand again. */
function restoreGenerator(run: LiveRun, { generator }: Entry): Frame {
  const activation = AsyncGenerator.of(generator);
  if (activation === undefined || activation.listed) throw new CorruptFrameError("strands", "`generator` is not an async generator, or there twice");
  run.strands.add(activation);
  return activation;
}

function restoreStrand(run: LiveRun, entry: Entry, renamed: Renamed): Frame {
  if (isGenerator(entry)) return restoreGenerator(run, entry);
  const { meta, machine } = declared(run, entry, renamed);
  const frame = new Frame(run, meta, machine, strandEnv(meta, entry["env"] as Env | undefined), entry["self"], []);
  const point = entry["point"] as string;
  const pin = entry["pin"] as string | undefined;
  if (pin !== undefined && pin !== meta.pin) throw deflowError("PINNED", { flow: meta.id }, { runId: run.id });
  ({ point: frame.point, locals: frame.locals } = fitted({ meta, point, region: (entry["in"] as string | undefined) ?? "", self: Object.hasOwn(entry, "self"), locals: entry["locals"] as Record<string, unknown> }, run.id));
  if (entry["handled"] === true) frame.promise.handled = true;
  run.strands.add(frame);
  return frame;
}

function declared(run: LiveRun, { flow, code }: Entry, renamed: Renamed): { meta: Meta; machine: Machine } {
  if (typeof flow === "string") return flowCalled(renamedId(flow, renamed));
  if (code === undefined) throw new CorruptFrameError("strands", "a strand is one of a `flow` or of `code`");
  const found = shared.strands.get(renamedId(String(code), renamed));
  if (found === undefined) throw new UnknownCodeError("strands", String(code), { runId: run.id });
  return found;
}

/** In the order of a frame that was never stored: who waits first wakes first. */
function restoreWaits(entries: readonly Numbered[], ops: readonly Numbered[], promises: readonly DurablePromise[], { strands, promise }: Reading): void {
  for (const { number, entry } of entries) {
    const frame = strands.get(number) as Frame;
    frame.on = promise(entry["on"]);
    // It would wait for ever: whoever settles a promise wakes its strands.
    if (frame.on.by === undefined) throw new CorruptFrameError(`strands[${number}].on`, "a strand cannot wait for what is settled");
    frame.on.handled = true;
    (frame.on.reactions ??= []).push(frame);
  }
  for (const each of promises) connect(each);
  const ordered = ops.filter(({ entry }) => Object.hasOwn(entry, "waiters"));
  if (ordered.length === 0) return;
  const afterStrands = (entries.at(-1)?.number ?? -1) + 1;
  const targets = new Map<DurablePromise, number>(ops.map(({ number }) => [promise(number), afterStrands + number]));
  const numbers = new Map<Frame, number>([...strands].map(([number, frame]) => [frame, number]));
  for (const { number, entry } of ordered) reorder(promise(number), entry["waiters"] as number[], numbers, targets);
}

function restoreOperations(run: LiveRun, promises: readonly DurablePromise[]): void {
  const pending = promises.filter(({ by }) => isOperation(by));
  pending.sort((a, b) => (a.by as Operation).seq - (b.by as Operation).seq);
  for (const promise of pending) {
    const { seq } = promise.by as Operation;
    if (seq >= run.nextOperation || run.operations.has(seq)) throw new CorruptFrameError("ops", `\`seq\` ${seq} is there twice, or not below \`next\``);
    run.operations.set(seq, promise);
  }
}

function restoreEnd(run: LiveRun, record: Record<string, unknown>, { strands, promise }: Reading): void {
  const { root, ending, compensation } = record;
  if (ending !== undefined) checkFields(ending, endingFields, "ending");
  run.ending = ending as Ending | undefined;
  if (compensation !== undefined) {
    if (run.ending === undefined || run.ending.status === "completed") throw new CorruptFrameError("compensation", "the run has not failed");
    run.compensation = promise(compensation);
  }
  const first = strands.get(0);
  if (root !== undefined) run.root = promise(root);
  else if (first !== undefined && run.ending === undefined) run.root = first.promise;
  else run.root = newDurable(run, undefined);
  run.root.handled = true;
  if (run.compensation !== undefined) run.compensation.handled = true;
}
