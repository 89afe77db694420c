// Which slots of a machine are live at a place, as bits: a flow of n locals and n resume points has n² pairs of them, too many
// for lists. Of 10,000 by 10,000 the bits take 12 MB.

import type { Slot } from "./ir.ts";

/** The slots of a machine in the order in which frames hold them. */
export class SlotOrder {
  readonly slots: readonly Slot[];
  private readonly indexes: ReadonlyMap<Slot, number>;

  constructor(slots: readonly Slot[]) {
    this.slots = slots;
    this.indexes = new Map(slots.map((slot, i) => [slot, i]));
  }

  /** Undefined for a slot that no frame holds. */
  index(slot: Slot): number | undefined {
    return this.indexes.get(slot);
  }

  /** So many empty sets, side by side in one array: an array for each costs more than what it holds. */
  empty(count: number): SlotSet[] {
    const width = (this.slots.length + 31) >>> 5;
    const used = (width + 31) >>> 5;
    const words = new Uint32Array((width + used) * count);
    return Array.from({ length: count }, (_, i) => new SlotSet(this, words, i * (width + used), used));
  }
}

/**
 * Most slots live over a few statements, so of a long flow's words nearly all are zero: before them stand bits that say which are not.
 * A step of pass 6 looks at these alone, and costs what is live, not how long the flow is.
 */
export class SlotSet {
  readonly order: SlotOrder;
  private readonly words: Uint32Array;
  /** Where the bits of the words begin, and where the words. */
  private readonly from: number;
  private readonly first: number;

  constructor(order: SlotOrder, words: Uint32Array, from: number, used: number) {
    this.order = order;
    this.words = words;
    this.from = from;
    this.first = from + used;
  }

  add(slot: Slot): void {
    const index = this.order.index(slot);
    if (index !== undefined) this.put(index >>> 5, 1 << (index & 31));
  }

  delete(slot: Slot): void {
    const index = this.order.index(slot);
    if (index !== undefined) (this.words[this.first + (index >>> 5)] as number) &= ~(1 << (index & 31));
  }

  has(slot: Slot): boolean {
    const index = this.order.index(slot);
    return index !== undefined && (this.word(index >>> 5) & (1 << (index & 31))) !== 0;
  }

  /** Adds what is in `other` and not in `without`; true where that changed anything. */
  addAll(other: SlotSet, without: SlotSet | null): boolean {
    let changed = false;
    for (let at = this.from, group = 0; at < this.first; at++, group += 32)
      for (let used = other.words[other.from + group / 32] as number; used !== 0; used &= used - 1) {
        const i = group + 31 - Math.clz32(used & -used);
        const more = other.word(i) & ~(without ? without.word(i) : 0) & ~this.word(i);
        if (more === 0) continue;
        this.put(i, more);
        changed = true;
      }
    return changed;
  }

  private word(i: number): number {
    return this.words[this.first + i] as number;
  }

  private put(i: number, bits: number): void {
    (this.words[this.first + i] as number) |= bits;
    (this.words[this.from + (i >>> 5)] as number) |= 1 << (i & 31);
  }

  /** The words that are not zero, each with its place. */
  private each(found: (word: number, i: number) => void): void {
    for (let at = this.from, group = 0; at < this.first; at++, group += 32)
      for (let used = this.words[at] as number; used !== 0; used &= used - 1) {
        const i = group + 31 - Math.clz32(used & -used);
        found(this.word(i), i);
      }
  }

  get size(): number {
    let size = 0;
    this.each((word) => {
      for (let rest = word; rest !== 0; rest &= rest - 1) size++;
    });
    return size;
  }

  /** The bits of sixteen slots, the first of them the lowest bit. */
  sixteen(group: number): number {
    return (this.word(group >>> 1) >>> ((group & 1) * 16)) & 0xffff;
  }

  list(): Slot[] {
    const found: Slot[] = [];
    this.each((word, i) => {
      for (let rest = word; rest !== 0; rest &= rest - 1) found.push(this.order.slots[i * 32 + 31 - Math.clz32(rest & -rest)] as Slot);
    });
    return found;
  }
}

/** What a point keeps until pass 6 has said so. */
export const noSlots = new SlotSet(new SlotOrder([]), new Uint32Array(), 0, 0);
