// Parts back into the JSON they were cut out of: see cut.ts. Every part must have its place, and every place its part.

import { CorruptFrameError } from "../errors/codec.ts";
import { numbersPerPage } from "./cut.ts";
import type { Json } from "./kind.ts";

type Tree = { [key: string]: Json };

/** A part and where it was put. */
export interface Placed {
  readonly key: string;
  readonly text: string;
  /** Names from the record on, of what it is or is a page of. */
  readonly path: readonly string[];
  /** What is at each of them. The last one is the place's value. */
  readonly values: readonly Json[];
  /** What stood there. */
  readonly stood: Json;
}

interface List {
  /** What stood in its place. */
  readonly place: Json;
  /** Page after page: what a frame declares is not allocated unseen. */
  readonly elements: Json[];
  readonly per: number;
  readonly length: number;
}

/** Puts the parts whose keys begin with `root` into `record`; there must be `count` of them. Gives outer ones before what was cut out of them. */
export function join(record: Tree, parts: ReadonlyMap<string, string>, root: string, count: unknown): readonly Placed[] {
  const keys = [...parts.keys()].filter((key) => key.startsWith(`${root}/`));
  if (keys.length !== count) throw new CorruptFrameError("", `it has ${keys.length} parts in place of ${String(count)}`);
  const joiner = new Joiner(record);
  // Outer ones before what was cut out of them, pages in their order.
  const steps = keys.map((key) => stepsOf(key)).toSorted((a, b) => a.path.length - b.path.length || (a.page ?? 0) - (b.page ?? 0));
  const placed = steps.map((where) => joiner.add(where, parts.get(where.key) as string));
  joiner.end();
  return placed;
}

class Joiner {
  readonly #record: Tree;
  readonly #lists = new Map<string, List>();

  constructor(record: Tree) {
    this.#record = record;
  }

  add({ key, path, name, page }: Steps, text: string): Placed {
    const json = parse(key, text);
    const values = this.#find(key, path);
    const holder = (values.at(-1) ?? this.#record) as Tree;
    if (!Object.hasOwn(holder, name)) misplaced(key);
    let stood = holder[name] as Json;
    if (page === undefined) {
      if (stood !== null) misplaced(key);
      holder[name] = json;
    } else if (Array.isArray(json)) stood = this.#addToList(key, holder, name, page, json);
    else this.#addToTable(key, stood, page, json);
    values.push(holder[name] as Json);
    return { key, text, path: [...path, name], values, stood };
  }

  end(): void {
    for (const [key, { elements, length }] of this.#lists) if (elements.length !== length) throw new CorruptFrameError(key, "pages of the list are missing");
  }

  /** What is at each step; the last one holds what is cut out. */
  #find(key: string, steps: readonly string[]): Json[] {
    let node: Json = this.#record;
    return steps.map((step) => {
      if (!Object.hasOwn(node as Tree, step)) misplaced(key);
      node = (node as Tree)[step] as Json;
      return typeof node === "object" && node !== null ? node : misplaced(key);
    });
  }

  #addToList(key: string, holder: Tree, name: string, page: number, json: Json[]): Json {
    const path = key.slice(0, key.lastIndexOf("#"));
    let list = this.#lists.get(path);
    if (list === undefined) {
      list = listOf(key, holder[name] as Json);
      this.#lists.set(path, list);
      holder[name] = list.elements;
    }
    const { elements, per, length } = list;
    if (page * per !== elements.length || json.length !== Math.min(per, length - elements.length)) misplaced(key);
    for (let index = 0; index < json.length; index++) elements.push(json[index] as Json);
    return list.place;
  }

  #addToTable(key: string, table: Json, page: number, json: Json): void {
    if (typeof table !== "object" || table === null || Array.isArray(table) || typeof json !== "object" || json === null) return misplaced(key);
    for (const [number, entry] of Object.entries(json)) {
      if (Math.floor(Number(number) / numbersPerPage) !== page || Object.hasOwn(table, number)) misplaced(key);
      table[number] = entry as Json;
    }
  }
}

function listOf(key: string, place: Json): List {
  const [length, per, ...more] = Array.isArray(place) ? place : [];
  if (!isCount(length) || !isCount(per) || per === 0 || more.length > 0) return misplaced(key);
  return { place: place as Json, elements: [], per, length };
}

interface Steps {
  readonly key: string;
  /** To what holds it. */
  readonly path: readonly string[];
  readonly name: string;
  readonly page: number | undefined;
}

function stepsOf(key: string): Steps {
  const [, ...steps] = key.split("/");
  const [, name, page] = lastStep.exec(steps.pop() as string) as unknown as [string, string, string?];
  if (page !== undefined && !pageNumber.test(page)) misplaced(key);
  return { key, path: steps, name, page: page === undefined ? undefined : Number(page) };
}

/** A name, or a page of what has the name. */
const lastStep = /^([^#]*)(?:#(.*))?$/s;
const pageNumber = /^(?:0|[1-9][0-9]*)$/;

function isCount(json: Json | undefined): json is number {
  return Number.isSafeInteger(json) && (json as number) >= 0;
}

function misplaced(key: string): never {
  throw new CorruptFrameError(key, "the part has no place in the frame");
}

function parse(key: string, text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (cause) {
    throw new CorruptFrameError(key, "it is not JSON", { cause });
  }
}
