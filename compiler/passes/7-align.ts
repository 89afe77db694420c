// Finds released points and functions again in an edited source, so that they keep their ids.
//
// Takes   what is released in one function, and what is there, both in source order, each by its name and its marks: the text of what
//         is awaited, the region chain, what its value is given to, its slots, the statements beside it.
// Gives   for each item the released id that it keeps, or none; and what could not be decided.
// Keeps   doubt: where two answers are possible it gives none. An id on the wrong await would resume a stored run in the wrong place.
//
//   released  listen:x  a = await listen(x)          listen:x.2  b = await listen(x)
//   edited    c = await listen(x);  a = await listen(x);  b = await listen(x)
//   →  the second keeps listen:x, the third listen:x.2, the first is new

export interface Marks {
  /** The id that it has by itself, before equal ones are numbered. */
  readonly name: string;
  readonly text: string;
  readonly regions: string;
  readonly target: string;
  readonly slots: string;
  /** The statements before and behind its own, and the heads of those around it. */
  readonly near: readonly [before: string, behind: string, around: string];
}

export interface Item extends Marks {
  /** Given by the author: an item with a label is found by that alone. */
  readonly label?: string | undefined;
}

export interface KnownItem extends Marks {
  readonly id: string;
}

interface Alignment {
  /** By the place of the item. */
  readonly kept: ReadonlyMap<number, string>;
  readonly doubts: readonly Doubt[];
  /** Released ids without an item. */
  readonly gone: readonly string[];
}

/** Released ids, and the places of the items that each of them may be. */
interface Doubt {
  readonly ids: readonly string[];
  readonly items: readonly number[];
}

/** `ordered`: the released ones are in the order of their source. */
export function align(known: readonly KnownItem[], items: readonly Item[], ordered: boolean): Alignment {
  const matching = new Matching(known, items, ordered);
  matching.labels();
  // By what its value is given to it may have moved past others.
  matching.unique(({ name, text, target, regions, slots }) => target && [name, text, target, regions, slots].join("\n"));
  matching.unique(({ name, text, target }) => target && [name, text, target].join("\n"));
  matching.alone(({ name }) => name);
  // From here on nothing moves past what is found.
  matching.unique(({ name, text, regions, slots }) => [name, text, regions, slots].join("\n"), true);
  matching.unique(({ name, text, regions }) => [name, text, regions].join("\n"), true);
  matching.inOrder(({ name }) => name);
  const doubts = matching.doubts(({ name }) => name);
  // What is left may stand under another name: what is around it is a part of some names.
  matching.alone(({ text }) => text);
  matching.unique(({ text, target }) => [text, target].join("\n"), true);
  matching.inOrder(({ name }) => calleeOf(name));
  return { doubts: [...doubts, ...matching.doubts(({ name }) => calleeOf(name))], kept: matching.kept(), gone: matching.gone() };
}

/** `price~k3f0a` → `price` */
function calleeOf(name: string): string {
  return name.replace(/~[0-9a-v]{5}$/, "");
}

type Key = (marks: Marks) => string;

class Matching {
  private readonly known: readonly KnownItem[];
  private readonly items: readonly Item[];
  private readonly ordered: boolean;
  /** Places of items by those of released ones, and the other way round. */
  private readonly itemOf = new Map<number, number>();
  private readonly knownOf = new Map<number, number>();
  private readonly doubted = new Set<number>();

  constructor(known: readonly KnownItem[], items: readonly Item[], ordered: boolean) {
    this.known = known;
    this.items = items;
    this.ordered = ordered;
  }

  labels(): void {
    const ids = new Map(this.known.map(({ id }, k) => [id, k]));
    for (const [i, { label }] of this.items.entries()) {
      const k = label === undefined ? undefined : ids.get(label);
      if (k !== undefined && !this.itemOf.has(k)) this.pair(k, i);
    }
  }

  /** Pairs what is left with a key that nothing else that is left has, "" for none; `between`: the same fixed neighbours. */
  unique(key: Key, between = false): void {
    for (const { known: [k, ...others], items: [i, ...more] } of this.groups(key, between))
      if (k !== undefined && i !== undefined && others.length + more.length === 0 && !(between && this.isElsewhere(k, i))) this.pair(k, i);
  }

  /** They stand in different statements, and one of them in those of another one: what is live is no answer to that. */
  private isElsewhere(k: number, i: number): boolean {
    const [known, item] = [this.known[k] as KnownItem, this.items[i] as Item];
    const isBeside = (one: Marks, other: Marks): boolean => one.name === other.name && one.near[2] === other.near[2];
    if (isBeside(known, item)) return false;
    return this.freeItems().some((other) => isBeside(known, this.items[other] as Item)) || this.freeKnown().some((other) => isBeside(this.known[other] as KnownItem, item));
  }

