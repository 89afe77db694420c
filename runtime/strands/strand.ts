// A strand: one activation of a compiled async function. Its machine is a native async function that awaits in place:
//
//   start ──► machine runs ──► stop()  waits on a durable promise   by a native *waiter*, settled by `wake`
//                          ──► out()   waits on an ordinary promise  natively, holding the turn
//                          ──► done() | fail()
//   a stored strand has no activation: `wake` enters the machine anew, which loads its locals and calls `again`
//
// `stop`, `out`, `in` are the hot path: an await of an ordinary promise must cost no more than two property writes.

import { append } from "../realm/append.ts";
import { awaited, type DurablePromise, FULFILLED, newDurable, PENDING, REJECTED, resolve, settle, type State } from "../promises/durable.ts";
import { UnknownPointError } from "../errors/load.ts";
import { InvalidArgumentError } from "../errors/run.ts";
import { fulfil } from "../promises/fulfil.ts";
import { whenRejected } from "../realm/intrinsics.ts";
import { loading, misfit, retirement } from "./loading.ts";
import type { Reaction } from "../promises/reactions.ts";
import { type Env, type Meta, placeOf } from "./registry.ts";
import { oneClass, shared } from "../realm/shared.ts";
import type { LiveRun } from "../run/step.ts";
import { traceInto, traceLate } from "./trace.ts";

export type Machine = (frame: Frame) => Promise<void>;

/** Who executes: a strand, or the reactions of a run. */
export interface Actor {
  readonly run: LiveRun;
}

type Settle = (value: unknown) => void;

class OwnFrame implements Actor, Reaction {
  readonly kind = "strand";
  readonly meta: Meta;
  readonly machine: Machine;
  readonly run: LiveRun;
  readonly env: Env;
  readonly self: unknown;
  /** The function that was called: what its own name means inside it. A local of the machine once it has started. */
  readonly callee: unknown;
  args: unknown[];
  point: string | undefined;
  locals: Record<string, unknown>;
  /** What it waits on, while it waits. */
  on: DurablePromise | undefined;
  /** The waiter of the activation; undefined while none waits. */
  resolve: Settle | undefined;
  reject: Settle | undefined;
  /** Its result. */
  promise: DurablePromise;
  /** Its neighbours in `run.strands`, and whether it is there. */
  before: OwnFrame | undefined;
  after: OwnFrame | undefined;
  listed: boolean;

  constructor(run: LiveRun, meta: Meta, machine: Machine, env: Env, self: unknown, args: unknown[], callee?: unknown) {
    this.meta = meta;
    this.machine = machine;
    this.run = run;
    this.env = env;
    this.self = self;
    this.callee = callee;
    this.args = args;
    this.point = undefined;
    this.locals = none;
    this.on = undefined;
    this.resolve = undefined;
    this.reject = undefined;
    this.promise = newDurable(run, this);
    this.before = undefined;
    this.after = undefined;
    this.listed = false;
  }

  settled(source: DurablePromise): void {
    if (this.on === source) wake(this, source.state, source.value);
  }
}

export type Frame = OwnFrame;
export const Frame = oneClass("Frame", OwnFrame);

const none: Record<string, unknown> = Object.freeze({});
const noEnv: Env = Object.freeze({});

/** Runs a new strand up to its first wait. */
export function start(run: LiveRun, meta: Meta, machine: Machine, env: Env | undefined, self: unknown, args: unknown[], callee: unknown): DurablePromise {
  if (depth > shallow) leaveRoom(room);
  const frame = new Frame(run, meta, machine, env ?? noEnv, self, args, callee);
  run.strands.add(frame);
  run.active++;
  enter(frame);
  return frame.promise;
}

// A strand that starts another starts it inside its own activation, so a recursion can use up the stack. The RangeError
// must be thrown where nothing is half done: before a strand starts deep down, the stack is tried for the room that its
// start and its failing take.

/** Strands started inside each other, now. */
let depth = 0;
/** So many fit on any stack. */
const shallow = 200;
/** Calls of `leaveRoom`, 50 to 100 bytes of stack each. Measured: with 200, what an error's stack is formatted by overflows. */
const room = 2000;

function leaveRoom(calls: number): number {
  return calls === 0 ? 0 : leaveRoom(calls - 1) + 1;
}

function enter(frame: Frame): void {
  const caller = shared.current;
  shared.current = frame;
  depth++;
  try {
    // Not as a method, which stacks would name after the frame.
    const { machine } = frame;
    const moving = machine(frame);
    // The machine's own handler may have had too little stack left.
    if (depth > shallow) void whenRejected(moving, (error) => fail(frame, error));
  } catch (error) {
    // Only a stack overflow before the machine's first statement gets here.
    fail(frame, error);
  }
  depth--;
  shared.current = caller;
}

