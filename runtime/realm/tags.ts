// What a function made in a flow is. The mark is a private field on the function itself: a WeakMap of short-lived functions
// costs thirty times as much, most of it in the garbage collector.

import { Given } from "./given.ts";
import type { Tag } from "../strands/registry.ts";

export interface Tags {
  get(made: object): Tag | undefined;
  has(made: object): boolean;
  set(made: object, tag: Tag): void;
}

class Marked extends Given {
  #tag: Tag;

  constructor(made: object, tag: Tag) {
    super(made);
    this.#tag = tag;
  }

  static of(made: object): Tag | undefined {
    return #tag in made ? made.#tag : undefined;
  }

  static mark(made: object, tag: Tag): void {
    if (#tag in made) made.#tag = tag;
    // oxlint-disable-next-line no-new -- constructing it is what marks the function
    else new Marked(made, tag);
  }
}

export const ownTags: Tags = {
  get: (made) => Marked.of(made),
  has: (made) => Marked.of(made) !== undefined,
  set: (made, tag) => Marked.mark(made, tag),
};
