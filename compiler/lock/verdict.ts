// Whether what released code stored fits what is compiled: the same rule as the runtime's, which judges frames.
//
//   released  { total*, line, ~it1 } for-of      compiled  { total*, ~it1 } for-of        →  fits: `line` is dropped
//                                                compiled  { total*, price, ~it1 } for-of →  `price` is missing
//
// Which jump was pending in a `finally` is each frame's own: where one of those that may have been is gone, the other frames fit.

import type { Slots, Version } from "./lock.ts";

export interface Verdict {
  readonly fits: boolean;
  /** Keys that the compiled code needs and frames do not have, or have as the other kind. */
  readonly missing: readonly string[];
  /** Keys that frames have and nothing needs. */
  readonly dropped: readonly string[];
  /** The region chain is another one. */
  readonly moved: boolean;
  /** Jumps that may be pending in frames, and lead nowhere. */
  readonly jumps: readonly string[];
}

type Compared = Pick<Version, "slots" | "regions" | "jumps">;

export function judge(released: Compared, compiled: Compared): Verdict {
  const { missing, dropped } = compareSlots(released.slots, compiled.slots);
  const moved = released.regions !== compiled.regions;
  // They are named by their places in the chain.
  const jumps = moved ? [] : lostJumps(released, compiled);
  return { fits: missing.length === 0 && !moved && jumps.length === 0, missing, dropped, moved, jumps };
}

/** Whatever frames of `other` hold, frames of `version` may hold. Kinds of slots count too: a fingerprint is of names alone. */
export function covers(version: Compared, other: Compared): boolean {
  const isSame = version.regions === other.regions && Object.keys(version.slots).join(" ") === Object.keys(other.slots).join(" ");
  return isSame && lostJumps(other, version).length === 0;
}

/** A completion that nothing needs is dropped with its jump. */
function lostJumps({ jumps = {} }: Compared, { slots, jumps: now = {} }: Compared): string[] {
  const lost = Object.entries(jumps).flatMap(([key, names]) => (Object.hasOwn(slots, key) ? names.filter((name) => !now[key]?.includes(name)) : []));
  return [...new Set(lost)];
}

/** A cell is another key than a value of the same name. */
export function compareSlots(released: Slots, compiled: Slots): { readonly missing: string[]; readonly dropped: string[] } {
  const without = (of: Slots, other: Slots): string[] => Object.keys(of).filter((key) => !Object.hasOwn(other, key));
  return { missing: without(compiled, released), dropped: without(released, compiled) };
}
