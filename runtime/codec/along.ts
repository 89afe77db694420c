// Whether a large plain value is as it was when its trail was laid: the same objects with the same keys and values, all still plain. This is
// what isPlain of pure.ts looks at, and is all that a commit does with a megabyte that stays as it is, so it is written for speed too.

import type { Kind } from "./kind.ts";
import { inlineDepth } from "./limits.ts";

const { getOwnPropertyDescriptor, getOwnPropertyNames, getOwnPropertySymbols, getPrototypeOf, isExtensible, keys } = Object;
const { isArray } = Array;
const objectPrototype = Object.prototype;
const arrayPrototype = Array.prototype;

// Of the value at hand: passed along, they would take longer. Nothing here calls what could begin anew meanwhile.
let trail: readonly unknown[] = [];
let at = 0;
let longest = 0;
let claimed: readonly Kind[] = [];

/** `depth`: how many levels deep it lies; `most`: the length that texts may have. */
export function isAlong(value: object, itsTrail: readonly unknown[], claims: readonly Kind[], most: number, depth: number): boolean {
  trail = itsTrail;
  at = 0;
  longest = most;
  claimed = claims.filter(({ fromBirth }) => fromBirth !== true);
  const same = isSameObject(value, depth + 1) && at === trail.length;
  trail = claimed = [];
  return same;
}

/** What is met is what was there: no proxy, and of no kind that it could only have been of already then. */
function isSameObject(value: object, depth: number): boolean {
  if (trail[at++] !== value || !isExtensible(value) || depth > inlineDepth) return false;
  for (let index = 0; index < claimed.length; index++) if (claimed[index]?.instances?.has(value) === true) return false;
  return isArray(value) ? isSameList(value, depth) : hasSameFields(value, depth);
}

function isSameList(value: readonly unknown[], depth: number): boolean {
  const { length } = value;
  if (trail[at++] !== length || getPrototypeOf(value) !== arrayPrototype || getOwnPropertySymbols(value).length !== 0) return false;
  if (keys(value).length !== length || getOwnPropertyDescriptor(value, "length")?.writable !== true) return false;
  for (let index = 0; index < length; index++) if (!isSameValue(value[index], depth)) return false;
  return true;
}

function hasSameFields(value: object, depth: number): boolean {
  if (getPrototypeOf(value) !== objectPrototype || getOwnPropertySymbols(value).length !== 0) return false;
  let count = 0;
  for (const key in value) {
    const property = getOwnPropertyDescriptor(value, key);
    if (trail[at++] !== key || property === undefined || property.writable !== true || property.configurable !== true) return false;
    count++;
    if (!isSameValue(property.value, depth)) return false;
  }
  return trail[at++] === count && getOwnPropertyNames(value).length === count;
}

function isSameValue(value: unknown, depth: number): boolean {
  if (typeof value === "object" && value !== null) return isSameObject(value, depth + 1);
  // It is not told from -0, which is not plain.
  if (value === 0 && Object.is(value, -0)) return false;
  return trail[at++] === value && (typeof value !== "string" || value.length <= longest);
}
