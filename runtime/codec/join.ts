// Parts back into the JSON they were cut out of: see cut.ts. Every part must have its place, and every place its part.

import { CorruptFrameError } from "../errors/codec.ts";
import { numbersPerPage } from "./cut.ts";
import type { Json } from "./kind.ts";

type Tree = { [key: string]: Json };

/** Where parts were put: one, or the pages of one list or table. */
export interface Placed {
  /** Without a page. */
  readonly key: string;
  /** Names from the record on. */
  readonly path: readonly string[];
  /** What is at each of them; the last one is what was put together. */
  readonly values: readonly Json[];
  /** What stood there. */
  readonly stood: Json;
  /** By key. */
  readonly parts: Map<string, string>;
}

interface Place extends Placed {
  /** Of a list, and `per` the elements of a page. */
  readonly length: number;
  readonly per: number;
}

/** Puts the parts whose keys begin with `root` into `record`; there must be `count` of them. Gives outer ones before what was cut out of them. */
export function join(record: Tree, parts: ReadonlyMap<string, string>, root: string, count: unknown): readonly Placed[] {
  const keys = [...parts.keys()].filter((key) => key.startsWith(`${root}/`));
  if (keys.length !== count) throw new CorruptFrameError("", `it has ${keys.length} parts in place of ${String(count)}`);
  const joiner = new Joiner(record);
  // Outer ones before what was cut out of them, pages in their order.
  const steps = keys.map((key) => stepsOf(key)).toSorted((a, b) => a.path.length - b.path.length || (a.page ?? 0) - (b.page ?? 0));
  for (const step of steps) joiner.add(step, parts.get(step.key) as string);
  return joiner.end();
}

class Joiner {
  readonly #record: Tree;
  /** Page after page: what a frame declares is not allocated unseen. */
  readonly #paged = new Map<string, Place>();
  readonly #placed: Placed[] = [];

  constructor(record: Tree) {
    this.#record = record;
  }

  add(step: Steps, text: string): void {
    const { key, place: at, page } = step;
    const json = parse(key, text);
    let place = page === undefined ? undefined : this.#paged.get(at);
    if (place === undefined) {
      place = this.#open(step, json);
      this.#placed.push(place);
      if (page !== undefined) this.#paged.set(at, place);
    }
    place.parts.set(key, text);
    if (page === undefined) return;
    const value = place.values.at(-1) as Json;
    if (Array.isArray(value)) addToList(key, place, value, page, json);
    else addToTable(key, value, page, json);
  }

  end(): readonly Placed[] {
    for (const [key, { values, length }] of this.#paged) {
      const value = values.at(-1);
      if (Array.isArray(value) && value.length !== length) throw new CorruptFrameError(key, "pages of the list are missing");
    }
    return this.#placed;
  }

  #open({ key, place, path, name, page }: Steps, json: Json): Place {
    const values = this.#find(key, path);
    const holder = (values.at(-1) ?? this.#record) as Tree;
    if (!Object.hasOwn(holder, name)) misplaced(key);
    const stood = holder[name] as Json;
    if (page === undefined && stood !== null) misplaced(key);
    const list = page !== undefined && Array.isArray(json) ? listOf(key, stood) : none;
    const value = page === undefined ? json : Array.isArray(json) ? [] : stood;
    holder[name] = value;
    values.push(value);
    return { key: place, path: [...path, name], values, stood, parts: new Map(), ...list };
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
}

function addToList(key: string, { length, per }: Place, elements: Json[], page: number, json: Json): void {
  if (!Array.isArray(json) || page * per !== elements.length || json.length !== Math.min(per, length - elements.length)) return misplaced(key);
  for (let index = 0; index < json.length; index++) elements.push(json[index] as Json);
}

function addToTable(key: string, table: Json, page: number, json: Json): void {
  if (typeof table !== "object" || table === null || Array.isArray(table) || typeof json !== "object" || json === null) return misplaced(key);
  for (const [number, entry] of Object.entries(json)) {
    if (Math.floor(Number(number) / numbersPerPage) !== page || Object.hasOwn(table, number)) misplaced(key);
    table[number] = entry as Json;
  }
}

interface Pages {
  readonly length: number;
  readonly per: number;
}

/** Of what is no list. */
const none: Pages = { length: 0, per: 0 };

function listOf(key: string, place: Json): Pages {
  const [length, per, ...more] = Array.isArray(place) ? place : [];
  if (!isCount(length) || !isCount(per) || per === 0 || more.length > 0) return misplaced(key);
  return { length, per };
}

interface Steps {
  readonly key: string;
  /** The key without the page. */
  readonly place: string;
  /** To what holds it. */
  readonly path: readonly string[];
  readonly name: string;
  readonly page: number | undefined;
}

function stepsOf(key: string): Steps {
  const [, ...steps] = key.split("/");
  const [, name, page] = lastStep.exec(steps.pop() as string) as unknown as [string, string, string?];
  if (page !== undefined && !pageNumber.test(page)) misplaced(key);
  return page === undefined ? { key, place: key, path: steps, name, page } : { key, place: key.slice(0, -page.length - 1), path: steps, name, page: Number(page) };
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
