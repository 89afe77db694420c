// A frame that is large is stored as a text and parts, so that what a commit did not change is not written again.
//
//   {"rows": [… 1 MB …], "total": 7}
//     ─► text   {"rows": [10000, 16], "total": 7}
//        parts  "frame/locals/rows#0": [16 rows], "frame/locals/rows#1": [the next 16], …
//
// A part's key is the path of what it holds, and in its place stands
//
//   null             a value: one part, under its path
//   [length, per]    a list: pages of `per` elements each, under its path and `#page`
//   {}               a table, an object whose keys are numbers: pages of four numbers each, `#0` with 0 to 3
//
// This is done to the JSON of a frame, tags and all, and is undone before anything is read (join.ts). What is cut does not
// depend on what was cut before, and a page only on what is in it: equal graphs give equal parts.

import { stringify } from "./stringify.ts";
import type { Json } from "./kind.ts";
import { type CutBefore, isSame } from "./remembered.ts";

/** A text and its parts, by key. */
export interface Stored {
  readonly text: string;
  readonly parts: ReadonlyMap<string, string>;
}

type Tree = { readonly [key: string]: Json };

/** Texts of fewer characters stay whole: a page of a store is about as large. */
export const wholeBelow = 8_192;

/** In a text that is cut, what is longer than this is a part of its own. */
const piece = 1_024;

/** The numbers of a table's entries in one page. An entry has about a hundred characters, and one changes at a time. */
export const numbersPerPage = 4;

const longestKey = 1_000;
const stepName = /^[\p{L}\p{N}_$-]{1,100}$/u;

/** `tables` are the fields that are lists with a number for each entry. `root` is where the keys of the parts begin. */
export function cut(tree: Tree, tables: ReadonlyMap<string, readonly number[]>, root: string, remembered: ReadonlyMap<Json, CutBefore> = new Map()): Stored {
  const cutter = new Cutter(root, remembered);
  const head = cutter.record(tree, tables);
  const { parts } = cutter;
  const { v, ...fields } = head;
  return { text: stringify({ v: v ?? 1, apart: parts.size, ...fields }), parts };
}

class Cutter {
  parts = new Map<string, string>();
  readonly #root: string;
  readonly #remembered: ReadonlyMap<Json, CutBefore>;
  readonly #steps: (string | number)[] = [];
  /** About the length of the text of what `#cut` gave last. */
  #size = 0;

  constructor(root: string, remembered: ReadonlyMap<Json, CutBefore>) {
    this.#root = root;
    this.#remembered = remembered;
  }

  record(tree: Tree, tables: ReadonlyMap<string, readonly number[]>): { [key: string]: Json } {
    const head: { [key: string]: Json } = {};
    for (const [name, value] of Object.entries(tree)) {
      this.#steps.push(name);
      const numbers = tables.get(name);
      head[name] = numbers === undefined ? this.#cut(value) : this.#table(value as Json[], numbers);
      this.#steps.pop();
    }
    return head;
  }

