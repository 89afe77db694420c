// start: a new run. Its first turn runs at once, and its first commit creates it, so a start that cannot be stored leaves
// nothing behind. With a queue, a time or a detached start the run is stored first and a worker begins it.

import type { Flow } from "../../api/deflow.ts";
import { encode } from "../../codec/encode.ts";
import { type Duration, milliseconds } from "../../realm/duration.ts";
import { uuid } from "../../realm/uuid.ts";
import { deflowError } from "../../errors/classes.ts";
import { isDeflowError } from "../../errors/error.ts";
import { InvalidArgumentError } from "../../errors/run.ts";
import type { CompiledFlow } from "../../strands/registry.ts";
import type { Change, Index, Origin, StoredRun } from "../../store.ts";
import { advance, indexed } from "../turns/advance.ts";
import { newProgress } from "../turns/change.ts";
import { outside } from "../telling/capture.ts";
import { type Joining, joining } from "./client.ts";
import type { Core } from "../core.ts";
import { answered, leaseLost } from "./direct.ts";
import { Place } from "../turns/exclusive.ts";
import { checkName } from "../names.ts";
import { written } from "../turns/parts.ts";
import { indexOfChild, isReserved, type Parent, type RunState, writeState } from "../turns/record.ts";
import { missing, type Run, runOf } from "../run.ts";
import { Turn } from "../turns/turn.ts";

/** Of `engine.start`, and of `start()` in a flow. */
export interface StartOptions {
  /**
   * Starting a flow again under an id that it has already gives the run that is there, also one that has ended, with `duplicate`; arguments and options
   * are not looked at then. One of another flow throws RUN_EXISTS.
   * Default: a UUID of version 7, which begins with the time; in a flow the id of the run that starts it, a colon and a number.
   */
  readonly id?: string;
  /**
   * Leaves the run to workers of this queue, which may be paused or limited. Without it, and without `startAt`, the run begins at once where `start`
   * is called, and is of the queue "default" from its first wait on.
   */
  readonly queue?: string;
  /** Workers take runs of higher priority first; a whole number, 0 if absent. */
  readonly priority?: number;
  /** Leaves the run to workers, from this time on. A number is milliseconds since the epoch, a text like "2 days" counts from now. Default: at once. */
  readonly startAt?: Date | Duration;
  /** What `find` finds the run by; keys do not begin with `deflow:`. Default: nothing. */
  readonly index?: Index;
}

const defaultQueue = "default";

export function start<Args extends unknown[], R>(engine: Core, flow: Flow<Args, R>, args: Args, options: StartOptions & Joining = {}): Promise<Run<R>> {
  return outside(() => started<R>(engine, flow as unknown as Flow, args, options));
}

async function started<R>(engine: Core, flow: Flow, args: readonly unknown[], options: StartOptions & Joining): Promise<Run<R>> {
  engine.open();
  const core = joining(engine, options);
  const compiled = flowOf(core, flow);
  checkOptions(options);
  const id = options.id ?? newId(core);
  if (options.id !== undefined) {
    const row = await core.store.load(id, undefined, core.texts.run);
    if (row !== undefined) return thatIs<R>(core, row, compiled);
  }
  if (options.queue !== undefined || options.startAt !== undefined) return await enqueue<R>(core, id, compiled, args, options);
  const place = new Place(core, id);
  // Also where nobody is before: a turn begins in a tick of its own.
  await place.comes;
  // Not awaited here: what was looked up need not be kept until the commit.
  return begun<R>(core, id, compiled, place, () => firstTurn(core, id, compiled, args, options, place));
}

/** The answer of the run's first turn, which `begin` begins. */
async function begun<R>(core: Core, id: string, flow: CompiledFlow, place: Place, begin: () => Turn): Promise<Run<R>> {
  try {
    const run = await answered<R>(core, id, begin());
    if (run !== undefined) return run;
  } finally {
    place.leave();
  }
  return await existing<R>(core, id, flow) ?? leaseLost(id);
}

function firstTurn(core: Core, id: string, flow: CompiledFlow, args: readonly unknown[], options: StartOptions, place: Place): Turn {
  const again = argumentsAgain(core, args);
  const run = indexed(core.startRun(flow, args, id), options.index);
  const progress = newProgress(id, originOf(flow, options));
  progress.arguments = again;
  return new Turn(core, run, progress, place);
}

/** Stores the run without beginning it. */
async function enqueue<R>(core: Core, id: string, flow: CompiledFlow, args: readonly unknown[], options: StartOptions): Promise<Run<R>> {
  const change = queued(core, id, flow, args, options);
  const result = await core.commit(flow.deflow.id, change);
  if (!result?.applied) return await existing<R>(core, id, flow) ?? missing(id);
  core.due(change.wake ?? change.now, { queue: change.origin?.queue ?? defaultQueue });
  return runOf<R>(core, (await core.store.load(id, undefined, core.texts.run)) ?? missing(id));
}

