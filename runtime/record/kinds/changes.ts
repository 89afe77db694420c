// What became of an object that its code makes: {"keep": n, "props": […], "proto": …, "mark": "frozen"}, each where needed.
//
// The first `keep` of its keys, all of them where that is absent, are those it was made with, in their order; of these `props`
// has the ones that have changed. Then come all others, in their order. `props` is as in the codec's `$k`.

import { listPayload, objectPayload } from "../../codec/fields.ts";
import { corrupt, refuse, via, type Json, type Read, type Write } from "../../codec/kind.ts";
import { propertyOf, readProperty } from "../../codec/kinds/kept.ts";
import { closeAs, markOf } from "../../codec/structures.ts";
import type { Properties } from "../../values/class.ts";

/** Undefined where nothing did. `usual` is the prototype that it has without being told. */
export function writeChanges(object: object, made: Properties, usual: object | null | undefined, write: Write): Json | undefined {
  const payload: { [key: string]: Json } = {};
  const keys = Reflect.ownKeys(object);
  const first = [...made.keys()];
  // Numbers come before all other keys, whenever they were added.
  const ordered = keys.filter((key) => made.has(key) || typeof key === "symbol" || !/^\d+$/.test(key));
  const end = first.findIndex((key, index) => ordered[index] !== key);
  const keep = end < 0 ? first.length : end;
  if (end >= 0) payload["keep"] = keep;
  const kept = new Set(ordered.slice(0, keep));
  const changed = keys.filter((key) => !kept.has(key) || !isSame(object, key, made));
  // A class's `prototype` cannot be taken away or changed.
  if (ordered.slice(keep).some((key, index, later) => isFixed(object, key) && later.slice(0, index).some((other) => !isFixed(object, other)))) refuse("a class whose `length` or `name` was deleted", "Leave it.");
  const props = changed.filter((key) => !isFixed(object, key)).map((key) => propertyOf(object, key, write));
  if (props.length > 0) payload["props"] = props;
  const prototype = Object.getPrototypeOf(object) as object | null;
  if (prototype !== usual) payload["proto"] = write(prototype, via(".__proto__"));
  if (!Object.isExtensible(object)) payload["mark"] = markOf(object);
  return Object.keys(payload).length > 0 ? payload : undefined;
}

/** On the same object, made again; whatever it was given since by its own code goes. */
export function readChanges(object: object, stored: Json | undefined, made: Properties, read: Read): void {
  const { keep, props, proto } = stored === undefined ? nothing : objectPayload(stored);
  const first = [...made.keys()];
  const kept = new Set(keep === undefined ? first : first.slice(0, countOf(keep)));
  for (const key of Reflect.ownKeys(object)) if (!kept.has(key)) Reflect.deleteProperty(object, key);
  for (const entry of props === undefined ? [] : listPayload(props)) readProperty(object, listPayload(entry), read, kept);
  if (proto === undefined) return;
  const prototype = read(proto, via(".__proto__"));
  if (typeof prototype !== "object" && typeof prototype !== "function") corrupt("expected a prototype");
  Object.setPrototypeOf(object, prototype as object | null);
}

/** At last: an object that takes no more properties. */
export function closeChanged(object: object, stored: Json | undefined): void {
  if (stored !== undefined) closeAs(object, objectPayload(stored)["mark"] ?? null);
}

const nothing: { [key: string]: Json } = {};

function countOf(keep: Json): number {
  return typeof keep === "number" && Number.isInteger(keep) && keep >= 0 ? keep : corrupt("expected how many keys are kept");
}

function isSame(object: object, key: PropertyKey, made: Properties): boolean {
  const before = made.get(key);
  const now = Reflect.getOwnPropertyDescriptor(object, key);
  if (before === undefined || now === undefined) return false;
  return (["value", "get", "set", "writable", "enumerable", "configurable"] as const).every((part) => Object.is(before[part], now[part]));
}

function isFixed(object: object, key: PropertyKey): boolean {
  return typeof object === "function" && key === "prototype";
}
