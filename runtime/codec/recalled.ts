// What the next commit may know of a frame from how it was read: its large plain values, with the parts that they were read of. A run that
// takes one event and stops again has no other commit to remember them from.
//
//   join.ts      which part was put where
//   laid.ts      the trail of the outermost values with parts that are plain, laid while the decoder looks through them
//   here         both together, as if a commit before had remembered them

import { pagesSize, partSize } from "./cut.ts";
import type { Placed } from "./join.ts";
import type { Json } from "./kind.ts";
import type { Laid } from "./laid.ts";
import { type Cut, madeAnew, type Memory, plainPartsFrom, type Remembered, rememberedFrom } from "./remembered.ts";

/** Steps of a path: tags are steps too. */
const deepest = 2 * plainPartsFrom;

/** The values with parts that an encoder may take as they are, and how many characters those have. */
export function largeIn(placed: readonly Placed[]): ReadonlyMap<Json, number> {
  const large = new Map<Json, number>();
  for (const { path: [field], values, parts } of placed) {
    let length = 0;
    for (const text of parts.values()) length += text.length;
    for (let index = 0; index < values.length && index < deepest; index++) {
      const value = values[index] as Json;
      // Entries of the heap are met further in.
      if (index >= madeAnew || Array.isArray(value) || (field === "heap" && index > 0)) large.set(value, (large.get(value) ?? 0) + length);
    }
  }
  return large;
}

/** Of the values that were `laid`. */
export function recalled(placed: readonly Placed[], laid: ReadonlyMap<Json, Laid>): Memory {
  const memory: Memory = new WeakMap();
  if (laid.size === 0) return memory;
  const pieces = piecesOf(placed, laid);
  for (const [value, { trail, objects, nodes }] of laid) {
    if (nodes < rememberedFrom) continue;
    const its = pieces.get(value);
    const remembered: Remembered = { objects, nodes, trail, isSame: false, cut: its?.get(value), pieces: its };
    memory.set(value as object, remembered);
  }
  return memory;
}

/** Of each laid value the outermost values in it that were parts or in pages, which may be the value itself; with all of their parts. */
function piecesOf(placed: readonly Placed[], laid: ReadonlyMap<Json, Laid>): ReadonlyMap<Json, ReadonlyMap<Json, Cut>> {
  const pieces = new Map<Json, Map<Json, Cut>>();
  const partsOf = new Map<Json, Map<string, string>>();
  for (const { key, values, stood, parts } of placed) {
    const at = values.findIndex((value) => laid.has(value));
    if (at < 0) continue;
    const outer = values.find((value, index) => index >= at && partsOf.has(value));
    if (outer !== undefined) {
      for (const [name, text] of parts) partsOf.get(outer)?.set(name, text);
      continue;
    }
    const [whole, piece] = [values[at] as Json, values.at(-1) as Json];
    // A text is as fast to cut again, and no encoder makes tables within values.
    if (typeof piece !== "object" || piece === null || piece === stood) continue;
    partsOf.set(piece, parts);
    const cut = { key, json: stood, size: stood === null ? partSize : pagesSize, parts, stays: true };
    pieces.set(whole, (pieces.get(whole) ?? new Map<Json, Cut>()).set(piece, cut));
  }
  return pieces;
}
