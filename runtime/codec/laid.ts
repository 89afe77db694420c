// What was read and is plain, in the order in which pure.ts meets it: see remembered.ts.

import type { Json } from "./kind.ts";
import { inlineDepth } from "./limits.ts";
import type { Objects } from "./remembered.ts";

export interface Laid {
  readonly trail: readonly unknown[];
  readonly objects: Objects;
  /** How many values are in it. */
  readonly nodes: number;
}

// Of the value at hand: passed along, they would take twice as long.
let trail: unknown[] = [];
let at = 0;
let count = 0;
let nodes = 0;

/**
 * Of what JSON.parse gave, or would give again. Undefined where something in it is no plain value, or it has more than `most` values. `length`:
 * about that of its trail; `origin`: of which it is a part, apart from others that are laid.
 */
export function lay(tree: Json[] | { [key: string]: Json }, length: number, most: number, origin?: object): Laid | undefined {
  // Each object would show them.
  for (const _inherited in {}) return undefined;
  // oxlint-disable-next-line unicorn/no-new-array -- a list that grows takes twice as long, and so does one that is filled
  trail = new Array<unknown>(length);
  at = count = nodes = 0;
  const laid = layTree(tree, 0) && nodes <= most ? { trail, objects: new ObjectsOf(trail, count, origin), nodes } : undefined;
  trail.length = at;
  trail = [];
  return laid;
}

function layTree(tree: Json[] | { [key: string]: Json }, depth: number): boolean {
  if (depth > inlineDepth) return false;
  count++;
  trail[at++] = tree;
  return Array.isArray(tree) ? layArray(tree, depth) : layObject(tree, depth);
}

function layArray(array: readonly Json[], depth: number): boolean {
  const { length } = array;
  nodes += length;
  trail[at++] = length;
  for (let index = 0; index < length; index++) if (!layValue(array[index] as Json, depth)) return false;
  return true;
}

function layObject(object: { readonly [key: string]: Json }, depth: number): boolean {
  let keys = 0;
  for (const key in object) {
    if (key.charCodeAt(0) === 36) return false;
    keys++;
    trail[at++] = key;
    if (!layValue(object[key] as Json, depth)) return false;
  }
  nodes += keys;
  trail[at++] = keys;
  return true;
}

function layValue(value: Json, depth: number): boolean {
  if (typeof value === "object" && value !== null) return layTree(value, depth + 1);
  // A trail does not tell 0 from -0.
  if (typeof value === "number" && (value - value !== 0 || Object.is(value, -0))) return false;
  trail[at++] = value;
  return true;
}

/** Searched a few times, and put into a Set only for more. */
const fewSearches = 8;

class ObjectsOf implements Objects {
  readonly size: number;
  readonly origin: object | undefined;
  readonly #trail: readonly unknown[];
  #searches = 0;
  #set: Set<unknown> | undefined;

  constructor(trail: readonly unknown[], size: number, origin: object | undefined) {
    this.origin = origin;
    this.#trail = trail;
    this.size = size;
  }

  has(value: object): boolean {
    if (this.#set !== undefined) return this.#set.has(value);
    if (this.#searches++ < fewSearches) return this.#trail.includes(value);
    return (this.#set = new Set(this)).has(value);
  }

  *[Symbol.iterator](): Iterator<object> {
    for (let index = 0; index < this.#trail.length; index++) {
      const what = this.#trail[index];
      if (typeof what === "object" && what !== null) yield what;
    }
  }
}
