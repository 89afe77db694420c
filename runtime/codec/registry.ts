// Which kind a value or a tag belongs to: the caller's kinds first, then the built-in ones.
//
// Tags and prototypes are looked up in maps, never as properties of an object: a frame that says `constructor` or
// `__proto__` finds nothing.

import { builtins } from "./builtins.ts";
import type { Kind } from "./kind.ts";

export interface Registry {
  readonly byPrototype: ReadonlyMap<object, Kind>;
  readonly byTag: ReadonlyMap<string, Kind>;
  readonly withInstances: readonly Kind[];
  readonly withTest: readonly Kind[];
}

export function registryOf(kinds: readonly Kind[] | undefined): Registry {
  if (kinds === undefined || kinds.length === 0) return (none ??= own([]));
  let registry = known.get(kinds);
  if (registry === undefined) known.set(kinds, (registry = own(kinds)));
  return registry;
}

export function kindOfTag(registry: Registry, tag: string): Kind | undefined {
  return registry.byTag.get(tag) ?? builtinRegistry().byTag.get(tag);
}

export function kindOfPrototype(registry: Registry, prototype: object): Kind | undefined {
  return registry.byPrototype.get(prototype) ?? builtinRegistry().byPrototype.get(prototype);
}

const known = new WeakMap<readonly Kind[], Registry>();
let base: Registry | undefined;
let none: Registry | undefined;

// Made at first use: the module has no effects when it is only imported.
function builtinRegistry(): Registry {
  return (base ??= own(builtins()));
}

function own(kinds: readonly Kind[]): Registry {
  const byPrototype = new Map<object, Kind>();
  const byTag = new Map<string, Kind>();
  for (const kind of kinds) {
    if (byTag.has(kind.tag)) throw new TypeError(`two kinds have the tag ${kind.tag}`);
    byTag.set(kind.tag, kind);
    for (const prototype of kind.prototypes ?? []) byPrototype.set(prototype, kind);
  }
  return {
    byPrototype,
    byTag,
    withInstances: kinds.filter((kind) => kind.instances !== undefined),
    withTest: kinds.filter((kind) => kind.test !== undefined),
  };
}
