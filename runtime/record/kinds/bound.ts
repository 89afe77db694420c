// {"$bind": [target, this, …args]}: what `target.bind(…)` gave. Its parts exist before it does, so they are read to make it.

import { bound } from "../../values/bound.ts";
import { corrupt, type Kind, via } from "../../codec/kind.ts";
import { extraKeys, listPayload } from "../../codec/fields.ts";
import type { Bound, CompiledFunction } from "../../strands/registry.ts";
import { shared } from "../../realm/shared.ts";

export const boundKind: Kind<CompiledFunction> = {
  tag: "$bind",
  test: (value) => shared.tags.get(value)?.kind === "bound",
  encode(value, write) {
    const { target, self, args } = shared.tags.get(value) as Bound;
    return [write(target, via("(target)")), write(self, via("(this)")), ...args.map((part, index) => write(part, via(`(${index})`)))];
  },
  extras: (value) => extraKeys(value, (key) => key === "name" || key === "length"),
  create(payload, read) {
    const [target, self, ...args] = listPayload(payload).map((part, index) => read(part, via(`(${index})`)));
    return typeof target === "function" ? bound(target, [self, ...args]) : corrupt("only functions can be bound");
  },
};
