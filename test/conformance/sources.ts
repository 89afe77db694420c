// Where programs come from: a folder of written ones, or a seed.

import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { generate } from "./generate.ts";
import { loadSuite, type Program } from "./program.ts";

/** A program, or what it is made of: the process that runs it makes it. */
export type Made = Program | { readonly seed: number; readonly features: readonly string[] };

export interface Source {
  /** What the source is, so that a report is gone on with for the same one only. */
  readonly name: string;
  readonly size: number;
  at(index: number): Made;
  /** A program may be dropped when the oracle itself cannot run it (a random one), or must not (a written one). */
  readonly mayFailNatively: boolean;
}

/** The corpus; ids are relative to it even when only a part is run. */
export const hazards = fileURLToPath(new URL("../../fixtures/hazards", import.meta.url));

export function suite(paths: readonly string[], only?: string): Source {
  const programs = paths
    .flatMap((path) => loadSuite(resolve(path), resolve(path).startsWith(hazards) ? hazards : resolve(path)))
    .filter(({ id }) => only === undefined || new RegExp(only).test(id));
  const name = `${paths.join(" ")}${only === undefined ? "" : ` ${only}`}, ${programs.length} programs`;
  return { name, size: programs.length, at: (i) => programs[i] as Program, mayFailNatively: false };
}

interface Generated {
  readonly count: number;
  readonly seed: number;
  readonly features: readonly string[];
}

export function generated({ count, seed, features }: Generated): Source {
  generate(0, features); // throws here where a feature is unknown
  return { name: `seed ${seed}, features ${features.join(",") || "none"}`, size: count, at: (i) => ({ seed: seed * 1_000_000 + i, features }), mayFailNatively: true };
}

// Of random programs one in sixteen runs in realms of its own, the others in realms that served others (realm.ts).
const newRealmsEach = 16;

export function made(from: Made): Program {
  if ("text" in from) return from;
  return { ...generate(from.seed, from.features), reuse: from.seed % newRealmsEach !== 0 };
}
