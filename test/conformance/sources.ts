// Where programs come from: a folder of written ones, or a seed.

import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { generate } from "./generate.ts";
import type { Source } from "./judge.ts";
import { loadSuite } from "./program.ts";

/** The corpus; ids are relative to it even when only a part is run. */
export const hazards = fileURLToPath(new URL("../../fixtures/hazards", import.meta.url));

export function suite(paths: readonly string[], only?: string): Source {
  const programs = paths
    .flatMap((path) => loadSuite(resolve(path), resolve(path).startsWith(hazards) ? hazards : resolve(path)))
    .filter(({ id }) => only === undefined || new RegExp(only).test(id));
  return { size: programs.length, programs, mayFailNatively: false };
}

export interface Generated {
  readonly count: number;
  readonly seed: number;
  readonly features: readonly string[];
}

export function generated({ count, seed, features }: Generated): Source {
  return { size: count, programs: range(count, (i) => generate(seed * 1_000_000 + i, features)), mayFailNatively: true };
}

function* range<T>(count: number, make: (i: number) => T): Iterable<T> {
  for (let i = 0; i < count; i++) yield make(i);
}
