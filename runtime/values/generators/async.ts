// Async generators made in a flow. `next`, `return` and `throw` give durable promises and queue what is asked (ECMA-262 27.6):
//
//   started ──next──► running ──yield──► yielded ──next, throw, return──► running … ──► over ──return──► draining ──► over
//
// While it runs, awaits or drains, a generator is a strand of its run, which waits, is cancelled and is stored like the others.
// Otherwise it is a value that whoever holds it keeps.

import { append } from "../../realm/append.ts";
import { nameOf } from "../call.ts";
import type { AsyncCursor } from "../cursors/async.ts";
import { type DurablePromise, newDurable, REJECTED, resolve, settle } from "../../promises/durable.ts";
import { RunEndedError } from "../../errors/run.ts";
import type { CompiledFunction, Env, GeneratorEntry } from "../../strands/registry.ts";
import { oneClass, shared } from "../../realm/shared.ts";
import type { LiveRun } from "../../run/step.ts";
import { again, Frame } from "../../strands/strand.ts";
import { begin, drive, type Phase } from "./drive.ts";
import { Given } from "../../realm/given.ts";
import type { GeneratorFrame, Mode, Native } from "./machine.ts";

type State = "started" | "running" | "yielded" | "draining" | "over";

export interface Request {
  readonly mode: Mode;
  readonly value: unknown;
  readonly promise: DurablePromise;
}

class OwnAsyncActivation extends Frame implements GeneratorFrame {
  readonly entry: GeneratorEntry;
  declare readonly callee: CompiledFunction;
  /** What authors hold. */
  readonly object: object;
  leaving = false;
  yielding = false;
  delegate: AsyncCursor | undefined = undefined;
  state: State = "started";
  /** What it waits for, while it runs. */
  phase: Phase = "body";
  /** How the delegate was last resumed, and whether its last result was its end. */
  received: Mode = "next";
  ended = false;
  /** In the order in which they are answered; the first one is under way. */
  readonly queue: Request[] = [];
  native: Native | undefined = undefined;

  constructor(object: object, run: LiveRun, entry: GeneratorEntry, env: Env, callee: CompiledFunction, self: unknown, args: unknown[]) {
    super(run, entry.meta, reenter, env, self, args, callee);
    this.entry = entry;
    this.object = object;
  }
}

export type AsyncActivation = OwnAsyncActivation;
export const AsyncActivation = oneClass("AsyncGeneratorActivation", OwnAsyncActivation);

/** The wait of one that was stored has ended. */
function reenter(frame: Frame): Promise<void> {
  return drive(frame as AsyncActivation, again(frame));
}

class OwnAsyncGenerator extends Given {
  #activation: AsyncActivation | undefined = undefined;

  // oxlint-disable-next-line no-useless-constructor -- one that V8 makes passes arguments on by the program's iterator
  constructor(object: object) {
    super(object);
  }

  /** Undefined for everything else. */
  static of(value: unknown): AsyncActivation | undefined {
    return typeof value === "object" && value !== null && #activation in value ? value.#activation : undefined;
  }

  static give(object: object, activation: AsyncActivation): void {
    (object as OwnAsyncGenerator).#activation = activation;
  }

  next(value?: unknown): Promise<unknown> {
    return ask(this, "next", value);
  }

  return(value?: unknown): Promise<unknown> {
    return ask(this, "return", value);
  }

  throw(error?: unknown): Promise<unknown> {
    return ask(this, "throw", error);
  }
}

export const AsyncGenerator = oneClass("AsyncGenerator", OwnAsyncGenerator);

// oxlint-disable-next-line no-empty-function -- only its prototypes are wanted
const nativeFunction = Object.getPrototypeOf(async function* () {}) as { readonly prototype: object };

/** What native async generator functions inherit from. */
export const asyncGeneratorFunction: object = nativeFunction;

/** `next`, `return` and `throw` of the async generators made in flows: they give durable promises, which no native one can. */
export const asyncGeneratorPrototype: object = likeNative(AsyncGenerator.prototype);

/** Gives a class's methods the surroundings that the native ones have. */
function likeNative(prototype: object): object {
  Object.setPrototypeOf(prototype, Object.getPrototypeOf(nativeFunction.prototype) as object);
  Object.defineProperty(prototype, "constructor", { value: nativeFunction, configurable: true, writable: false, enumerable: false });
  Object.defineProperty(prototype, Symbol.toStringTag, { value: (nativeFunction.prototype as { [Symbol.toStringTag]: string })[Symbol.toStringTag], configurable: true });
  for (const name of ["next", "return", "throw"]) Object.defineProperty((prototype as Record<string, object>)[name], "length", { value: 1, configurable: true });
  return prototype;
}

/** An object with the place for an activation. */
export function asyncGeneratorObject(prototype: unknown): object {
  const object = Object.create(typeof prototype === "object" && prototype !== null ? prototype : asyncGeneratorPrototype) as object;
  // oxlint-disable-next-line no-new -- constructing it is what makes the object a generator
  new AsyncGenerator(object);
  return object;
}

/** A call of an async generator function: parameters that run code are bound now. */
export function makeAsyncGenerator(run: LiveRun, entry: GeneratorEntry, env: Env, callee: CompiledFunction, self: unknown, args: unknown[]): object {
  const object = asyncGeneratorObject(callee.prototype);
  const activation = new AsyncActivation(object, run, entry, env, callee, self, args);
  if (entry.meta.early === true) {
    activation.native = entry.machine(activation);
    activation.native.next();
  }
  AsyncGenerator.give(object, activation);
  return object;
}

function ask(receiver: unknown, mode: Mode, value: unknown): Promise<unknown> {
  const activation = AsyncGenerator.of(receiver);
  if (activation === undefined) return Promise.reject(new TypeError(`${mode} method called on incompatible receiver ${nameOf(receiver)}`));
  const { run } = activation;
  if (run.closed) throw new RunEndedError(run.ending?.status ?? "stored", { runId: run.id });
  const promise = newDurable(run, activation);
  if (activation.state === "started" && mode === "throw") activation.state = "over";
  if (activation.state === "over" && mode !== "return") {
    if (mode === "throw") settle(promise, REJECTED, value);
    else resolve(promise, { value: undefined, done: true });
    return promise.native;
  }
  append(activation.queue, { mode, value, promise });
  if (activation.state !== "running" && activation.state !== "draining") wakeUp(activation);
  return promise.native;
}

/** It is a strand from here on. */
function wakeUp(activation: AsyncActivation): void {
  const { run } = activation;
  const caller = shared.current;
  shared.current = activation;
  run.strands.add(activation);
  run.active++;
  void drive(activation, begin(activation));
  shared.current = caller;
}

/** Settles the promise of the request under way. */
export function answer(activation: AsyncActivation, mode: Mode, value: unknown, done: boolean): void {
  const { queue } = activation;
  const { promise } = queue[0] as Request;
  for (let index = 1; index < queue.length; index++) queue[index - 1] = queue[index] as Request;
  queue.length--;
  if (mode === "throw") settle(promise, REJECTED, value);
  else resolve(promise, { value, done });
}
