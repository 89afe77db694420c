// Whether what released code stored fits what is compiled: the same rule as the runtime's, which judges frames.
//
//   released  { total*, line, ~it1 } for-of      compiled  { total*, ~it1 } for-of        →  fits: `line` is dropped
//                                                compiled  { total*, price, ~it1 } for-of →  `price` is missing

import type { Slots, Version } from "./lock.ts";

export interface Verdict {
  readonly fits: boolean;
  /** Keys that the compiled code needs and frames do not have, or have as the other kind. */
  readonly missing: readonly string[];
  /** Keys that frames have and nothing needs. */
  readonly dropped: readonly string[];
  /** The region chain is another one. */
  readonly moved: boolean;
}

export function judge(released: Pick<Version, "slots" | "regions">, compiled: Pick<Version, "slots" | "regions">): Verdict {
  const { missing, dropped } = compareSlots(released.slots, compiled.slots);
  const moved = released.regions !== compiled.regions;
  return { fits: missing.length === 0 && !moved, missing, dropped, moved };
}

/** A cell is another key than a value of the same name. */
export function compareSlots(released: Slots, compiled: Slots): { readonly missing: string[]; readonly dropped: string[] } {
  const without = (of: Slots, other: Slots): string[] => Object.keys(of).filter((key) => !Object.hasOwn(other, key));
  return { missing: without(compiled, released), dropped: without(released, compiled) };
}
