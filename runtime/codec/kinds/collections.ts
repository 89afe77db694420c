// Map {"$m":[[key, value], …]} and Set {"$s":[value, …]}, in their order. Either may hold itself.

import { extraKeys, listPayload } from "../fields.ts";
import { corrupt, via, type Json, type Kind } from "../kind.ts";

// Called so, since an instance of a derived class with methods of its own is filled as what it is derived from.
const { set: setEntry } = Map.prototype;
const { add: addValue } = Set.prototype;
const sizeOfMap = Object.getOwnPropertyDescriptor(Map.prototype, "size")?.get as (this: object) => number;
const sizeOfSet = Object.getOwnPropertyDescriptor(Set.prototype, "size")?.get as (this: object) => number;

export const map: Kind<Map<unknown, unknown>> = {
  tag: "$m",
  prototypes: [Map.prototype],
  encode(value, write) {
    const entries: Json[] = [];
    for (const [key, part] of Map.prototype.entries.call(value)) {
      const at = entries.length;
      entries.push([write(key, needsPath(key) ? via(`.keys()[${at}]`) : at), write(part, needsPath(part) ? via(entryAt(key, at)) : at)]);
    }
    return entries;
  },
  extras: (value) => extraKeys(value),
  create(payload) {
    listPayload(payload);
    return new Map();
  },
  fill(value, payload, read) {
    for (const entry of listPayload(payload)) {
      const [key, part, ...more] = listPayload(entry);
      if (key === undefined || part === undefined || more.length > 0) corrupt("an entry of a Map must be a key and a value");
      const at = sizeOfMap.call(value);
      setEntry.call(value, read(key, via(`.keys()[${at}]`)), read(part, via(`.values()[${at}]`)));
      if (sizeOfMap.call(value) === at) corrupt("a Map has the same key twice");
    }
  },
};

export const set: Kind<Set<unknown>> = {
  tag: "$s",
  prototypes: [Set.prototype],
  encode(value, write) {
    const parts: Json[] = [];
    for (const part of Set.prototype.values.call(value)) parts.push(write(part, needsPath(part) ? via(`.values()[${parts.length}]`) : 0));
    return parts;
  },
  extras: (value) => extraKeys(value),
  create(payload) {
    listPayload(payload);
    return new Set();
  },
  fill(value, payload, read) {
    for (const part of listPayload(payload)) {
      const at = sizeOfSet.call(value);
      addValue.call(value, read(part, via(`.values()[${at}]`)));
      if (sizeOfSet.call(value) === at) corrupt("a Set has the same value twice");
    }
  },
};

/** Paths are for what can be refused, and making one costs more than writing a short text. */
function needsPath(part: unknown): boolean {
  return typeof part !== "number" && (typeof part !== "string" || part.length > 1_000);
}

function entryAt(key: unknown, at: number): string {
  return typeof key === "string" && key.length < 40 ? `.get(${JSON.stringify(key)})` : `.values()[${at}]`;
}
