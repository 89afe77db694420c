// The short hash in ids of what has no name of its own.

/** FNV-1a, 32 bit (Fowler, Noll, Vo), as five characters of base 32: enough to tell a few dozen awaits of one flow apart. */
export function hash(text: string): string {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return h.toString(32).padStart(7, "0").slice(-5);
}
