// Positions in iterations: {"$ia": [array, index, walk]} {"$is": [text, index]} {"$ic": [collection, position, walk]}
// {"$ik": [object, keys, index]} {"$ip": [iterator, next, done]}. The index is -1 at the end.
//
// Only the last needs an iterator that can be stored itself: a native one is refused with its path.

import { corrupt, type Json, type Kind, type Read, via } from "../../codec/kind.ts";
import { indexPayload, listPayload, textPayload } from "../../codec/fields.ts";
import { type Cursor, isCursor } from "../../values/cursor.ts";
import { ArrayCursor, type Walk } from "../../values/cursors/array.ts";
import { CollectionCursor } from "../../values/cursors/collection.ts";
import { KeyCursor } from "../../values/cursors/keys.ts";
import { ProtocolCursor } from "../../values/cursors/protocol.ts";
import { StringCursor } from "../../values/cursors/string.ts";

type Fields<T> = { -readonly [K in keyof T]: T[K] };

/** Empty now, filled later: what a cursor walks over may hold the cursor. */
function empty<T extends object>(type: { prototype: T }): T {
  return Object.create(type.prototype) as T;
}

const array: Kind<ArrayCursor> = {
  tag: "$ia",
  prototypes: [ArrayCursor.prototype],
  encode: ({ array, index, walk }, write) => [write(array, via(".array")), index, walk],
  create: () => new ArrayCursor([], "values"),
  fill(cursor, payload, read) {
    const [array, index, walk] = listPayload(payload);
    assign(cursor, { array: objectOf(read(array as Json, via(".array"))) as ArrayLike<unknown>, index: positionOf(index), walk: walkOf(walk) });
  },
};

const string: Kind<StringCursor> = {
  tag: "$is",
  prototypes: [StringCursor.prototype],
  encode: ({ text, index }, write) => [write(text, via(".text")), index],
  create(payload, read) {
    const [text, index] = listPayload(payload);
    return new StringCursor(textPayload(read(text as Json, via(".text")) as Json), positionOf(index));
  },
};

const collection: Kind<CollectionCursor> = {
  tag: "$ic",
  prototypes: [CollectionCursor.prototype],
  encode: (cursor, write) => [write(cursor.collection, via(".collection")), cursor.position, cursor.walk],
  create: () => new CollectionCursor(new Set(), "values"),
  fill(cursor, payload, read) {
    const [collection, , walk] = listPayload(payload);
    const walked = read(collection as Json, via(".collection"));
    if (!(walked instanceof Map || walked instanceof Set)) corrupt("expected a Map or a Set");
    assign(cursor, { collection: walked as Set<unknown>, walk: walkOf(walk) });
  },
  // The collection has its entries now.
  finish: (cursor, payload) => cursor.moveTo(Math.min(positionOf(listPayload(payload)[1]), cursor.collection.size)),
};

const keys: Kind<KeyCursor> = {
  tag: "$ik",
  prototypes: [KeyCursor.prototype],
  encode: ({ object, keys, index }, write) => [write(object, via(".object")), [...keys], index],
  create: () => new KeyCursor(undefined, []),
  fill(cursor, payload, read) {
    const [object, keys, index] = listPayload(payload);
    const names = listPayload(keys).map(textPayload);
    const walked = read(object as Json, via(".object"));
    assign(cursor, { object: names.length === 0 ? (walked as object | undefined) : objectOf(walked), keys: names, index: positionOf(index) });
  },
};

const protocol: Kind<ProtocolCursor> = {
  tag: "$ip",
  prototypes: [ProtocolCursor.prototype],
  encode: ({ iterator, next, done }, write) => (done ? [null, null, true] : [write(iterator, via(".iterator")), write(next, via(".next")), false]),
  create: () => empty(ProtocolCursor),
  fill(cursor, payload, read) {
    const [iterator, next, done] = listPayload(payload) as [Json, Json, Json];
    const part = (json: Json, name: string): unknown => (read as Read)(json, via(name));
    const over = done === true;
    const from = part(iterator ?? null, ".iterator");
    assign(cursor, { iterator: over ? undefined : objectOf(from), next: part(next ?? null, ".next"), done: over, value: undefined });
  },
};

/** -1 at the end. */
function positionOf(payload: Json | undefined): number {
  return payload === -1 ? -1 : indexPayload(payload, Number.MAX_SAFE_INTEGER);
}

function walkOf(payload: Json | undefined): Walk {
  return payload === "keys" || payload === "values" || payload === "entries" ? payload : corrupt("expected keys, values or entries");
}

export function cursorOf(value: unknown): Cursor {
  return isCursor(value) ? value : corrupt("expected the position in an iteration");
}

export function objectOf(value: unknown): object {
  return (typeof value === "object" && value !== null) || typeof value === "function" ? value : corrupt("expected an object");
}

function assign<T extends object>(cursor: T, fields: Partial<Fields<T>>): void {
  Object.assign(cursor, fields);
}

export const cursorKinds: readonly Kind[] = [array, string, collection, keys, protocol] as readonly unknown[] as readonly Kind[];
