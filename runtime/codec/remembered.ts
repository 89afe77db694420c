// What is known of a large plain part of a frame from the commits before, so that one that is as it was is not written anew:
//
//   first time      looked through, its text made and cut
//   the same again  the same; from here on its trail is kept: all objects, keys and values as they are met on the way through it
//   after that      looked through along the trail. As long as it leads the same way, nothing is there twice that was not before, and what
//                   was cut out of it is taken as it is
//
// Any object may have been changed, so each commit looks through all of it. What changes at every commit never has a trail.

import type { Json } from "./kind.ts";

export interface Remembered {
  /** All that are in it. */
  readonly objects: ReadonlySet<object>;
  readonly trail: readonly unknown[] | undefined;
  cut: Cut | undefined;
  /** It was looked through along its trail, to the end. */
  isSame: boolean;
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

/** Of a run, from commit to commit. */
export type Memory = WeakMap<object, Remembered>;

/** Values from which on a part is remembered: below, that costs more than it spares. */
export const rememberedFrom = 1_000;

export function isSame(before: ReadonlyMap<string, string>, parts: ReadonlyMap<string, string>): boolean {
  if (before.size !== parts.size) return false;
  for (const [key, text] of parts) if (before.get(key) !== text) return false;
  return true;
}
