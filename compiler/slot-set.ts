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
    const words = new Uint32Array(width * count);
    return Array.from({ length: count }, (_, i) => new SlotSet(this, words, i * width, width));
  }
}

export class SlotSet {
  readonly order: SlotOrder;
  private readonly words: Uint32Array;
  private readonly from: number;
  private readonly width: number;

  constructor(order: SlotOrder, words: Uint32Array, from: number, width: number) {
    this.order = order;
    this.words = words;
    this.from = from;
    this.width = width;
  }

  add(slot: Slot): void {
    const index = this.order.index(slot);
    if (index !== undefined) (this.words[this.from + (index >>> 5)] as number) |= 1 << (index & 31);
  }

  has(slot: Slot): boolean {
    const index = this.order.index(slot);
    return index !== undefined && (this.word(index >>> 5) & (1 << (index & 31))) !== 0;
  }

  /** Adds what is in `other` and not in `without`; true where that changed anything. */
  addAll(other: SlotSet, without: SlotSet | null): boolean {
    let changed = false;
    for (let i = 0; i < this.width; i++) {
      const before = this.word(i);
      const more = without ? other.word(i) & ~without.word(i) : other.word(i);
      const after = (before | more) >>> 0;
      if (after === before) continue;
      this.words[this.from + i] = after;
      changed = true;
    }
    return changed;
  }

  private word(i: number): number {
    return this.words[this.from + i] as number;
  }

  get size(): number {
    let size = 0;
    for (let i = 0; i < this.width; i++) for (let word = this.word(i); word !== 0; word &= word - 1) size++;
    return size;
  }

  /** The bits of sixteen slots, the first of them the lowest bit. */
  sixteen(group: number): number {
    return (this.word(group >>> 1) >>> ((group & 1) * 16)) & 0xffff;
  }

  list(): Slot[] {
    const found: Slot[] = [];
    for (let i = 0; i < this.width; i++)
      for (let rest = this.word(i); rest !== 0; rest &= rest - 1) found.push(this.order.slots[i * 32 + 31 - Math.clz32(rest & -rest)] as Slot);
    return found;
  }
}

/** What a point keeps until pass 6 has said so. */
export const noSlots = new SlotSet(new SlotOrder([]), new Uint32Array(), 0, 0);
