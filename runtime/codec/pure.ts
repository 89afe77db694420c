// Whether a record is plain JSON: only plain objects, dense arrays and JSON's own scalars, no object twice, nothing that
// JSON.stringify would drop, change or call. Answers false whenever in doubt: the encoder then decides, and says why.
//
// This is nearly all that a plain frame costs beside JSON itself, so it is written for speed. For the 300 bytes of the
// benchmark it takes 0.5 of the time of stringify and parse together: symbol keys 0.16, accessors 0.13, holes and extra
// properties 0.05, sharing 0.05, proxies 0.02, frozen objects 0.02, the walk itself 0.06. For-in makes the engine keep the
// list of names that makes getOwnPropertyNames cheap; Reflect.ownKeys in place of both and of the symbols would cost 0.4.
// Writing the text in the same walk instead of calling JSON.stringify was no faster here and half as fast for 1 MB.

import { isAlong } from "./along.ts";
import type { Json, Kind } from "./kind.ts";
import { lay } from "./laid.ts";
import { inlineDepth, type Limits } from "./limits.ts";
import { isProxy } from "./node.ts";
import { areApart, type Memory, type Objects, Together } from "./remembered.ts";

const { getOwnPropertyDescriptor, getOwnPropertyNames, getOwnPropertySymbols, getPrototypeOf, isExtensible, keys } = Object;
const { isArray } = Array;
const objectPrototype = Object.prototype;
const arrayPrototype = Array.prototype;

/** Objects met, up to which searching a list is faster than a Set. */
const few = 24;

// The state of the check at hand. It is not passed along, which would cost a tenth; a check that starts within another
// (in the trap of a proxy that the host does not show) makes both answer false.
let busy = false;
let longest = 0;
let nodesLeft = 0;
let claimed: readonly Kind[] = [];
/** Keys that start with `$` are not as they would be written. */
let amongTags = false;
let metSet: Set<object> | undefined;
let metCount = 0;
const met: (object | undefined)[] = Array.from({ length: few });
/** What is known of values that are met. */
let known: Memory | undefined;
/** The value at hand, which was looked up. */
let whole: object | undefined;
/** Those within it that are as they were, and what is in them. */
let inner: object[] = [];
let insides: Objects[] = [];

export function isPlain(record: Record<string, unknown>, claims: readonly Kind[], limits: Limits, own: readonly string[] | undefined): boolean {
  if (busy || "v" in record || "apart" in record || "heap" in record) return (busy = false);
  busy = true;
  begin(claims, limits, limits.nodes, false);
  const plain = (own === undefined ? isPlainObject(record, 0) : isOwnRecord(record, own)) && busy;
  end();
  return plain;
}

/** What a value consists of that a frame with tags can hold as it is. */
interface PlainPart {
  /** Itself and all in it. */
  readonly objects: Objects;
  readonly nodes: number;
  /** See remembered.ts. */
  readonly trail: readonly unknown[] | undefined;
  /** It is as it was when that was laid. */
  readonly same: boolean;
  /** Where it is not: lists in it that are as they were when theirs were laid. */
  readonly inner: readonly object[];
}

/**
 * Undefined if the value, which lies `depth` levels deep, is not such a one. `nodes` are those that it may have; `memory`, what is known from
 * before.
 */
export function plainPart(value: object, claims: readonly Kind[], limits: Limits, nodes: number, depth: number, memory?: Memory): PlainPart | undefined {
  const before = memory?.get(value);
  if (before?.trail !== undefined && before.nodes <= nodes && isAlong(value, before.trail, claims, limits.string, depth)) {
    return { objects: before.objects, nodes: before.nodes, trail: before.trail, same: true, inner: [] };
  }
  if (busy) {
    busy = false;
    return undefined;
  }
  busy = true;
  begin(claims, limits, nodes, true);
  known = memory;
  whole = value;
  const plain = isPlainValue(value, depth) && busy;
  const objects = objectsMet();
  const counted = nodes - nodesLeft;
  const same = inner;
  end();
  if (!plain) return undefined;
  // It was the same for two commits.
  const laid = before?.cut?.stays === true && before.trail === undefined ? lay(value as Json[], 2 * (counted + objects.size), counted) : undefined;
  return { objects, nodes: counted, trail: laid?.trail, same: false, inner: same };
}

