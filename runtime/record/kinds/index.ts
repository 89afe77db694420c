// What the codec learns from the runtime: how the values that only runs have become text.

import type { Kind } from "../../codec/kind.ts";
import { defaultLimits, type Limits } from "../../codec/limits.ts";
import type { RunEnv } from "../../run/step.ts";
import { asyncCursorKind } from "./async-cursor.ts";
import { cellKind, tdzKind } from "./cell.ts";
import { boundKind } from "./bound.ts";
import { classKind } from "./class.ts";
import { prototypeKind } from "./prototype.ts";
import { closureKind, flowKind } from "./closure.ts";
import { contextKind, externalKind, templateKind } from "./named.ts";
import { cursorKinds } from "./cursor.ts";
import { intrinsicKind } from "./intrinsic.ts";
import { instanceKind } from "./instance.ts";
import { partKind } from "./class-part.ts";
import { durableKind } from "./durable.ts";
import { asyncGeneratorKind } from "./async-generator.ts";
import { generatorKind } from "./generator.ts";
import { errorKind } from "./error.ts";
import { argumentsKind } from "../../values/arguments.ts";
import { referenceKind } from "./reference.ts";
import { resolverKinds } from "./resolver.ts";
import { resourcesKind } from "./resources.ts";

const base: readonly Kind[] = [
  durableKind, cellKind, tdzKind, flowKind, boundKind, ...resolverKinds, closureKind, classKind, partKind, instanceKind, prototypeKind, intrinsicKind, templateKind, contextKind, externalKind, errorKind, referenceKind,
  argumentsKind, asyncCursorKind, resourcesKind, generatorKind, asyncGeneratorKind, ...cursorKinds,
] as readonly unknown[] as readonly Kind[];

const extended = new WeakMap<readonly Kind[], readonly Kind[]>();

/** The same list for the same `more`, as the codec wants it. */
export function kindsWith(more: readonly Kind[] | undefined): readonly Kind[] {
  if (more === undefined || more.length === 0) return base;
  let list = extended.get(more);
  if (list === undefined) extended.set(more, (list = [...base, ...more]));
  return list;
}

/** How the codec writes values of a run: with the kinds and the limits that its host was given. */
export function codecOf({ kinds, codec }: Pick<RunEnv, "kinds" | "codec">): { readonly kinds: readonly Kind[]; readonly limits?: Partial<Limits> } {
  return { kinds: kindsWith(kinds), ...(codec?.limits === undefined ? {} : { limits: codec.limits }) };
}

/** How it reads them: what was stored under other limits is still the run's, so limits that were lowered bound what is written alone. */
export function readingOf({ kinds, codec }: Pick<RunEnv, "kinds" | "codec">): { readonly kinds: readonly Kind[]; readonly limits?: Limits } {
  const { limits } = codec ?? {};
  if (limits === undefined) return { kinds: kindsWith(kinds) };
  const names = Object.keys(defaultLimits) as (keyof Limits)[];
  const highest = Object.fromEntries(names.map((name) => [name, Math.max(limits[name] ?? 0, defaultLimits[name])])) as unknown as Limits;
  return { kinds: kindsWith(kinds), limits: highest };
}
