// What a generator's machine and the runtime that drives it say to each other. The machine is a native `function*` over a frame:
//
//   $v = $.give($f, point, value, locals); case point: $v = yield $v; if ($f.leaving) …        yield
//   $v = $.delegate($f, point, cursor, locals); case point: $v = yield $v; …                   yield*
//
// At each yield it has said where it stands and what lives there, so the generator can be stored at any time; the driver answers
// with a value, an exception, or a value and `leaving`: then it runs its `finally`s as a `return` in that place would.

import type { AsyncCursor } from "../cursors/async.ts";
import type { Cursor } from "../cursors/cursor.ts";
import type { Env } from "../../strands/registry.ts";

/** The point of a generator whose parameters are bound and whose body has not begun. */
export const START = "~start";

/** How a generator is resumed, by the name of the method. */
export type Mode = "next" | "throw" | "return";

export type Native = Generator<unknown, unknown, unknown>;
export type GeneratorMachine = (frame: GeneratorFrame) => Native;

/** What a machine reads and writes. */
export interface GeneratorFrame {
  readonly env: Env;
  readonly self: unknown;
  readonly callee: unknown;
  readonly args: unknown[];
  point: string | undefined;
  locals: Record<string, unknown>;
  /** Set at a resumption by `return`. */
  leaving: boolean;
  /** Set at a `yield`; unset, an async generator awaits what it hands out. */
  yielding: boolean;
  /** The iteration whose values a `yield*` hands out. */
  delegate: Cursor | AsyncCursor | undefined;
}

/** At a `yield`. */
export function give(frame: GeneratorFrame, point: string, value: unknown, locals: Record<string, unknown>): unknown {
  frame.yielding = true;
  frame.point = point;
  frame.locals = locals;
  return value;
}

/** At a `yield*`. */
export function delegate(frame: GeneratorFrame, point: string, cursor: Cursor | AsyncCursor, locals: Record<string, unknown>): void {
  frame.point = point;
  frame.locals = locals;
  frame.delegate = cursor;
}
