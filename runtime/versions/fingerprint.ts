// The short name of what a point was like: `listen:decision@k3f0a`. The compiler makes the same of the same.

import { isReference, type Slot, thisSlot } from "./atoms.ts";

/** Five characters over the region chain's hash and the sorted keys; whether a slot is a cell is compared slot by slot. */
export function fingerprint(region: string, slots: readonly Pick<Slot, "key">[]): string {
  return hash([region, ...slots.map(({ key }) => key).filter((key) => key !== thisSlot.key && !isReference(key)).sort()].join(" "));
}

/** FNV-1a, 32 bit, as five characters of base 32: enough to tell apart what one point was like over time. */
function hash(text: string): string {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return `0000000${h.toString(32)}`.slice(-5);
}
