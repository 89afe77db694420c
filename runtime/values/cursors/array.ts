// Arrays, array-likes and typed arrays: the length is read at every step, so what is added meanwhile is visited.

import type { Cursor } from "./cursor.ts";
import { oneClass } from "../../realm/shared.ts";

export type Walk = "keys" | "values" | "entries";

const typedKeys = (Object.getPrototypeOf(Uint8Array.prototype) as Uint8Array).keys;

class OwnArrayCursor implements Cursor {
  readonly array: ArrayLike<unknown>;
  readonly walk: Walk;
  /** Of the next element; -1 at the end, which is for good even if the array grows. */
  index: number;
  value: unknown = undefined;

  constructor(array: ArrayLike<unknown>, walk: Walk, index = 0) {
    this.array = array;
    this.walk = walk;
    this.index = index;
  }

  advance(): boolean {
    const { array, index } = this;
    if (index < 0) return false;
    if (index >= lengthOf(array)) {
      this.index = -1;
      this.value = undefined;
      return false;
    }
    this.value = this.walk === "values" ? array[index] : this.walk === "keys" ? index : [index, array[index]];
    this.index = index + 1;
    return true;
  }

  close(): void {}

  abandon(): void {}
}

export type ArrayCursor = OwnArrayCursor;
export const ArrayCursor = oneClass("ArrayCursor", OwnArrayCursor);

export function isTypedArray(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

/** Throws a TypeError for one whose buffer was detached, as the built-in iterator does. */
export function typedLength(array: Uint8Array): number {
  if (array.length === 0) Reflect.apply(typedKeys, array, []);
  return array.length;
}

function lengthOf(array: ArrayLike<unknown>): number {
  if (Array.isArray(array)) return array.length;
  if (isTypedArray(array)) return typedLength(array);
  return Math.min(Math.max(Math.trunc(Number(array.length)) || 0, 0), Number.MAX_SAFE_INTEGER);
}
