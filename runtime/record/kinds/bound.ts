// {"$bind": [target, this, …args]}: what `target.bind(…)` gave. Its parts exist before it does, so they are read to make it.

import { bound } from "../../values/bound.ts";
import { corrupt, type Kind, refuse, via } from "../../codec/kind.ts";
import { extraKeys, listPayload } from "../../codec/fields.ts";
import { ownExtras } from "./closure-properties.ts";
import { type Bound, type CompiledFunction, isCompiled } from "../../strands/registry.ts";
import { shared } from "../../realm/shared.ts";

export const boundKind: Kind<CompiledFunction> = {
  tag: "$bind",
  test: (value) => shared.tags.get(value)?.kind === "bound",
  encode(value, write) {
    const { target, self, args } = shared.tags.get(value) as Bound;
    return [write(target, via("(target)")), write(self, via("(this)")), ...args.map((part, index) => write(part, via(`(${index})`)))];
  },
  extras: extrasOf,
  create(payload, read) {
    const [target, self, ...args] = listPayload(payload).map((part, index) => read(part, via(`(${index})`)));
    return typeof target === "function" ? bound(target, [self, ...args]) : corrupt("only functions can be bound");
  },
};

/** Its name and length are taken from the target's when it is bound; they are stored where they are not those that binding it anew would give. */
function extrasOf(value: CompiledFunction): readonly PropertyKey[] {
  const { target, self, args } = shared.tags.get(value) as Bound;
  for (const key of ["name", "length"]) if (!Object.hasOwn(value, key)) refuse(`a bound function whose \`${key}\` was deleted`, "Leave it.");
  const anew = bound(target, [self, ...args]);
  const ofTarget = extrasOfTarget(target);
  return extraKeys(value, (key) => (key === "name" || key === "length") && !ofTarget.includes(key) && isSame(value, anew, key));
}

/** When the bound function is read, the target may not have them yet. */
function extrasOfTarget(target: CompiledFunction): readonly PropertyKey[] {
  switch (shared.tags.get(target)?.kind) {
    case "bound": return extrasOf(target);
    case undefined: return [];
    default: return isCompiled(target) ? ownExtras(target) : [];
  }
}

function isSame(one: CompiledFunction, other: CompiledFunction, key: PropertyKey): boolean {
  const [a, b] = [one, other].map((made) => Object.getOwnPropertyDescriptor(made, key));
  return a?.value === b?.value && a?.writable === b?.writable && a?.enumerable === b?.enumerable && (a?.configurable === b?.configurable || !Object.isExtensible(one));
}
