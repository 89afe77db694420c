// Map and Set. A native iterator does the walking, since only it follows deletions and re-insertions. Where it stands shows
// only by what remains: to be stored it is drained, counted, and made again.

import type { Cursor } from "./cursor.ts";
import { oneClass } from "../../realm/shared.ts";
import type { Walk } from "./array.ts";

type Collection = ReadonlyMap<unknown, unknown> | ReadonlySet<unknown>;

const walks = {
  map: { keys: Map.prototype.keys, values: Map.prototype.values, entries: Map.prototype.entries },
  set: { keys: Set.prototype.keys, values: Set.prototype.values, entries: Set.prototype.entries },
};

class OwnCollectionCursor implements Cursor {
  readonly collection: Collection;
  readonly walk: Walk;
  value: unknown = undefined;
  /** Undefined at the end, which is for good. */
  #iterator: Iterator<unknown> | undefined;

  constructor(collection: Collection, walk: Walk) {
    this.collection = collection;
    this.walk = walk;
    this.#iterator = this.#fresh();
  }

  advance(): boolean {
    const result = this.#iterator?.next();
    if (result === undefined || result.done === true) {
      this.#iterator = undefined;
      this.value = undefined;
      return false;
    }
    this.value = result.value;
    return true;
  }

  close(): void {}

  abandon(): void {}

  /** How many of today's entries it has passed; -1 at the end. */
  get position(): number {
    if (this.#iterator === undefined) return -1;
    let remaining = 0;
    while (this.#iterator.next().done !== true) remaining++;
    const position = this.collection.size - remaining;
    this.moveTo(position);
    return position;
  }

  moveTo(position: number): void {
    this.#iterator = position < 0 ? undefined : this.#fresh();
    for (let passed = 0; passed < position; passed++) this.#iterator?.next();
  }

  #fresh(): Iterator<unknown> {
    const { collection, walk } = this;
    const method = collection instanceof Map ? walks.map[walk] : walks.set[walk];
    return Reflect.apply(method as () => Iterator<unknown>, collection, []);
  }
}

export type CollectionCursor = OwnCollectionCursor;
export const CollectionCursor = oneClass("CollectionCursor", OwnCollectionCursor);
