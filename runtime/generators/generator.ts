// Generators made in a flow: objects like native ones, whose state the runtime owns and can store.
//
//   started ──next──► running ──yield──► yielded ──next, throw, return──► running … ──► over
//
// A generator that was stored has no native activation. The first resumption makes one: it loads its locals and stands at its
// point, as if it had just yielded there.

import { nameOf } from "../call.ts";
import type { Cursor } from "../cursors/cursor.ts";
import { CorruptFrameError } from "../errors/codec.ts";
import { type CompiledFunction, type Env, type GeneratorEntry, type Meta } from "../registry.ts";
import { oneClass } from "../shared.ts";
import { passOn } from "./delegate.ts";
import { Given } from "./given.ts";
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

class OwnGenerator extends Given {
  #activation: Activation | undefined;

  /** Makes `object` a generator; one that is being read gets its activation later. */
  constructor(object: object, activation?: Activation) {
    super(object);
    this.#activation = activation;
  }

  /** Undefined for everything else. */
  static of(value: unknown): Activation | undefined {
    return typeof value === "object" && value !== null && #activation in value ? value.#activation : undefined;
  }

  static give(object: object, activation: Activation): void {
    (object as OwnGenerator).#activation = activation;
  }

  next(value?: unknown): IteratorResult<unknown, unknown> {
    return resume(receiver(this, "next"), "next", value);
  }

  return(value?: unknown): IteratorResult<unknown, unknown> {
    return resume(receiver(this, "return"), "return", value);
  }

  throw(error?: unknown): IteratorResult<unknown, unknown> {
    return resume(receiver(this, "throw"), "throw", error);
  }
}

export const Generator = oneClass("Generator", OwnGenerator);

// oxlint-disable-next-line no-empty-function -- only its prototypes are wanted
const nativeFunction = Object.getPrototypeOf(function* () {}) as { readonly prototype: object };

/** What native generator functions inherit from. */
export const generatorFunction: object = nativeFunction;

/** `next`, `return` and `throw` of the generators made in flows. */
export const generatorPrototype: object = likeNative(Generator.prototype, nativeFunction);

/** Gives a class's methods the surroundings that the native ones have. */
export function likeNative(prototype: object, native: { readonly prototype: object }): object {
  Object.setPrototypeOf(prototype, Object.getPrototypeOf(native.prototype) as object);
  Object.defineProperty(prototype, "constructor", { value: native, configurable: true, writable: false, enumerable: false });
  Object.defineProperty(prototype, Symbol.toStringTag, { value: (native.prototype as { [Symbol.toStringTag]: string })[Symbol.toStringTag], configurable: true });
  for (const name of ["next", "return", "throw"]) Object.defineProperty((prototype as Record<string, object>)[name], "length", { value: 1, configurable: true });
  return prototype;
}

function receiver(value: unknown, method: string): Activation {
  return Generator.of(value) ?? incompatible(value, method);
}

function incompatible(value: unknown, method: string): never {
  throw new TypeError(`${method} method called on incompatible receiver ${nameOf(value)}`);
}

/** A call of a generator function: parameters that run code are bound now. */
export function makeGenerator(activation: Activation, prototype: unknown): object {
  if (activation.entry.meta.early === true) {
    activation.native = activation.entry.machine(activation);
    activation.native.next();
  }
  const object = Object.create(typeof prototype === "object" && prototype !== null ? prototype : generatorPrototype) as object;
  // oxlint-disable-next-line no-new -- constructing it is what makes the object a generator
  new Generator(object, activation);
  return object;
}

function resume(activation: Activation, mode: Mode, value: unknown): IteratorResult<unknown, unknown> {
  if (activation.state === "running") throw new TypeError("Generator is already running");
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
  try {
    native.next();
  } catch (cause) {
    throw new CorruptFrameError("locals", "they do not fit the code", { cause });
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
