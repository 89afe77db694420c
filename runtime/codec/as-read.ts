// What the next commit may know of a frame from how it was read: its large plain values, with the parts that they were read of. A run that
// takes one event and stops again has no other commit to remember them from.
//
//   join.ts      which part was put where
//   laid.ts      the trail of the outermost of those that are plain, laid while the decoder looks through them
//   here         both together, as if a commit before had remembered them

import { pagesSize, partSize } from "./cut.ts";
import type { Placed } from "./join.ts";
import type { Json } from "./kind.ts";
import type { Laid } from "./laid.ts";
import { madeAnew, type Memory, plainPartsFrom, rememberedFrom } from "./remembered.ts";

/** Steps of a path: tags are steps too. */
const deepest = 2 * plainPartsFrom;

/** The values that were parts or in pages and that an encoder may take as they are, and how many characters those have. */
export function largeIn(placed: readonly Placed[]): ReadonlyMap<Json, number> {
  const large = new Map<Json, number>();
  for (const { path: [field], values, stood, parts } of placed) {
    const last = values.length - 1;
    const value = values[last] as Json;
    // Entries of the heap are met further in. No encoder makes tables within values.
    const isAsked = last < deepest && value !== stood && (last >= madeAnew || Array.isArray(value) || (field === "heap" && last > 0));
    if (isAsked && typeof value === "object" && value !== null) large.set(value, 0);
    let length = 0;
    for (const text of parts.values()) length += text.length;
    for (const around of values) if (large.has(around)) large.set(around, (large.get(around) as number) + length);
  }
  return large;
}

/** Of those that were `laid`. */
export function memoryAsRead(placed: readonly Placed[], laid: ReadonlyMap<Json, Laid>): Memory {
  const memory: Memory = new WeakMap();
  if (laid.size === 0) return memory;
  const partsOf = new Map<Json, Map<string, string>>();
  for (const { key, values, stood, parts } of placed) {
    const value = values.find((around) => laid.has(around));
    if (value === undefined) continue;
    const whole = partsOf.get(value);
    if (whole !== undefined) {
      for (const [name, text] of parts) whole.set(name, text);
      continue;
    }
    partsOf.set(value, parts);
    const { trail, objects, nodes } = laid.get(value) as Laid;
    if (nodes < rememberedFrom) continue;
    memory.set(value as object, { objects, nodes, trail, earlier: undefined, cut: { key, json: stood, size: stood === null ? partSize : pagesSize, parts, stays: true } });
  }
  return memory;
}