function objectsMet(): Objects {
  const objects = metSet ?? new Set(met.slice(0, metCount) as object[]);
  return insides.length === 0 ? objects : new Together([objects, ...insides]);
}

/** A list that is as it was: what is in it need not be met one by one. */
function isInner(value: readonly unknown[], depth: number): boolean {
  const before = known?.get(value);
  if (before?.trail === undefined || before.nodes > nodesLeft || !isAlong(value, before.trail, claimed, longest, depth)) return false;
  const { objects } = before;
  for (const object of metSet ?? (met.slice(0, metCount) as object[])) if (objects.has(object)) return false;
  if (!insides.every((others) => areApart(objects, others))) return false;
  nodesLeft -= before.nodes;
  inner.push(value);
  insides.push(objects);
  return true;
}

function begin(claims: readonly Kind[], limits: Limits, nodes: number, tags: boolean): void {
  longest = limits.string;
  nodesLeft = nodes;
  claimed = claims;
  amongTags = tags;
  metCount = 0;
}

function end(): void {
  busy = false;
  metSet = undefined;
  known = whole = undefined;
  inner = [];
  insides = [];
  for (let index = 0; index < metCount; index++) met[index] = undefined;
}

function isPlainObject(value: object, depth: number): boolean {
  if (isProxy(value) || getPrototypeOf(value) !== objectPrototype || !isExtensible(value)) return false;
  if (depth > inlineDepth || !isFirst(value) || getOwnPropertySymbols(value).length !== 0) return false;
  let count = 0;
  for (const key in value) {
    const property = getOwnPropertyDescriptor(value, key);
    // Inherited keys have no descriptor, accessors no `writable`.
    if (property === undefined || property.writable !== true || property.configurable !== true) return false;
    if (amongTags && key.charCodeAt(0) === 36) return false;
    count++;
    const part: unknown = property.value;
    if (typeof part === "string") {
      if (part.length > longest) return false;
    } else if (!isPlainValue(part, depth)) return false;
  }
  // Hidden properties are not among the keys.
  return getOwnPropertyNames(value).length === count && (nodesLeft -= count) >= 0;
}

/** Made by the caller, as its `own` lists and their objects are: only what is in those is in doubt. */
function isOwnRecord(record: Record<string, unknown>, own: readonly string[]): boolean {
  for (const key in record) {
    const part = record[key];
    if (!own.includes(key)) {
      if (!isPlainValue(part, 0)) return false;
      continue;
    }
    for (const entry of part as readonly Record<string, unknown>[]) {
      for (const name in entry) if (!isPlainValue(entry[name], 2)) return false;
    }
  }
  return true;
}

function isPlainArray(value: readonly unknown[], depth: number): boolean {
  if (isProxy(value) || getPrototypeOf(value) !== arrayPrototype || !isExtensible(value)) return false;
  if (known !== undefined && value.length > few && value !== whole && isInner(value, depth - 1)) return true;
  if (depth > inlineDepth || !isFirst(value) || getOwnPropertySymbols(value).length !== 0) return false;
  const { length } = value;
  if (getOwnPropertyDescriptor(value, "length")?.writable !== true) return false;
  // Holes and extra properties both show in the number of keys.
  if (keys(value).length !== length || (nodesLeft -= length) < 0) return false;
  for (let index = 0; index < length; index++) if (!isPlainValue(value[index], depth)) return false;
  return true;
}

function isPlainValue(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case "string":
      return value.length <= longest;
    case "number":
      return value - value === 0 && (value !== 0 || 1 / value > 0);
    case "boolean":
      return true;
    case "object":
      if (value === null) return true;
      return isArray(value) ? isPlainArray(value, depth + 1) : isPlainObject(value, depth + 1);
    default:
      return false;
  }
}

function isFirst(value: object): boolean {
  for (let index = 0; index < insides.length; index++) if (insides[index]?.has(value) === true) return false;
  for (let index = 0; index < claimed.length; index++) if (claimed[index]?.instances?.has(value) === true) return false;
  if (metSet !== undefined) return metSet.size < metSet.add(value).size;
  for (let index = 0; index < metCount; index++) if (met[index] === value) return false;
  met[metCount++] = value;
  if (metCount === few) metSet = new Set(met as object[]);
  return true;
}
