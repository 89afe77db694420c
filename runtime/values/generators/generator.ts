// Generators made in a flow: native objects, which pass each resumption on to the state that the runtime owns and can store.
//
//   started ──next──► running ──yield──► yielded ──next, throw, return──► running … ──► over
//
// A generator that was stored has no native activation. The first resumption makes one: it loads its locals and stands at its
// point, as if it had just yielded there.

import type { Cursor } from "../cursors/cursor.ts";
import { loading, misfit, retirement } from "../../strands/loading.ts";
import { type CompiledFunction, type Env, type GeneratorEntry, type Meta } from "../../strands/registry.ts";
import { oneClass } from "../../realm/shared.ts";
import { passOn } from "./delegate.ts";
import { Given } from "../../realm/given.ts";
import type { GeneratorFrame, Mode, Native } from "./machine.ts";

type State = "started" | "running" | "yielded" | "over";

class OwnActivation implements GeneratorFrame {
  readonly entry: GeneratorEntry;
  readonly meta: Meta;
  readonly env: Env;
  readonly callee: CompiledFunction;
  self: unknown;
  args: unknown[];
  point: string | undefined = undefined;
  locals: Record<string, unknown> = none;
  leaving = false;
  yielding = false;
  delegate: Cursor | undefined = undefined;
  /** How the machine goes on if what the delegate was last asked is its end. */
  received: "next" | "return" = "next";
  state: State = "started";
  native: Native | undefined = undefined;

  constructor(entry: GeneratorEntry, env: Env, callee: CompiledFunction, self: unknown, args: unknown[]) {
    this.entry = entry;
    this.meta = entry.meta;
    this.env = env;
    this.callee = callee;
    this.self = self;
    this.args = args;
  }
}

const none: Record<string, unknown> = Object.freeze({});

export type Activation = OwnActivation;
export const Activation = oneClass("GeneratorActivation", OwnActivation);

/** How a machine is to go on. */
interface Resumption {
  readonly mode: Mode;
  readonly value: unknown;
}

/**
 * Where a native generator delegates. What it is asked first puts it into its `yield*`, where it passes on all that comes. A result of
 * an inner iterator is looked at by the native generator alone, whose `yield*` reads `done` once: it says when the inner one has ended.
 */
class Delegate {
  activation: Activation | undefined;
  private begun = false;
  /** What the native generator left its `yield*` with, to delegate again. */
  private pending: Resumption | undefined = undefined;

  constructor(activation: Activation | undefined) {
    this.activation = activation;
  }

  get over(): boolean {
    return this.activation?.state === "over";
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(value?: unknown): IteratorResult<unknown, unknown> {
    const { pending } = this;
    if (pending !== undefined) {
      this.pending = undefined;
      return resume(this.activation as Activation, pending.mode, pending.value);
    }
    if (this.begun) return resume(this.activation as Activation, "next", value);
    this.begun = true;
    return { value: undefined, done: false };
  }

  /**
   * A `yield*` that a result of `return` ends keeps the value to itself: so it is left first, and asked for the result then. One that
   * was over when it was stored is left for good.
   */
  return(value?: unknown): IteratorResult<unknown, unknown> {
    if (this.over) return { value, done: true };
    this.pending = { mode: "return", value };
    return { value: undefined, done: true };
  }

  throw(error?: unknown): IteratorResult<unknown, unknown> {
    return resume(this.activation as Activation, "throw", error);
  }

  /** The inner iterator ended with a value, or its result could not be read. */
  ended(mode: "next" | "throw", value: unknown): void {
    const activation = this.activation as Activation;
    activation.delegate = undefined;
    this.pending = { mode: mode === "next" ? activation.received : mode, value };
  }
}

class OwnGenerator extends Given {
  readonly #delegate: Delegate;

  constructor(object: object, delegate: Delegate) {
    super(object);
    this.#delegate = delegate;
  }

  /** Undefined for everything else, and for a generator that is being read. */
  static of(value: unknown): Activation | undefined {
    return typeof value === "object" && value !== null && #delegate in value ? value.#delegate.activation : undefined;
  }