/** A stored strand gets its activation, which loads its locals before it catches anything. */
function reenter(frame: Frame): void {
  const caller = shared.current;
  const { machine } = frame;
  const retired = retirement(frame);
  if (retired !== undefined) fail(frame, retired);
  else void whenRejected(loading(frame, () => machine(frame)), (cause) => fail(frame, misfit(cause)));
  shared.current = caller;
}

/** At an await of a durable promise: the native promise to await instead. */
export function stop(frame: Frame, point: string, operand: object, locals: Record<string, unknown>): Promise<unknown> {
  shared.current = undefined;
  const promise = awaited(frame.run, operand);
  promise.handled = true;
  if (promise.state === FULFILLED) return fulfilled(promise.value);
  if (promise.state === REJECTED) return rejected(frame, point, promise.value);
  if (promise.run !== frame.run) throw foreign();
  frame.point = point;
  frame.locals = locals;
  frame.on = promise;
  if (promise.reactions === undefined) promise.reactions = [frame];
  else append(promise.reactions, frame);
  const waiter = new Promise(capture);
  frame.resolve = resolveWaiter;
  frame.reject = rejectWaiter;
  frame.run.rest();
  return waiter;
}

/** What to await for a value: a primitive takes the one tick by itself. */
function fulfilled(value: unknown): Promise<unknown> {
  if ((typeof value !== "object" || value === null) && typeof value !== "function") return value as Promise<unknown>;
  const promise = new Promise(capture);
  fulfil(resolveWaiter, value);
  return promise;
}

function rejected(frame: Frame, point: string, error: unknown): Promise<unknown> {
  traceLate(error, frame, point);
  return Promise.reject(error);
}

/** At an await of anything else, which is awaited as it is. */
export function out<T>(frame: Frame, point: string, value: T): T {
  shared.current = undefined;
  frame.point = point;
  return value;
}

/** After every await, however it ended. */
export function into(frame: Frame): void {
  shared.current = frame;
}

/** In a fresh activation of a stored strand: what to await at its point. */
export function again(frame: Frame): Promise<unknown> {
  shared.current = undefined;
  const waiter = new Promise(capture);
  frame.resolve = resolveWaiter;
  frame.reject = rejectWaiter;
  return waiter;
}

let resolveWaiter: Settle;
let rejectWaiter: Settle;
function capture(resolve: Settle, reject: Settle): void {
  resolveWaiter = resolve;
  rejectWaiter = reject;
}

/** Ends the strand's wait with an outcome, whatever it waited on. It goes on one tick later. */
export function wake(frame: Frame, state: State, value: unknown): void {
  leave(frame);
  frame.run.active++;
  if (frame.resolve === undefined) reenter(frame);
  const { resolve, reject } = frame;
  frame.resolve = undefined;
  frame.reject = undefined;
  if (state === REJECTED) reject?.(value);
  else if (resolve !== undefined) fulfil(resolve, value);
}

/** Ends the strand's wait with an error that is not the outcome of what it waits on. */
export function throwInto(frame: Frame, error: unknown): void {
  traceInto(error, frame);
  wake(frame, REJECTED, error);
}

/** Thrown out of a wait that goes on, it is no waiter any more, and comes last if it waits there again. */
function leave(frame: Frame): void {
  const waiting = frame.on?.reactions;
  if (waiting !== undefined) remove(waiting, frame);
  frame.on = undefined;
}

function remove(list: Reaction[], gone: Reaction): void {
  let kept = 0;
  for (let index = 0; index < list.length; index++) if (list[index] !== gone) list[kept++] = list[index] as Reaction;
  list.length = kept;
}

export function done(frame: Frame, value: unknown): void {
  shared.current = undefined;
  frame.run.strands.delete(frame);
  resolve(frame.promise, value);
  frame.run.rest();
}

export function fail(frame: Frame, error: unknown): void {
  shared.current = undefined;
  frame.run.strands.delete(frame);
  if (frame.promise.state === PENDING) settle(frame.promise, REJECTED, error);
  frame.run.rest();
}

/** A generator that is not async belongs to no run. */
export function unknownPoint(frame: Pick<Frame, "meta" | "point"> & { readonly run?: LiveRun }): never {
  throw new UnknownPointError(placeOf(frame), { runId: frame.run?.id });
}

function foreign(): InvalidArgumentError {
  return new InvalidArgumentError("The awaited promise", "a durable promise of another run", "one of this run");
}
