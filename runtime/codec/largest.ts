// Which parts of a frame weigh most, for the messages about its size. The parts are those an author can name: the locals
// of each strand, `strands[0].locals.report`, and the other fields of the record.

import type { Weight } from "../errors/codec.ts";
import type { Json } from "./kind.ts";
import { step } from "./path.ts";

type Tree = { readonly [key: string]: Json };

/** By number. */
export type Heap = { readonly [number: number]: Json };

/** Opened into what they hold, so that the answer is neither `strands` nor one of the 10,000 rows of a local. */
const opened = /(^|\.)((strands|ops)(\[\d+\])?|locals|env)$/;

/** The three heaviest parts. What is shared counts wherever it is met. */
export function largest(tree: Tree, heap: Heap, root: string): readonly Weight[] {
  const { v: _v, heap: _heap, ...fields } = tree;
  return partsOf(fields, heap, root)
    .toSorted((one, other) => other.bytes - one.bytes)
    .slice(0, 3);
}

function partsOf(tree: Tree | Json[], heap: Heap, path: string): Weight[] {
  return Object.entries(tree).flatMap(([key, part]) => {
    const at = step(path, Array.isArray(tree) ? Number(key) : key);
    const target = targetOf(part, heap);
    const open = opened.test(at) && typeof target === "object" && target !== null;
    return open ? partsOf(target, heap, at) : [{ path: at, bytes: sizeOf(part, heap) }];
  });
}

function targetOf(json: Json, heap: Heap): Json {
  const place = placeOf(json);
  return place === undefined ? json : (heap[place] ?? null);
}

/** About the length of its text, with each heap entry that it leads to, once. */
function sizeOf(json: Json, heap: Heap): number {
  const met = new Set<number>();
  const rest: Json[] = [json];
  let bytes = 0;
  for (let node = rest.pop(); node !== undefined; node = rest.pop()) {
    const place = placeOf(node);
    if (place !== undefined) {
      if (!met.has(place)) rest.push(heap[place] ?? null);
      met.add(place);
    } else if (typeof node === "string") bytes += node.length + 2;
    else if (typeof node !== "object" || node === null) bytes += String(node).length;
    else {
      const keys = Object.keys(node);
      bytes += keys.length + 1;
      if (!Array.isArray(node)) for (const key of keys) bytes += key.length + 3;
      for (const part of Object.values(node)) rest.push(part);
    }
  }
  return bytes;
}

function placeOf(json: Json): number | undefined {
  if (typeof json !== "object" || json === null || Array.isArray(json) || !Object.hasOwn(json, "$ref")) return undefined;
  return Number(json["$ref"]);
}
