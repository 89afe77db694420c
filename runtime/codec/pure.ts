// Whether a record is plain JSON: only plain objects, dense arrays and JSON's own scalars, no object twice, nothing that
// JSON.stringify would drop, change or call. Answers false whenever in doubt: the encoder then decides, and says why.

import type { Kind } from "./kind.ts";
import { inlineDepth, type Limits } from "./limits.ts";
import { isProxy } from "./node.ts";

export function isPlain(record: Record<string, unknown>, claims: readonly Kind[], limits: Limits): boolean {
  if (Object.hasOwn(record, "v") || Object.hasOwn(record, "heap")) return false;
  const check: Check = { claims, limits, few: [], many: undefined, nodes: 0 };
  return isPlainObject(record, check, 0);
}

interface Check {
  readonly claims: readonly Kind[];
  readonly limits: Limits;
  /** The objects met, in a list while they are few: up to about 24 a search is faster than a Set. */
  readonly few: object[];
  many: Set<object> | undefined;
  nodes: number;
}

function isPlainValue(value: unknown, check: Check, depth: number): boolean {
  switch (typeof value) {
    case "string":
      return value.length <= check.limits.string;
    case "number":
      return value - value === 0 && (value !== 0 || 1 / value > 0);
    case "boolean":
      return true;
    case "object":
      if (value === null) return true;
      return Array.isArray(value) ? isPlainArray(value, check, depth) : isPlainObject(value, check, depth);
    default:
      return false;
  }
}

function isPlainObject(value: object, check: Check, depth: number): boolean {
  if (!isOrdinary(value, Object.prototype, check, depth)) return false;
  // With all properties enumerable this is the engine's fast path; Reflect.ownKeys takes four times as long.
  const keys = Object.getOwnPropertyNames(value);
  check.nodes += keys.length;
  for (let index = 0; index < keys.length; index++) {
    const property = Object.getOwnPropertyDescriptor(value, keys[index] as string);
    // An accessor has no `writable`.
    if (property?.writable !== true || property.enumerable !== true || property.configurable !== true) return false;
    if (!isPlainValue(property.value, check, depth + 1)) return false;
  }
  return true;
}

function isPlainArray(value: readonly unknown[], check: Check, depth: number): boolean {
  if (!isOrdinary(value, Array.prototype, check, depth)) return false;
  const { length } = value;
  // Holes and extra properties both show in the number of keys.
  if (Object.keys(value).length !== length) return false;
  check.nodes += length;
  for (let index = 0; index < length; index++) if (!isPlainValue(value[index], check, depth + 1)) return false;
  return true;
}

function isOrdinary(value: object, prototype: object, check: Check, depth: number): boolean {
  if (isProxy(value) || Object.getPrototypeOf(value) !== prototype || !Object.isExtensible(value)) return false;
  if (depth > inlineDepth || check.nodes > check.limits.nodes) return false;
  for (const kind of check.claims) if (kind.instances?.has(value) === true) return false;
  return Object.getOwnPropertySymbols(value).length === 0 && isFirst(value, check);
}

function isFirst(value: object, check: Check): boolean {
  const { few, many } = check;
  if (many !== undefined) return many.size < many.add(value).size;
  for (let index = 0; index < few.length; index++) if (few[index] === value) return false;
  few.push(value);
  if (few.length === 24) check.many = new Set(few);
  return true;
}
