// The durable promise: the promise of an operation, a strand, a reaction or a combinator, whose state the runtime owns and
// can store.
//
//   programs        hold its native half, a real Promise that has the runtime's half as a private field
//   compiled code   asks `durable(v)`, then waits by a reaction in `reactions`; the native half is never settled
//   ordinary code   waits for the native half. `await` and Promise.resolve are noticed by their look at
//                   `constructor`, `then` and `finally` by being called; from then on the promise is *held*
//   a program       that replaces Promise.prototype.then has replaced that of durable promises too: what it calls in the end is the
//                   native one, whose reactions no frame can hold
//
// Settling walks the reactions in order and at once. What each does takes as many ticks as in a native promise: a waiting
// strand goes on one tick later, a callback runs one tick later.

import { append } from "../realm/append.ts";
import { follow, native, type Reaction, Then, type ThenFunction, Finally, adopt } from "./reactions.ts";
import { HeldByOrdinaryCodeError } from "../errors/run.ts";
import { apply } from "../realm/intrinsics.ts";
import { isOperation, operationText } from "../run/operations.ts";
import type { By } from "./reactions.ts";
import { isCompiled } from "../strands/registry.ts";
import { oneClass, shared } from "../realm/shared.ts";
import type { LiveRun } from "../run/step.ts";
import { adopted, ownThen } from "./thenable.ts";
import type { Actor } from "../strands/strand.ts";
import { traceWaits } from "../strands/trace.ts";

export const PENDING = 0;
export const FULFILLED = 1;
export const REJECTED = 2;
export type State = typeof PENDING | typeof FULFILLED | typeof REJECTED;

type Callback = ((value: never) => unknown) | null | undefined;

export interface Holder {
  /** A line of its stack. */
  readonly at: string;
  /** Who called it; undefined where it was called by nobody of the run. */
  readonly caller: Actor | undefined;
}

class OwnDurablePromise {
  state: State;
  value: unknown;
  /** In the order in which they were added; undefined once settled. */
  reactions: Reaction[] | undefined;
  /** Somebody has waited for it, so its rejection is not lost. */
  handled: boolean;
  /** What will settle it; undefined once settled. */
  by: By | undefined;
  /** The ordinary code that took it. */
  holder: Holder | undefined;
  readonly run: LiveRun;
  /** What programs hold. */
  readonly native: NativeHalf;
  readonly resolveNative: (value: unknown) => void;
  readonly rejectNative: (reason: unknown) => void;

  constructor(run: LiveRun, by: By | undefined) {
    this.state = PENDING;
    this.value = undefined;
    this.reactions = undefined;
    this.handled = false;
    this.by = by;
    this.holder = undefined;
    this.run = run;
    this.native = new NativeHalf(this);
    this.resolveNative = resolveNative;
    this.rejectNative = rejectNative;
  }
}

/** As a native promise it has the properties that the program gives it, and may be frozen. */
class OwnNativeHalf extends Promise<unknown> {
  readonly #durable: DurablePromise;

  constructor(whole: DurablePromise) {
    super(captureNative);
    this.#durable = whole;
  }

  /** Undefined for an object that only inherits from one. */
  static durable(value: object): DurablePromise | undefined {
    return #durable in value ? value.#durable : undefined;
  }

  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  /** Taken by programs as `promise.then` and `promise.finally`. */
  static readonly methods = {
    then(this: unknown, fulfilled?: Callback, rejected?: Callback): unknown {
      const onFulfilled = typeof fulfilled === "function" ? fulfilled : undefined;
      const onRejected = typeof rejected === "function" ? rejected : undefined;
      const whole = durableOf(this);
      if (whole !== undefined && !isOrdinary(onFulfilled) && !isOrdinary(onRejected)) return chain(whole, new Then(onFulfilled, onRejected));
      if (whole !== undefined) hold(whole, methods.then);
      return apply(nativeThen, this, [onFulfilled, onRejected]);
    },

    finally(this: unknown, callback?: Callback): unknown {
      const whole = durableOf(this);
      if (whole !== undefined && isCompiled(callback) && promises.then === nativeThen) return chain(whole, new Finally(callback as () => unknown));
      if (whole !== undefined && typeof callback === "function") hold(whole, methods.finally);
      return apply(nativeFinally, this, [callback]);
    },
  };
}

const promises = Promise.prototype;
// What ordinary code waits by. The program may put functions of its own in their place, which are then those of its promises too.
const { then: nativeThen, finally: nativeFinally } = promises as unknown as Record<"then" | "finally", (...args: never[]) => unknown>;

/** The promise of a callback. Others have no `token` that a program could find. */
class OwnCallbackHalf extends OwnNativeHalf {
  /** While it is pending. */
  get token(): string | undefined {
    const by = durableOf(this)?.by;
    return isOperation(by) && by.kind === "callback" ? by.token : undefined;
  }
}

export type DurablePromise = OwnDurablePromise;
export const DurablePromise = oneClass("DurablePromise", OwnDurablePromise);
export type NativeHalf = OwnNativeHalf;
export const NativeHalf = oneClass("NativeHalf", OwnNativeHalf);
export const CallbackHalf = oneClass("CallbackHalf", OwnCallbackHalf);

let resolveNative: (value: unknown) => void;
let rejectNative: (reason: unknown) => void;
function captureNative(resolve: (value: never) => void, reject: (reason: unknown) => void): void {
  resolveNative = resolve as (value: unknown) => void;
  rejectNative = reject;
}

