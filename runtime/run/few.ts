// A set that is empty in most runs: what holds its elements is made for the first one. A Set takes 200 bytes, and a run has several.

import { OwnSet } from "../realm/intrinsics.ts";

const none: ReadonlySet<never> = new OwnSet<never>();

export class Few<T> implements Iterable<T> {
  #set: Set<T> | undefined;

  get size(): number {
    return this.#set === undefined ? 0 : this.#set.size;
  }

  has(element: T): boolean {
    return this.#set !== undefined && this.#set.has(element);
  }

  add(element: T): void {
    (this.#set ??= new OwnSet()).add(element);
  }

  delete(element: T): void {
    this.#set?.delete(element);
  }

  clear(): void {
    this.#set?.clear();
  }

  [Symbol.iterator](): Iterator<T> {
    return (this.#set ?? none)[Symbol.iterator]();
  }
}