/** Stores a child run and begins it behind its parent's back, here unless workers are to. Twice under one id is once. It is cancelled with `parent`. */
export async function startDetached(core: Core, id: string, flow: Flow, args: readonly unknown[], options: StartOptions, parent?: Parent): Promise<void> {
  const compiled = flowOf(core, flow);
  checkOptions(options);
  const change = queued(core, id, compiled, args, options, parent);
  const here = options.queue === undefined && options.startAt === undefined;
  const lease = { owner: core.owner(), duration: core.settings.lease };
  const result = await core.commit(compiled.deflow.id, here ? { ...change, lease } : change);
  if (!result?.applied) await existing(core, id, compiled);
  else if (here) core.background.run(`The run \`${id}\``, () => advance(core, id, { owner: lease.owner }));
  else core.due(change.wake ?? change.now, { queue: change.origin?.queue ?? defaultQueue });
}

function queued(core: Core, id: string, flow: CompiledFlow, args: readonly unknown[], options: StartOptions, parent?: Parent): Change {
  const frame = argumentsOf(core, args);
  if (typeof frame !== "string") throw frame.refused;
  const now = core.clock.now();
  const at = timeOf(options.startAt, now);
  const state: RunState = { turn: 0, responses: [], waits: [], nextAt: at, fresh: true };
  return {
    id, version: 0, now, origin: originOf(flow, options), status: "queued", waits: [],
    ...written(new Map(), writeState(core, state), { text: frame, parts: new Map() }, core.journals.noted(new Map(), 1, { what: "queued" })).change,
    index: { ...options.index, ...(parent === undefined ? {} : indexOfChild(parent)) }, looked: 0, wake: at,
  };
}

/** For a first turn that fails, which few do: written then. What the flow may change is written before it begins. */
function argumentsAgain(core: Core, args: readonly unknown[]): () => string | undefined {
  const kept = args.every((value) => typeof value === "string" || typeof value === "number") ? [...args] : undefined;
  const given = kept === undefined ? argumentsOf(core, args) : undefined;
  return () => {
    const text = given ?? argumentsOf(core, kept ?? []);
    return typeof text === "string" ? text : undefined;
  };
}

/** As a frame, so that a start can be made again; or why they cannot be stored. */
function argumentsOf(core: Core, args: readonly unknown[]): string | { readonly refused: unknown } {
  try {
    return encode({ args }, core.codec);
  } catch (refused) {
    if (isDeflowError(refused)) return { refused };
    throw refused;
  }
}

function timeOf(startAt: StartOptions["startAt"], now: number): number {
  if (startAt === undefined) return now;
  if (startAt instanceof Date) return startAt.getTime();
  return typeof startAt === "number" ? startAt : now + milliseconds(startAt, "`startAt`");
}

function originOf(flow: CompiledFlow, { queue = defaultQueue, priority = 0 }: StartOptions): Origin {
  return { flow: flow.deflow.id, queue, priority };
}

function flowOf(core: Core, flow: Flow): CompiledFlow {
  const id = (flow as Partial<Flow> | undefined)?.deflow?.id;
  if (typeof flow !== "function" || id === undefined) throw new InvalidArgumentError("The flow to start", typeof flow, "a flow, made with deflow()");
  return core.flow(id);
}

export function checkOptions({ id, queue, priority, index, startAt }: StartOptions): void {
  if (id !== undefined) checkName("The id of a run", id);
  if (queue !== undefined) checkName("The queue of a run", queue);
  if (priority !== undefined && !Number.isSafeInteger(priority)) throw new InvalidArgumentError("`priority`", String(priority), "a whole number");
  if (startAt instanceof Date && Number.isNaN(startAt.getTime())) throw new InvalidArgumentError("`startAt`", "an invalid Date", "a valid one");
  for (const key of Object.keys(index ?? {})) {
    checkName("A key of an index", key);
    if (isReserved(key)) throw new InvalidArgumentError("A key of an index", `\`${key}\``, "one that does not begin with `deflow:`");
  }
}

export function newId(core: Core): string {
  return uuid(core.clock.now(), core.env.random);
}

async function existing<R>(core: Core, id: string, flow: CompiledFlow): Promise<Run<R> | undefined> {
  const row = await core.store.load(id, undefined, core.texts.run);
  return row && thatIs<R>(core, row, flow);
}

function thatIs<R>(core: Core, row: StoredRun, flow: CompiledFlow): Run<R> {
  const { id } = row;
  if (row.flow !== flow.deflow.id) throw deflowError("RUN_EXISTS", { id, flow: row.flow }, { runId: id });
  return runOf<R>(core, row, { duplicate: true });
}
