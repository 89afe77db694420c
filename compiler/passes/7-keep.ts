// Keeps the ids of what is released: asks for each function of a flow which of its points and functions are those of the lock.
//
// Takes   what the lock says of the flow.
// Gives   the ids that are kept (Keeper, for pass 7's names), and what could not be decided.
// Keeps   retired ids retired, and the id of what is gone or in doubt unused.

import type { Unit } from "../facts.ts";
import type { Point } from "../ir.ts";
import { type Known, pointOf, type ReleasedFlow, type Slots } from "../lock/lock.ts";
import { align, type KnownItem } from "./7-align.ts";
import { type Keeper, unitName } from "./7-name.ts";
import { marksOfPoint, marksOfUnit } from "./7-marks.ts";

/** What pass 7 found out about the released points and functions of a flow. */
export interface Findings {
  readonly doubts: Found[];
  /** Labels that are retired ids. */
  readonly reused: { readonly id: string; readonly point: Point }[];
}

/** Released ids with the places in the source that each of them may be. */
export interface Found {
  readonly ids: readonly string[];
  readonly nodes: readonly (Point["node"] | Unit["node"])[];
}

export function keeperOf(released: ReleasedFlow, unitIds: () => ReadonlyMap<Unit, string>): { readonly keeper: Keeper; readonly findings: Findings } {
  const findings: Findings = { doubts: [], reused: [] };
  const retired = new Set(released.retired);
  const keeper: Keeper = {
    units(around, inOrder) {
      const known = Object.entries(released.units).filter(([, unit]) => unit.in === around).map(([id, unit]) => knownItem(id, unit, "", unit.env));
      const { items, ordered } = inSourceOrder(known, released.units, (id) => id);
      const found = align(items, inOrder.map((unit) => ({ name: unitName(unit), ...marksOfUnit(unit) })), ordered);
      for (const { ids, items: places } of found.doubts) findings.doubts.push({ ids, nodes: places.map((i) => (inOrder[i] as Unit).node) });
      return found.kept;
    },
    points({ unit }, inOrder) {
      const id = unitIds().get(unit) ?? "";
      const known = Object.entries(released.points).flatMap(([key, point]) => {
        const own = pointOf(key, id);
        return own === undefined ? [] : [knownItem(own, point, point.regions, point.slots)];
      });
      const { items, ordered } = inSourceOrder(known, released.points, (point) => `${id} ${point}`);
      // Of points with one label no label says which is which.
      const labels = inOrder.map(({ label }) => label);
      const isOwn = (label: string | undefined): boolean => labels.indexOf(label) === labels.lastIndexOf(label);
      const found = align(items, inOrder.map(({ point, name, label }) => ({ name, label: isOwn(label) ? label : undefined, ...marksOfPoint(point) })), ordered);
      for (const { ids, items: places } of found.doubts) findings.doubts.push({ ids: ids.map((point) => `${id} ${point}`), nodes: places.map((i) => (inOrder[i] as { point: Point }).point.node) });
      for (const { point, label } of inOrder) if (label !== undefined && retired.has(`${id} ${label}`)) findings.reused.push({ id: `${id} ${label}`, point });
      return found.kept;
    },
    usedPoints({ unit }) {
      const id = unitIds().get(unit) ?? "";
      return [...Object.keys(released.points), ...released.retired].flatMap((key) => pointOf(key, id) ?? []);
    },
    usedUnits: [...Object.keys(released.units), ...released.retired],
  };
  return { keeper, findings };
}

function knownItem(id: string, { name, text, target = "", near }: Known, regions: string, slots: Slots): KnownItem {
  const [before = "", behind = "", around = ""] = near.split(" ");
  return { id, name: name ?? ownName(id), text, target, regions, slots: Object.keys(slots).filter((key) => key !== "this").sort().join(" "), near: [before, behind, around] };
}

/** Of `approve#map~9qx2b/each.2` the last part, of equal ones without the number. */
function ownName(id: string): string {
  return id.slice(Math.max(id.lastIndexOf("#"), id.lastIndexOf("/")) + 1).replace(/\.\d+$/, "");
}

/** Each says what came before it. Where that is no chain, as after a careless merge, there is no order. */
function inSourceOrder<T extends { readonly id: string }>(known: readonly T[], entries: Readonly<Record<string, Known>>, key: (id: string) => string): { items: readonly T[]; ordered: boolean } {
  const next = new Map(known.map((item) => [entries[key(item.id)]?.after ?? "", item]));
  const items: T[] = [];
  for (let item = next.get(""); item && items.length < known.length; item = next.get(item.id)) items.push(item);
  return items.length === known.length ? { items, ordered: true } : { items: known, ordered: false };
}