  static give(object: object, activation: Activation): void {
    (object as OwnGenerator).#delegate.activation = activation;
  }
}

export const Generator = oneClass("Generator", OwnGenerator);

/** Makes the native objects of one generator function, which has its `prototype`. */
type NativeMaker = (delegate: Delegate) => object;

/** Each generator function has a maker of its own, since a native generator inherits from its maker's `prototype`. */
export function newMaker(): NativeMaker & { prototype: unknown } {
  return function* (delegate: Delegate): NativeGenerator {
    for (;;) {
      try {
        const value = yield* delegate;
        if (delegate.over) return value;
        delegate.ended("next", value);
      } catch (error) {
        if (delegate.over) throw error;
        delegate.ended("throw", error);
      } finally {
        // oxlint-disable-next-line no-unsafe-finally -- also what a `return` is passed on by
        if (!delegate.over) continue;
      }
    }
  };
}

type NativeGenerator = globalThis.Generator<unknown, unknown, unknown>;

// oxlint-disable-next-line no-empty-function -- only its prototypes are wanted
const nativeFunction = Object.getPrototypeOf(function* () {}) as { readonly prototype: { next(): unknown } };

/** What native generator functions inherit from. */
export const generatorFunction: object = nativeFunction;

/** What the `prototype` of each inherits from. */
export const generatorPrototype: object = nativeFunction.prototype;

// As they are before any program can replace them.
const { apply } = Reflect;
const { next } = nativeFunction.prototype;
const nothing: readonly unknown[] = [];

/** An object that is a generator; one that is being read gets its activation later. */
export function generatorObject(maker: NativeMaker, activation?: Activation): object {
  const delegate = new Delegate(activation);
  const object = maker(delegate);
  apply(next, object, nothing);
  // oxlint-disable-next-line no-new -- constructing it is what makes the object known
  new Generator(object, delegate);
  return object;
}

/** A call of a generator function: parameters that run code are bound now. */
export function makeGenerator(activation: Activation, maker: NativeMaker): object {
  if (activation.entry.meta.early === true) {
    activation.native = activation.entry.machine(activation);
    activation.native.next();
  }
  return generatorObject(maker, activation);
}

function resume(activation: Activation, mode: Mode, value: unknown): IteratorResult<unknown, unknown> {
  if (activation.state === "started" && mode !== "next") finish(activation);
  if (activation.state === "over") {
    if (mode === "throw") throw value;
    return { value: mode === "return" ? value : undefined, done: true };
  }
  activation.state = "running";
  try {
    return advance(activation, mode, value);
  } catch (error) {
    finish(activation);
    throw error;
  }
}

/** Up to the next value that is handed out, the machine's own or its delegate's. */
function advance(activation: Activation, mode: Mode, value: unknown): IteratorResult<unknown, unknown> {
  for (;;) {
    if (activation.delegate !== undefined) {
      const passed = passSafely(activation.delegate, mode, value);
      if ("result" in passed) {
        activation.received = mode === "return" ? "return" : "next";
        activation.state = "yielded";
        return passed.result;
      }
      activation.delegate = undefined;
      ({ mode, value } = passed);
    }
    const result = step(activation, mode, value);
    if (result.done === true) {
      finish(activation);
      return result;
    }
    if (activation.delegate === undefined) {
      activation.state = "yielded";
      return result;
    }
    mode = "next";
    value = undefined;
  }
}

/** What the inner iterator throws goes on in the machine, at its `yield*`. */
function passSafely(cursor: Cursor, mode: Mode, value: unknown): ReturnType<typeof passOn> {
  try {
    return passOn(cursor, mode, value);
  } catch (error) {
    return { mode: "throw", value: error };
  }
}

function step(activation: Activation, mode: Mode, value: unknown): IteratorResult<unknown, unknown> {
  const native = (activation.native ??= activate(activation));
  activation.leaving = mode === "return";
  return mode === "throw" ? native.throw(value) : native.next(value);
}

/** Of a generator that was stored: it loads its locals before it catches anything. */
export function activate(frame: GeneratorFrame & { readonly entry: GeneratorEntry }): Native {
  const native = frame.entry.machine(frame);
  if (frame.point === undefined) return native;
  const retired = retirement({ meta: frame.entry.meta, point: frame.point });
  if (retired !== undefined) throw retired;
  try {
    loading(frame, () => native.next());
  } catch (cause) {
    throw misfit(cause);
  }
  return native;
}

/** It keeps nothing alive any more. */
function finish(activation: Activation): void {
  activation.state = "over";
  activation.native = undefined;
  activation.delegate = undefined;
  activation.locals = none;
  activation.self = undefined;
  activation.args = [];
  activation.point = undefined;
}
