// What is given to a log, as JSON can say it. Of what is large the first part is taken, so that neither time nor space depends on
// what hangs on it; names stay names, for those who hide by name.
//
//   new Map([["a", 1n]])      ──►  { a: "1" }
//   [0, 1, 2, … 9,999]        ──►  [0, 1, 2, … 399, "… 9600 more"]
//
// Getters are not run. What cannot be read is said to be so.

import { inspect, types } from "node:util";
import { textOf } from "../../record/error-info.ts";

interface Shortened {
  readonly value: unknown;
  /** All of it is there, as `inspect` would show it. */
  readonly isWhole: boolean;
}

/** `size`: about so many characters of JSON. */
export function shortened(value: unknown, size: number): Shortened {
  const shortening = new Shortening(size);
  return { value: shortening.of(value), isWhole: shortening.isWhole };
}

/** Its own enumerable properties that have names. */
export function entriesOf(from: object): [name: string, value: unknown][] {
  try {
    return Object.keys(from).map((name) => [name, ownValue(from, name)]);
  } catch {
    return [["text", unreadable]];
  }
}

const unreadable = "(unreadable)";
/** Levels of objects: what is left out is said at each. */
const deepest = 8;
/** What one UTF-16 code unit may become in JSON. */
const longestEscape = 6;

class Shortening {
  isWhole = true;
  #left: number;
  readonly #path = new Set<object>();

  constructor(size: number) {
    this.#left = size;
  }

  of(value: unknown): unknown {
    switch (typeof value) {
      case "string": return this.#text(value);
      case "bigint":
      case "symbol":
      case "function": return this.#text(textOf(() => value));
      case "object": if (value !== null) return this.#object(value);
    }
    this.#left -= 5;
    return value;
  }

  #text(text: string): string {
    const room = Math.max(this.#left, 1);
    const start = text.slice(0, room);
    const fitting = JSON.stringify(start).length - 2 <= room ? start : start.slice(0, Math.max(1, Math.floor(room / longestEscape)));
    const isCut = fitting.length < text.length;
    if (isCut) this.isWhole = false;
    const short = isCut ? `${fitting}…` : text;
    this.#left -= JSON.stringify(short).length;
    return short;
  }

  /** Of what `inspect` would show more. */
  #instead(text: string): string {
    this.isWhole = false;
    return this.#text(text);
  }

  #object(value: object): unknown {
    if (this.#path.has(value)) return this.#text("[Circular]");
    if (this.#path.size === deepest) return this.#instead("[Object]");
    this.#path.add(value);
    this.#left -= 2;
    try {
      return this.#contents(value);
    } catch {
      // A proxy, or a toJSON of the author's.
      return this.#instead(unreadable);
    } finally {
      this.#path.delete(value);
    }
  }

  #contents(value: object): unknown {
    if (types.isMap(value)) return this.#map(value);
    if (types.isSet(value)) return this.#list(Set.prototype.values.call(value), value.size);
    if (Array.isArray(value)) return this.#list(Array.prototype.values.call(value), value.length);
    if (types.isNativeError(value)) return Object.getOwnPropertyNames(value).every((name) => name === "stack" || name === "message") ? this.#text(textOf(() => value)) : this.#instead(textOf(() => value));
    if (types.isDate(value)) return this.#text(textOf(() => Date.prototype.toJSON.call(value)));
    if (types.isRegExp(value) || types.isBoxedPrimitive(value)) return this.#text(textOf(() => value));
    if (types.isArrayBufferView(value) || types.isAnyArrayBuffer(value)) return this.#text(inspect(value, { maxArrayLength: 20 }));
    const { toJSON } = value as { toJSON?: unknown };
    if (typeof toJSON !== "function") return this.#properties(value);
    this.isWhole = false;
    const told: unknown = toJSON.call(value, "");
    return typeof told === "object" && told !== null && !Array.isArray(told) ? this.#properties(told) : this.of(told);
  }

  #list(items: Iterable<unknown>, size: number): unknown[] {
    const list: unknown[] = [];
    for (const item of items) {
      if (this.#isFull()) return [...list, more(size - list.length)];
      list.push(this.of(item));
    }
    return list;
  }

  /** An object of its keys; where some can be no names, a list of entries. */
  #map(map: ReadonlyMap<unknown, unknown>): unknown {
    const entries: Record<string, unknown>[] = [];
    let isNamed = true;
    for (const [key, value] of Map.prototype.entries.call(map)) {
      if (this.#isFull()) {
        entries.push({ "…": more(map.size - entries.length) });
        break;
      }
      const isName = (typeof key !== "object" || key === null) && typeof key !== "function";
      isNamed &&= isName;
      entries.push(this.#properties(isName ? { [String(key)]: value } : { "(key)": key, "(value)": value }));
    }
    return isNamed ? Object.fromEntries(entries.flatMap((entry) => Object.entries(entry))) : entries;
  }

  #properties(value: object): Record<string, unknown> {
    const names = Object.keys(value);
    const entries: [string, unknown][] = [];
    for (const name of names) {
      if (this.#isFull(name.length)) {
        entries.push(["…", more(names.length - entries.length)]);
        break;
      }
      this.#left -= JSON.stringify(name).length;
      entries.push([name, this.of(ownValue(value, name))]);
    }
    return Object.fromEntries(entries);
  }

  #isFull(size = 0): boolean {
    const isFull = this.#left <= size;
    if (isFull) this.isWhole = false;
    return isFull;
  }
}

function more(count: number): string {
  return `… ${count} more`;
}

function ownValue(from: object, name: string): unknown {
  const property = Object.getOwnPropertyDescriptor(from, name);
  return property?.get === undefined ? property?.value : "[Getter]";
}