  /** Pairs what has a key that nothing else has, found or not. */
  alone(key: Key): void {
    const [ofKnown, ofItems] = [counts(this.known, key), counts(this.items, key)];
    for (const { known: [k], items: [i] } of this.groups(key, false)) {
      if (k === undefined || i === undefined) continue;
      const name = key(this.known[k] as KnownItem);
      if (ofKnown.get(name) === 1 && ofItems.get(name) === 1 && !this.isContradicted(k, i)) this.pair(k, i);
    }
  }

  /** The very text that was released stands under another name. */
  private isContradicted(k: number, i: number): boolean {
    const { text } = this.known[k] as KnownItem;
    return (this.items[i] as Item).text !== text && this.freeItems().some((other) => (this.items[other] as Item).text === text);
  }

  /** Between two fixed neighbours, where as many were released as there are: in their order, where nothing speaks for another one. */
  inOrder(key: Key): void {
    if (!this.ordered) return;
    for (const { known, items } of this.groups(key, true))
      if (known.length === items.length && this.isInOrder(known, items)) for (const [n, k] of known.entries()) this.pair(k, items[n] as number);
  }

  /**
   * Of several each must still stand beside a statement that it stood beside: else one may be gone and another be new. Where as much speaks for another
   * one, these two must stand in the same statements: else they may have changed places.
   */
  private isInOrder(known: readonly number[], items: readonly number[]): boolean {
    const around = (i: number): string => (this.items[i] as Item).near[2];
    return known.every((k, n) => {
      const item = items[n] as number;
      const own = this.speaks(k, item);
      const isSurer = (i: number): boolean => i === item || this.speaks(k, i) < own || (this.speaks(k, i) === own && around(i) === around(item));
      return (known.length === 1 || own > 0) && !this.isContradicted(k, item) && items.every(isSurer);
    });
  }

  private speaks(k: number, i: number): number {
    const [known, item] = [this.known[k] as KnownItem, this.items[i] as Item];
    const same = (mark: (of: Marks) => string): number => (mark(known) === mark(item) ? 1 : 0);
    return same(({ near }) => near[0]) + same(({ near }) => near[1]) + same(({ near }) => near[2]) + (known.target === "" ? 0 : 2 * same(({ target }) => target));
  }

  /** Released ones that are left with items they may be. */
  doubts(key: Key): Doubt[] {
    const found = this.groups(key, false).filter(({ known, items }) => known.length > 0 && items.length > 0);
    for (const { known } of found) for (const k of known) this.doubted.add(k);
    return found.map(({ known, items }) => ({ ids: known.map((k) => (this.known[k] as KnownItem).id), items }));
  }

  kept(): Map<number, string> {
    return new Map([...this.knownOf].map(([i, k]) => [i, (this.known[k] as KnownItem).id]));
  }

  gone(): string[] {
    return this.freeKnown().map((k) => (this.known[k] as KnownItem).id);
  }

  private pair(k: number, i: number): void {
    this.itemOf.set(k, i);
    this.knownOf.set(i, k);
  }

  private freeKnown(): number[] {
    return this.known.flatMap((_, k) => (this.itemOf.has(k) || this.doubted.has(k) ? [] : [k]));
  }

  private freeItems(): number[] {
    return this.items.flatMap(({ label }, i) => (this.knownOf.has(i) || label !== undefined ? [] : [i]));
  }

  private groups(key: Key, between: boolean): { known: number[]; items: number[] }[] {
    const groups = new Map<string, { known: number[]; items: number[] }>();
    const group = (name: string): { known: number[]; items: number[] } => {
      let found = groups.get(name);
      if (!found) groups.set(name, (found = { known: [], items: [] }));
      return found;
    };
    if (between && !this.ordered) return [];
    const beside = between ? [gaps(this.known.length, (k) => (this.itemOf.has(k) ? k : undefined)), gaps(this.items.length, (i) => this.knownOf.get(i))] as const : undefined;
    for (const k of this.freeKnown()) {
      const name = key(this.known[k] as KnownItem);
      if (name !== "") group(`${name}\n${beside?.[0][k]}`).known.push(k);
    }
    for (const i of this.freeItems()) {
      const name = key(this.items[i] as Item);
      if (name !== "") group(`${name}\n${beside?.[1][i]}`).items.push(i);
    }
    return [...groups.values()];
  }
}

/** Of each place the fixed ones before and behind it: `fixed` gives the released place of one that is found. */
function gaps(length: number, fixed: (place: number) => number | undefined): string[] {
  const before: (number | undefined)[] = [];
  for (let at = 0, last: number | undefined; at < length; at++) {
    before.push(last);
    last = fixed(at) ?? last;
  }
  const found: string[] = [];
  for (let at = length - 1, next: number | undefined; at >= 0; at--) {
    found.push(`${before[at] ?? ""}–${next ?? ""}`);
    next = fixed(at) ?? next;
  }
  return found.reverse();
}

function counts(list: readonly Marks[], key: Key): Map<string, number> {
  const found = new Map<string, number>();
  for (const each of list) found.set(key(each), (found.get(key(each)) ?? 0) + 1);
  return found;
}
