// What a frame may cost. All are checked when writing; those that protect the reader also when reading.

import { TooLargeError } from "../errors/codec.ts";
import { fail } from "./kind.ts";

/** What a frame may cost. What passes one throws TooLargeError, and the run is as it was. */
export interface Limits {
  /** Bytes of the frame's text as UTF-8; default 8 MB. */
  readonly frame: number;
  /** Bytes from which the logger is warned, with what weighs most; default 256 KB. */
  readonly warn: number;
  /** Values in one frame, scalars included; default 1,000,000. */
  readonly nodes: number;
  /** Code units of one string; default 4,194,304. */
  readonly string: number;
  /** Decimal digits of one bigint, default 10,000: reading 10⁶ digits takes over 100 ms, 10,000 take 30 µs. */
  readonly digits: number;
  /** Holes of all sparse arrays together, default 1,000,000: an array is allocated by the length its frame declares. */
  readonly holes: number;
}

export const defaultLimits: Limits = {
  frame: 8 * 1024 * 1024,
  warn: 256 * 1024,
  nodes: 1_000_000,
  string: 4 * 1024 * 1024,
  digits: 10_000,
  holes: 1_000_000,
};

/** Says that a limit is passed. `what` completes "`path` is too large: …", e.g. `a string of 5000000 characters`. */
export function exceed(what: string, limit: number): never {
  return fail((path) => new TooLargeError(path, `${what}, the limit is ${limit}`));
}

export function limitsFrom(changed: Partial<Limits> | undefined): Limits {
  return changed === undefined ? defaultLimits : { ...defaultLimits, ...changed };
}

/**
 * Levels of objects in one inline tree; what lies deeper goes to the heap. `JSON.stringify` overflows at about
 * 3,900 levels of its own, a level here is at most four of them, and the encoder recurses once per level.
 */
export const inlineDepth = 400;