  /** The JSON itself where nothing was cut out of it, else a copy: what a frame is made of may be the run's own. */
  #cut(json: Json): Json {
    if (typeof json === "string") return this.#text(json);
    if (typeof json !== "object" || json === null) {
      this.#size = 5;
      return json;
    }
    const remembered = this.#remembered.get(json);
    const key = remembered && this.#key();
    return key === undefined ? this.#anew(json) : this.#again(json, remembered as CutBefore, key);
  }

  #anew(json: Json[] | { [key: string]: Json }): Json {
    return Array.isArray(json) ? this.#list(json) : this.#object(json);
  }

  /** It is large, so all of it becomes parts. */
  #again(json: Json[] | { [key: string]: Json }, remembered: CutBefore, key: string): Json {
    const all = this.parts;
    if (remembered.cut?.key !== key) {
      this.parts = new Map();
      const given = this.#anew(json);
      const { earlier } = remembered;
      remembered.cut = { key, json: given, size: this.#size, parts: this.parts, stays: earlier?.key === key && isSame(earlier.parts, this.parts) };
      this.parts = all;
    }
    const { json: given, size, parts } = remembered.cut;
    for (const [name, text] of parts) all.set(name, text);
    this.#size = size;
    return given;
  }

  #text(text: string): Json {
    this.#size = text.length + 2;
    return this.#size > piece ? this.#asPart(text) : text;
  }

  #list(list: Json[]): Json {
    let size = 2;
    let copy: Json[] | undefined;
    for (let index = 0; index < list.length; index++) {
      const part = list[index] as Json;
      if (typeof part === "number" || (typeof part === "string" && part.length < piece)) {
        size += typeof part === "number" ? 5 : part.length + 3;
        continue;
      }
      this.#steps.push(index);
      const given = this.#cut(part);
      this.#steps.pop();
      size += this.#size + 1;
      if (given !== part) (copy ??= list.slice())[index] = given;
    }
    this.#size = size;
    return size > piece ? this.#inPages(copy ?? list, size) : (copy ?? list);
  }

  #object(object: { [key: string]: Json }): Json {
    let size = 2;
    let copy: { [key: string]: Json } | undefined;
    for (const key of Object.keys(object)) {
      const part = object[key] as Json;
      size += key.length + 4;
      if (typeof part === "number" || (typeof part === "string" && part.length < piece)) {
        size += typeof part === "number" ? 5 : part.length + 2;
        continue;
      }
      this.#steps.push(key);
      const given = this.#cut(part);
      this.#steps.pop();
      size += this.#size;
      if (given !== part) (copy ??= { ...object })[key] = given;
    }
    this.#size = size;
    return size > piece ? this.#asPart(copy ?? object) : (copy ?? object);
  }

  #asPart(json: Json): Json {
    const key = this.#key();
    if (key === undefined) return json;
    this.parts.set(key, stringify(json));
    this.#size = partSize;
    return null;
  }

  #inPages(list: Json[], size: number): Json {
    const key = this.#key();
    if (key === undefined) return list;
    const per = perPage(size, list.length);
    for (let from = 0, page = 0; from < list.length; from += per, page++) this.parts.set(`${key}#${page}`, stringify(list.slice(from, from + per)));
    this.#size = pagesSize;
    return [list.length, per];
  }

  #table(list: readonly Json[], numbers: readonly number[]): Json {
    const entries: Json[] = [];
    let size = 2;
    for (let index = 0; index < list.length; index++) {
      this.#steps.push(numbers[index] as number);
      entries.push(this.#cut(list[index] as Json));
      this.#steps.pop();
      size += this.#size + 8;
    }
    if (size > piece) return this.#inNumberPages(entries, numbers);
    const table: { [number: number]: Json } = {};
    for (let index = 0; index < entries.length; index++) table[numbers[index] as number] = entries[index] as Json;
    return table;
  }

  /** Put together as texts: objects with numbers as keys would cost three times as much. */
  #inNumberPages(entries: readonly Json[], numbers: readonly number[]): Json {
    const key = this.#key() as string;
    const order = Array.from(numbers, (_, index) => index);
    if (numbers.some((number, index) => index > 0 && number < (numbers[index - 1] as number))) order.sort((a, b) => (numbers[a] as number) - (numbers[b] as number));
    let page = -1;
    let text = "";
    for (const index of order) {
      const number = numbers[index] as number;
      const itsPage = Math.floor(number / numbersPerPage);
      const entry = `"${number}":${stringify(entries[index] as Json)}`;
      if (itsPage === page) {
        text += `,${entry}`;
        continue;
      }
      if (page >= 0) this.parts.set(`${key}#${page}`, `${text}}`);
      page = itsPage;
      text = `{${entry}`;
    }
    this.parts.set(`${key}#${page}`, `${text}}`);
    return {};
  }

  /** Undefined where a name on the path has characters that a key must not have: then it is cut further up. */
  #key(): string | undefined {
    let key = this.#root;
    for (const step of this.#steps) {
      if (typeof step === "string" && (!stepName.test(step) || step === "__proto__")) return undefined;
      key += `/${step}`;
    }
    return key.length > longestKey - 20 ? undefined : key;
  }
}

/** What a list in pages, and any other part, has in its place takes. */
export const [pagesSize, partSize] = [12, 4];

/** A power of four, so that it seldom changes while a list grows: then all of its pages do. */
function perPage(size: number, length: number): number {
  const wanted = size > 64 * piece ? 4 * piece : piece;
  let per = 1;
  while (per * 4 * size <= wanted * length) per *= 4;
  return per;
}
