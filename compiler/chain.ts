// What is around a place of a machine and has a meaning for what happens after it: its *region chain*.
//
//   for (const x of xs) { try { await a(x) } finally { await b(x) } }
//   →  a: for-of(x)/try      b: for-of(x)/finally      in a generator: generator/for-of(x)/try
//
// A loop or a pattern that keeps an iterator is named with what it gives its values to, `for-of([id,line]:entries)`: an iterator of lines is none of people.
// A list that is awaited, `Promise.all([price(), listen(p)])`, is a part of the chain too, since its answers are known by their places. Two places with one
// chain hold the same iterators, completions and resources under the same keys, so these are numbered along
// the chain: never in the order of the source, which edits elsewhere change.

import { digest, short } from "./hash.ts";

/** What a link of the chain keeps in a slot. */
export type Kept = "cursor" | "completion" | "resources";

/** A chain by its innermost link. The numbers count links of the chain, this one included. */
export interface Link {
  /** `for-of`, `finally`. */
  readonly word: string;
  /** `x` of a loop over values. */
  readonly of: string;
  readonly around: Chain;
  readonly loops: number;
  readonly cursor: number;
  readonly completion: number;
  readonly resources: number;
  readonly digest: number;
}

export type Chain = Link | null;

const loops = new Set(["while", "do", "for", "for-in", "for-of", "for-await"]);

export function inside(around: Chain, word: string, keeps: Kept | null = null, of = ""): Link {
  const more = (kept: Kept): number => (around?.[kept] ?? 0) + (keeps === kept ? 1 : 0);
  return {
    word, of, around, loops: (around?.loops ?? 0) + (loops.has(word) ? 1 : 0),
    cursor: more("cursor"), completion: more("completion"), resources: more("resources"),
    digest: around ? digest(`/${text(word, of)}`, around.digest) : digest(text(word, of)),
  };
}

function text(word: string, of: string): string {
  return of === "" ? word : `${word}(${of})`;
}

/** From outside inwards. */
export function words(chain: Chain): string[] {
  const found: string[] = [];
  for (let link = chain; link; link = link.around) found.push(text(link.word, link.of));
  return found.reverse();
}

/** Five characters, "" for the empty chain: `for-of(x)/try` is hashed as this text. */
export function chainHash(chain: Chain): string {
  return chain ? short(chain.digest) : "";
}