const { methods, prototype } = NativeHalf;
const { defineProperty } = Reflect;

/** As a property that is inherited: assigning to it makes an own one. */
function inherit(key: PropertyKey, get: (this: unknown) => unknown): void {
  if (NativeHalf === OwnNativeHalf) defineProperty(prototype, key, {
    configurable: true,
    get,
    set(this: object, value: unknown) {
      if (!defineProperty(this, key, { value, writable: true, enumerable: true, configurable: true })) throw new TypeError(`Cannot add property ${String(key)}, object is not extensible`);
    },
  });
}

// `await promise` and Promise.resolve(promise) of ordinary code read `constructor` before anything else.
inherit("constructor", function constructor(this: unknown) {
  const whole = durableOf(this);
  if (whole !== undefined) hold(whole, constructor);
  return Promise;
});

inherit("then", () => (promises.then === nativeThen ? methods.then : promises.then));
inherit("finally", () => (promises.finally === nativeFinally ? methods.finally : promises.finally));

/**
 * Asked at every await, of values of any shape: 4 ns. `instanceof`, which says the same, takes 28, since the class has accessors of its
 * own, and a look for the private field 10 to 20. What only inherits from a durable promise is found out at the stop.
 */
export function durable(value: unknown): value is object {
  return typeof value === "object" && value !== null && prototype.isPrototypeOf(value);
}

/** The durable promise that a program holds. */
export function durableOf(value: unknown): DurablePromise | undefined {
  return durable(value) ? NativeHalf.durable(value) : undefined;
}

/** Makes it the promise of a callback. */
export function showToken(promise: NativeHalf): void {
  Object.setPrototypeOf(promise, CallbackHalf.prototype);
}

/** Whether the program gave a `then` to a durable promise. An await does not ask for it. */
export function hasOwnThen(operand: object): boolean {
  return durable(operand) && (operand as PromiseLike<unknown>).then !== methods.then;
}

/** Whether a strand stops at an operand. Asked at the awaits of flows that make thenables, others ask `durable`. */
export function isStop(operand: unknown): operand is object {
  return durable(operand) || (typeof operand === "object" && operand !== null && !(operand instanceof Promise) && ownThen(operand) !== undefined);
}

/** The durable promise of an operand at which a strand stops. */
export function awaited(run: LiveRun, operand: object): DurablePromise {
  return durableOf(operand) ?? adopted(run, operand);
}

export function newDurable(run: LiveRun, by: By | undefined): DurablePromise {
  return new DurablePromise(run, by);
}

/** Adds a reaction; one to a settled promise is under way at once. */
export function react(source: DurablePromise, reaction: Reaction): void {
  source.handled = true;
  if (source.state !== PENDING) reaction.settled(source);
  else if (source.reactions === undefined) source.reactions = [reaction];
  else append(source.reactions, reaction);
}

function chain(source: DurablePromise, by: Then | Finally): NativeHalf {
  const target = newDurable(source.run, by);
  by.target = target;
  by.source = source;
  source.run.reactions.add(target);
  react(source, by);
  return target.native;
}

/** What the resolve function of a native promise does. */
export function resolve(target: DurablePromise, value: unknown): void {
  if ((typeof value !== "object" || value === null) && typeof value !== "function") return settle(target, FULFILLED, value);
  if (value === target.native) return settle(target, REJECTED, new TypeError("Chaining cycle detected for promise #<Promise>"));
  let then: unknown;
  try {
    then = (value as { then?: unknown }).then;
  } catch (error) {
    return settle(target, REJECTED, error);
  }
  if (then === methods.then) {
    const source = durableOf(value);
    if (source !== undefined) return follow(target, source);
  }
  if (typeof then !== "function") return settle(target, FULFILLED, value);
  adopt(target, value, then as ThenFunction);
}

/** Settles for good. A second call changes nothing, as with native promises. */
export function settle(target: DurablePromise, state: State, value: unknown): void {
  if (target.state !== PENDING) return;
  const { reactions, run } = target;
  if (state === REJECTED) traceWaits(value, target);
  target.state = state;
  target.value = value;
  target.reactions = undefined;
  target.by = undefined;
  if (state === REJECTED && !target.handled) run.unhandled.add(target);
  if (reactions === undefined) return;
  for (let index = 0; index < reactions.length; index++) (reactions[index] as Reaction).settled(target);
}

function isOrdinary(callback: unknown): boolean {
  return callback !== undefined && !isCompiled(callback);
}

/** Notes that ordinary code took the promise. An operation would outlive that code, so there it throws. */
function hold(promise: DurablePromise, entry: (...args: never[]) => unknown): void {
  if (promise.holder !== undefined) return;
  const at = lineOf(entry);
  if (promise.state === PENDING && isOperation(promise.by)) {
    throw new HeldByOrdinaryCodeError({ flow: promise.run.flow, point: operationText(promise.by) }, at, { runId: promise.run.id });
  }
  promise.holder = { at, caller: shared.current };
  // Who only looked (an inspector, an error message) will not handle its rejection; who waits has a promise of its own.
  apply(nativeThen, promise.native, [undefined, () => {}]);
  if (promise.state === PENDING) promise.run.hold(promise);
  react(promise, native);
}

function lineOf(entry: (...args: never[]) => unknown): string {
  const probe: { stack?: string } = {};
  Error.captureStackTrace(probe, entry);
  return probe.stack?.split("\n")[1]?.trim() ?? "(its stack is empty)";
}
