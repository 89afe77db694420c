// Which parts of a frame weigh most, for the messages about its size.

import type { Weight } from "../errors/codec.ts";
import type { At, Json } from "./kind.ts";
import { step } from "./path.ts";

interface Part {
  readonly path: string;
  readonly json: Json;
  readonly bytes: number;
}

/**
 * The three heaviest parts. A part is opened while one of its own parts holds most of it, so that the answer is
 * `strands[0].locals.report` rather than `strands`, and not the 10,000 rows below it.
 */
export function largest(tree: { readonly [key: string]: Json }, heap: readonly Json[], root: string): readonly Weight[] {
  const sizes = new Sizes(heap);
  const { v: _v, heap: _heap, ...fields } = tree;
  let parts = sizes.partsOf({ path: root, json: fields, bytes: 0 });
  for (let opened = 0; opened < 20; opened++) {
    const [first] = parts;
    if (first === undefined) break;
    const inner = sizes.partsOf(first);
    // Lists of names and frames are opened however even they are; data is left whole.
    const names = /(^|\.)(strands(\[\d+\])?|locals|env)$/.test(first.path);
    if (inner.length === 0 || (!names && (inner[0] as Part).bytes < first.bytes / 2)) break;
    parts = [...inner, ...parts.slice(1)].sort((one, other) => other.bytes - one.bytes);
  }
  return parts.slice(0, 3).map(({ path, bytes }) => ({ path, bytes }));
}

class Sizes {
  readonly #heap: readonly Json[];

  constructor(heap: readonly Json[]) {
    this.#heap = heap;
  }

  partsOf({ path, json }: Part): Part[] {
    const target = this.#target(json);
    if (typeof target !== "object" || target === null) return [];
    const parts = Object.keys(target).map((key) => {
      const part = (target as { [key: string]: Json })[key] as Json;
      const at: At = Array.isArray(target) ? Number(key) : key;
      const tag = !Array.isArray(target) && key.startsWith("$") && !key.startsWith("$$");
      return { path: tag ? path : step(path, at), json: part, bytes: this.#size(part) };
    });
    return parts.sort((one, other) => other.bytes - one.bytes);
  }

  #target(json: Json): Json {
    const place = refOf(json);
    return place === undefined ? json : (this.#heap[place] ?? null);
  }

  /** Approximately the length of its text; each heap entry once. */
  #size(json: Json): number {
    const met = new Set<number>();
    let bytes = 0;
    const rest: Json[] = [json];
    for (let node = rest.pop(); node !== undefined; node = rest.pop()) {
      if (typeof node === "string") bytes += node.length + 2;
      else if (typeof node !== "object" || node === null) bytes += String(node).length;
      else {
        const place = refOf(node);
        if (place !== undefined) {
          bytes += 10;
          if (!met.has(place)) rest.push(this.#heap[place] ?? null);
          met.add(place);
        } else if (Array.isArray(node)) {
          bytes += node.length + 1;
          for (const part of node) rest.push(part);
        } else {
          for (const key of Object.keys(node)) {
            bytes += key.length + 4;
            rest.push(node[key] as Json);
          }
        }
      }
    }
    return bytes;
  }
}

function refOf(json: Json): number | undefined {
  if (typeof json !== "object" || json === null || Array.isArray(json) || !Object.hasOwn(json, "$ref")) return undefined;
  return Number(json["$ref"]);
}
