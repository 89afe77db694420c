// for..in: the keys are those at the start; one that is deleted before its turn is not visited.

import { append } from "../../realm/append.ts";
import type { Cursor } from "./cursor.ts";
import { oneClass } from "../../realm/shared.ts";

class OwnKeyCursor implements Cursor {
  readonly object: object | undefined;
  readonly keys: readonly string[];
  index: number;
  value: unknown = undefined;

  static of(value: unknown): KeyCursor {
    if (value === null || value === undefined) return new KeyCursor(undefined, []);
    const object = Object(value) as object;
    const keys: string[] = [];
    // oxlint-disable-next-line guard-for-in -- inherited keys belong to the loop
    for (const key in object) append(keys, key);
    return new KeyCursor(object, keys);
  }

  constructor(object: object | undefined, keys: readonly string[], index = 0) {
    this.object = object;
    this.keys = keys;
    this.index = index;
  }

  advance(): boolean {
    while (this.index < this.keys.length) {
      const key = this.keys[this.index++] as string;
      if (!(key in (this.object as object))) continue;
      this.value = key;
      return true;
    }
    this.value = undefined;
    return false;
  }

  close(): void {}

  abandon(): void {}
}

export type KeyCursor = OwnKeyCursor;
export const KeyCursor = oneClass("KeyCursor", OwnKeyCursor);
