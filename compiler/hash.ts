// The short hash in ids of what has no name of its own.

const START = 0x811c9dc5;

/** FNV-1a, 32 bit (Fowler, Noll, Vo). `before`: the digest of a text that `text` goes on. */
export function digest(text: string, before = START): number {
  let h = before;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return h;
}

/** A digest as five characters of base 32: enough to tell a few dozen awaits of one flow apart. */
export function short(digested: number): string {
  return digested.toString(32).padStart(7, "0").slice(-5);
}

export function hash(text: string): string {
  return short(digest(text));
}

/** Ten characters over the text as it stands. */
export function textHash(text: string): string {
  const plain = text.replaceAll("\r\n", "\n");
  return short(digest(plain)) + short(digest([...plain].reverse().join("")));
}
