// What is known of a large plain part of a frame from the commits before, so that one that is as it was is not written anew:
//
//   first time      looked through, its text made and cut
//   the same again  the same; from here on its trail is kept (laid.ts): all objects, keys and values as they are met on the way through it
//   after that      looked through along the trail (along.ts). Where it leads the same way to its end, nothing is there twice that was not
//                   before, and what was cut out of it is taken as it is
//
// What was read of a frame has a trail from the start (as-read.ts), and a list that has one may be within a value that has none. Any object may
// have been changed, so each commit looks through all of it. What changes at every commit of a turn never has another trail.

import type { Json } from "./kind.ts";

/** Some objects; a ReadonlySet is such. */
export interface Objects extends Iterable<object> {
  readonly size: number;
  /** Others from there have no object in common with these. */
  readonly origin?: object | undefined;
  has(object: object): boolean;
}

/** What was cut out of a value. */
export interface CutBefore {
  /** Of the value as it was looked through last; undefined until it is cut, which it is not where the frame is then written in another way. */
  cut: Cut | undefined;
  /** Of an earlier commit: to see whether it stays. */
  readonly earlier: Cut | undefined;
}

export interface Remembered extends CutBefore {
  /** All that are in it. */
  readonly objects: Objects;
  /** How many values that is. */
  readonly nodes: number;
  readonly trail: readonly unknown[] | undefined;
}

export interface Cut {
  /** Where it was in the frame. */
  readonly key: string;
  /** What stands in its place, and the length of that. */
  readonly json: Json;
  readonly size: number;
  readonly parts: ReadonlyMap<string, string>;
  /** It was cut twice, and gave the same. */
  readonly stays: boolean;
}

/** The objects of several, of which none has one in common with another. */
export class Together implements Objects {
  readonly size: number;
  readonly #all: readonly Objects[];

  constructor(all: readonly Objects[]) {
    this.#all = all;
    this.size = all.reduce((sum, { size }) => sum + size, 0);
  }

  has(object: object): boolean {
    return this.#all.some((objects) => objects.has(object));
  }

  *[Symbol.iterator](): Iterator<object> {
    for (const objects of this.#all) yield* objects;
  }
}

export function areApart(some: Objects, others: Objects): boolean {
  if (some === others) return false;
  if (some.origin !== undefined && some.origin === others.origin) return true;
  for (const object of some) if (others.has(object)) return false;
  return true;
}

/** Of a run, from commit to commit. */
export type Memory = WeakMap<object, Remembered>;

/** `strands[0].locals` is three levels deep. Further in, values that are not plain would be looked through again and again. */
export const plainPartsFrom = 6;
/** They are made anew at each stop, so what each of them holds is remembered by itself. */
export const madeAnew = 3;

/** Values from which on a part is remembered: below, that costs more than it spares. */
export const rememberedFrom = 1_000;

export function isSame(before: ReadonlyMap<string, string>, parts: ReadonlyMap<string, string>): boolean {
  if (before.size !== parts.size) return false;
  for (const [key, text] of parts) if (before.get(key) !== text) return false;
  return true;
}
