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

  empty(): SlotSet {
    return new SlotSet(this, new Uint32Array((this.slots.length + 31) >>> 5));
  }
}

export class SlotSet {
  readonly order: SlotOrder;
  private readonly words: Uint32Array;

  constructor(order: SlotOrder, words: Uint32Array) {
    this.order = order;
    this.words = words;
  }

  /** True where the slot was not there before. */
  add(slot: Slot): boolean {
    const index = this.order.index(slot);
    if (index === undefined) return false;
    const before = this.words[index >>> 5] as number;
    const after = (before | (1 << (index & 31))) >>> 0;
    this.words[index >>> 5] = after;
    return after !== before;
  }

  /** Adds what is in `other` and not among `without`; true where that changed anything. */
  addAll(other: SlotSet, without: Iterable<Slot>): boolean {
    let from = other.words;
    for (const slot of without) {
      const index = this.order.index(slot);
      if (index === undefined) continue;
      if (from === other.words) from = from.slice();
      (from[index >>> 5] as number) &= ~(1 << (index & 31));
    }
    let changed = false;
    for (let i = 0; i < from.length; i++) {
      const before = this.words[i] as number;
      const after = (before | (from[i] as number)) >>> 0;
      if (after === before) continue;
      this.words[i] = after;
      changed = true;
    }
    return changed;
  }

  get size(): number {
    let size = 0;
    for (let word of this.words) for (; word !== 0; word &= word - 1) size++;
    return size;
  }

  /** The bits of sixteen slots, the first of them the lowest bit. */
  sixteen(group: number): number {
    return ((this.words[group >>> 1] ?? 0) >>> ((group & 1) * 16)) & 0xffff;
  }

  list(): Slot[] {
    const found: Slot[] = [];
    for (const [i, word] of this.words.entries())
      for (let rest = word; rest !== 0; rest &= rest - 1) found.push(this.order.slots[i * 32 + 31 - Math.clz32(rest & -rest)] as Slot);
    return found;
  }
}

/** What a point keeps until pass 6 has said so. */
export const noSlots = new SlotOrder([]).empty();
