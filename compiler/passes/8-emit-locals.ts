// Writes how the locals of a resume point are saved and loaded.
//
//   { total, line }                     what a point saves
//   ({ total, line } = $f.locals);      what the entry loads for it
//
//   "total line"                        what the meta data says of it
//
// n locals that live at n points would be n² names. A machine with more than MANY is written with shared groups: the
// slots are the leaves of a tree with sixteen branches, parts of it that are live together at several points are saved and
// loaded by one helper. Two neighbouring points differ in few slots, so what a point adds is as small as the tree is high.
//
//   const $s1 = () => ({ a, b, … }), $l1 = ($x) => { ({ a, b, … } = $x); };
//   { ...$s1(), line }                  the same frame: keys and order stay what they are
//   $k1 + " line"                       the same text

import { keyAt, type Machine, type Point, type Slot } from "../ir.ts";
import { plainText } from "../roles.ts";

/** Names in all the frames of a machine. */
const MANY = 20_000;

export interface LocalsText {
  /** Declarations of the helpers. */
  readonly helpers: string;
  readonly save: (point: Point) => string;
  /** With a space before it; "" where there is nothing to load. */
  readonly load: (point: Point) => string;
  /** An expression: the keys of the slots, those of cells with `*`. */
  readonly slots: (point: Point) => string;
  /** An expression in which those of `slots` stand. */
  readonly withSlots: (text: string) => string;
}

export function localsText(machine: Machine, $: string): LocalsText {
  const names = machine.points.reduce((sum, point) => sum + point.live.size, 0);
  const groups = names > MANY ? new Groups($) : null;
  const parts = groups ? groupedLocals(machine, groups) : (point: Point): readonly Part[] => entries(point, point.live.list());
  return {
    get helpers() {
      return groups?.helpers() ?? "";
    },
    save: (point) => saveText(parts(point), $),
    load: (point) => loadText(parts(point), `${$}f.locals`, $),
    slots: (point) => slotsText(parts(point), $),
    withSlots: (text) => groups?.withSlots(text) ?? text,
  };
}

/** A slot with its key at a point. */
interface Entry {
  readonly slot: Slot;
  readonly key: string;
}

function entries(point: Point, slots: readonly Slot[]): Entry[] {
  return slots.map((slot) => ({ slot, key: keyAt(point, slot) }));
}

/** All points are put into groups before the first is written: what is shared is known then. */
function groupedLocals(machine: Machine, groups: Groups): (point: Point) => readonly Part[] {
  const trees = new Map(machine.points.map((point) => [point, groups.tree(point)]));
  return (point) => trees.get(point)?.flatMap((part) => groups.flat(part)) ?? [];
}

/** Slots that are live together, under the same keys. `uses` counts the groups and points it is part of. */
interface Group {
  readonly parts: readonly Part[];
  readonly number: number;
  uses: number;
}

type Part = Entry | Group;

const BRANCHES = 16;

/** Groups of the same content are one. */
class Groups {
  private readonly $: string;
  private readonly known = new Map<string, Group>();

  constructor($: string) {
    this.$ = $;
  }

  tree(point: Point): Part[] {
    const { live, keys } = point;
    let level = new Map<number, Group>();
    for (let i = 0; i * BRANCHES < live.order.slots.length; i++) {
      const bits = live.sixteen(i);
      if (bits === 0) continue;
      const slots = live.order.slots.slice(i * BRANCHES, (i + 1) * BRANCHES).filter((_, bit) => (bits >> bit) & 1);
      const own = slots.flatMap((slot) => keys.get(slot) ?? []);
      level.set(i, this.group(`${i}:${bits}:${own.join(" ")}`, entries(point, slots)));
    }
    while (level.size > 1) level = this.above(level);
    for (const root of level.values()) root.uses++;
    return [...level.values()];
  }

  private above(level: ReadonlyMap<number, Group>): Map<number, Group> {
    const children = new Map<number, Group[]>();
    for (const [i, group] of level) {
      const index = Math.floor(i / BRANCHES);
      const list = children.get(index);
      if (list) list.push(group);
      else children.set(index, [group]);
    }
    return new Map([...children].map(([i, list]) => [i, list.length === 1 ? (list[0] as Group) : this.group(list.map(({ number }) => number).join(), list)]));
  }

  private group(key: string, parts: readonly Part[]): Group {
    let group = this.known.get(key);
    if (group) return group;
    this.known.set(key, (group = { parts, number: this.known.size + 1, uses: 0 }));
    for (const part of parts) if (isGroup(part)) part.uses++;
    return group;
  }

  /** What is used once stands where it is used. */
  flat(part: Part): readonly Part[] {
    if (!isGroup(part) || isShared(part)) return [part];
    return part.parts.flatMap((inner) => this.flat(inner));
  }

  helpers(): string {
    const { $ } = this;
    return [...this.known.values()].filter(isShared).map((group) => {
      const parts = group.parts.flatMap((part) => this.flat(part));
      return `\n  const ${$}s${group.number} = () => (${saveText(parts, $)}), ${$}l${group.number} = (${$}x) => {${loadText(parts, `${$}x`, $)} };`;
    }).join("");
  }

  withSlots(text: string): string {
    const { $ } = this;
    const shared = [...this.known.values()].filter(isShared).map((group) => `${$}k${group.number} = ${slotsText(group.parts.flatMap((part) => this.flat(part)), $)}`);
    return shared.length > 0 ? `(() => { const ${shared.join(", ")}; return ${text}; })()` : text;
  }
}

function isGroup(part: Part): part is Group {
  return "parts" in part;
}

function isShared({ uses, parts }: Group): boolean {
  return uses > 1 && parts.length > 1;
}

function saveText(parts: readonly Part[], $: string): string {
  return parts.length > 0 ? `{ ${parts.map((part) => (isGroup(part) ? `...${$}s${part.number}()` : saved(part, $))).join(", ")} }` : "{}";
}

function loadText(parts: readonly Part[], from: string, $: string): string {
  const slots = parts.filter((part): part is Entry => !isGroup(part));
  const groups = parts.filter(isGroup).map(({ number }) => ` ${$}l${number}(${from});`);
  const read = slots.length > 0 ? ` ({ ${slots.map(loaded).join(", ")} } = ${from});` : "";
  return groups.join("") + read + slots.map(({ slot }) => (slot.reference ? ` ${slot.name} = ${$}.dereference(${$}f, ${JSON.stringify(plainText(slot.reference))}, ${slot.name});` : "")).join("");
}

function slotsText(parts: readonly Part[], $: string): string {
  const own = parts.filter((part): part is Entry => !isGroup(part) && part.slot.called === undefined).map(({ slot, key }) => (slot.binding?.cell ? `${key}*` : key));
  const groups = parts.filter(isGroup).map(({ number }) => `${$}k${number}`);
  return [...groups, ...(own.length > 0 || groups.length === 0 ? [JSON.stringify(own.join(" "))] : [])].join(' + " " + ');
}

function loaded({ slot, key }: Entry): string {
  return key === slot.name ? slot.name : `${JSON.stringify(key)}: ${slot.name}`;
}

function saved({ slot, key }: Entry, $: string): string {
  if (slot.reference) return `${JSON.stringify(key)}: ${$}.reference(${$}f, ${JSON.stringify(plainText(slot.reference))}, ${slot.name})`;
  // A key `__proto__` would set the prototype.
  return key === slot.name ? slot.name : `${key === "__proto__" ? `["__proto__"]` : JSON.stringify(key)}: ${slot.name}`;
}
