// Text to a run that goes on. Nothing of the flow runs: strands are data until their waits end.

import { decode } from "./codec/decode.ts";
import { type DurablePromise, newDurable } from "./durable.ts";
import type { Ending } from "./ending.ts";
import { AsyncActivation, AsyncGenerator } from "./generators/async.ts";
import { CorruptFrameError, UnknownCodeError } from "./errors/codec.ts";
import { UnknownPointError } from "./errors/load.ts";
import { RunEndedError } from "./errors/run.ts";
import { pristine } from "./intrinsics.ts";
import { kindsWith } from "./kinds/index.ts";
import { isOperation, type Operation } from "./operations.ts";
import { checkEntry, connect, type Entry, type Reading, reorder, restoreEntry } from "./origins.ts";
import { cancelledFields, checkFields, endedFields, endingFields, generatorFields, headFields, limitFields, strandFields } from "./record.ts";
import { type Env, flowCalled, type Meta, placeOf } from "./registry.ts";
import { whileReading } from "./session.ts";
import { shared } from "./shared.ts";
import { type IndexValue, LiveRun, type RunEnv } from "./step.ts";
import { Frame, type Machine } from "./strand.ts";

/** Throws CorruptFrameError, UnknownFlowError, UnknownPointError, UnknownCodeError, UnknownClassError, RunEndedError. */
export function restoreRun(frame: string, env: RunEnv): LiveRun {
  return pristine(() => readRun(frame, env));
}

function readRun(frame: string, env: RunEnv): LiveRun {
  const run = new LiveRun("", "", env);
  const limits = env.codec?.limits === undefined ? {} : { limits: env.codec.limits };
  const { value: record, promises, generators } = whileReading(run, () => decode(frame, { kinds: kindsWith(env.kinds), ...limits }));
  restoreHead(run, record);
  const ops = record["ops"] as Entry[];
  const entries = record["strands"] as Entry[];
  entries.forEach((entry, index) => checkFields(entry, isGenerator(entry) ? generatorFields : strandFields, `strands[${index}]`));
  ops.forEach(checkEntry);
  const strands = entries.map((entry) => restoreStrand(run, entry));
  const promise = (place: unknown): DurablePromise => {
    if (typeof place !== "number" || !(place in ops)) throw new CorruptFrameError("ops", `there is no place ${String(place)}`);
    return (promises[place] ??= newDurable(run, undefined));
  };
  if (promises.length > ops.length) throw new CorruptFrameError("ops", "a place is missing");
  const reading: Reading = { run, strands, promise };
  ops.forEach((entry, place) => restoreEntry(promise(place), entry, reading));
  restoreWaits(entries, ops, reading);
  checkGenerators(generators);
  checkResults(promises as DurablePromise[]);
  restoreOperations(run, promises as DurablePromise[]);
  restoreEnd(run, record, reading);
  return run;
}

function restoreHead(run: LiveRun, record: Record<string, unknown>): void {
  checkFields(record, endedFields, "");
  const { id, ended } = record as { id: string; ended?: string };
  run.id = id;
  if (ended !== undefined) throw new RunEndedError(ended, { runId: id });
  checkFields(record, headFields, "");
  const { flow, turn, next, responses, index, progress, deadline, cancelled, compensations, limit } = record;
  run.flow = typeof flow === "string" ? flow : String((record["strands"] as (Entry | null)[])[0]?.["flow"]);
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
  run.cancelled = cancelled === undefined ? undefined : { reason: (cancelled as { reason?: string }).reason };
  for (const undo of (compensations as unknown[] | undefined) ?? []) {
    if (typeof undo !== "function") throw new CorruptFrameError("compensations", "expected functions");
    run.compensations.push(undo as () => unknown);
  }
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

function restoreStrand(run: LiveRun, entry: Entry): Frame {
  if (isGenerator(entry)) return restoreGenerator(run, entry);
  const { meta, machine } = declared(run, entry);
  const frame = new Frame(run, meta, machine, (entry["env"] as Env | undefined) ?? {}, entry["self"], []);
  frame.point = entry["point"] as string;
  frame.locals = entry["locals"] as Record<string, unknown>;
  if (entry["handled"] === true) frame.promise.handled = true;
  if (!Object.hasOwn(meta.points, frame.point)) throw new UnknownPointError(placeOf(frame), { runId: run.id });
  run.strands.add(frame);
  return frame;
}

function declared(run: LiveRun, { flow, code }: Entry): { meta: Meta; machine: Machine } {
  if (typeof flow === "string") return run.env.flow?.(flow) ?? flowCalled(flow);
  if (code === undefined) throw new CorruptFrameError("strands", "a strand is one of a `flow` or of `code`");
  const found = shared.strands.get(String(code));
  if (found === undefined) throw new UnknownCodeError("strands", String(code), { runId: run.id });
  return found;
}

/** In the order of a frame that was never stored: who waits first wakes first. */
function restoreWaits(entries: readonly Entry[], ops: readonly Entry[], { strands, promise }: Reading): void {
  entries.forEach(({ on }, index) => {
    const frame = strands[index] as Frame;
    frame.on = promise(on);
    // It would wait for ever: whoever settles a promise wakes its strands.
    if (frame.on.by === undefined) throw new CorruptFrameError(`strands[${index}].on`, "a strand cannot wait for what is settled");
    frame.on.handled = true;
    (frame.on.reactions ??= []).push(frame);
  });
  ops.forEach((_, place) => connect(promise(place)));
  if (!ops.some((entry) => Object.hasOwn(entry, "waiters"))) return;
  const targets = new Map<DurablePromise, number>(ops.map((_, place) => [promise(place), strands.length + place]));
  const numbers = new Map<Frame, number>(strands.map((frame, index) => [frame, index]));
  ops.forEach((entry, place) => {
    if (Object.hasOwn(entry, "waiters")) reorder(promise(place), entry["waiters"] as number[], numbers, targets);
  });
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
  const [first] = strands;
  if (root !== undefined) run.root = promise(root);
  else if (first !== undefined && run.ending === undefined) run.root = first.promise;
  else run.root = newDurable(run, undefined);
  run.root.handled = true;
  if (run.compensation !== undefined) run.compensation.handled = true;
}
