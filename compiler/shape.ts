// What a compiled flow is, as the lock file says it: its points and functions with their slots, and by what each is found again.

import { classMembers } from "./class-parts.ts";
import { type Unit, usesOwnThis } from "./facts.ts";
import { keyAt, type Machine, type Point } from "./ir.ts";
import type { Jumps, ReleasedFlow, ReleasedPoint, ReleasedUnit } from "./lock/lock.ts";
import { pointKey } from "./lock/lock.ts";
import { textHash } from "./hash.ts";
import type { Source } from "./passes/1-find.ts";
import { marksOfPoint, marksOfUnit } from "./passes/7-marks.ts";
import { fingerprint } from "./passes/7-name-slots.ts";
import { pointName, pointsInOrder, unitName, unitsInOrder } from "./passes/7-name.ts";
import type { LoweredFlow } from "./passes/8-emit.ts";
import { environmentOf } from "./passes/8-emit-emitter.ts";
import { pendingJumps } from "./passes/8-emit-machine.ts";

/** Gives the type of what is declared at an offset of the source; "" where nobody knows. */
export type TypeAt = (offset: number) => string;

export function shapeOf(flow: LoweredFlow, source: Source, typeAt: TypeAt): ReleasedFlow {
  const { site, facts, ids, machines } = flow;
  const { file } = source;
  const points: Record<string, ReleasedPoint> = {};
  for (const [unit, machine] of machines) {
    let after = "";
    for (const point of pointsInOrder(machine)) {
      points[pointKey(ids.get(unit) as string, point.id)] = pointShape(point, machine, source, after, typeAt);
      after = point.id;
    }
  }
  const units: Record<string, ReleasedUnit> = {};
  const visit = (around: Unit): void => {
    let after = "";
    for (const unit of unitsInOrder(around)) {
      const id = ids.get(unit) as string;
      if (unit.kind !== "inline") units[id] = unitShape(unit, id, ids.get(around) as string, after, (offset) => typeAt(offset));
      after = id;
      visit(unit);
    }
  };
  visit(facts.root);
  return { file: source.fileName, text: textHash(site.fn.getText(file)), points, units, retired: [], migrated: [] };
}

function pointShape(point: Point, machine: Machine, source: Source, after: string, typeAt: TypeAt): ReleasedPoint {
  const slots = Object.fromEntries(point.live.list().filter(({ called }) => called === undefined).map((slot) => {
    const { binding } = slot;
    return [`${keyAt(point, slot)}${binding?.cell ? "*" : ""}`, binding ? typeAt(binding.node.getStart(source.file)) : ""];
  }));
  if (usesOwnThis(machine.unit)) slots["this"] = "";
  const { text, target, regions, near } = marksOfPoint(point);
  const { name } = pointName(point, machine.unit, source);
  return {
    slots: sorted(slots), regions, fingerprint: fingerprint(point), ...jumpsAt(point, machine),
    ...(name === unnumbered(point.id) ? {} : { name }), text, ...(target === "" ? {} : { target }), near: near.join(" "), after,
  };
}

function jumpsAt(point: Point, machine: Machine): { readonly jumps?: Jumps } {
  const jumps = pendingJumps(machine, point).map(([key, names]) => [key, names.toSorted()] as const);
  return jumps.length > 0 ? { jumps: sorted(Object.fromEntries(jumps)) } : {};
}

function unitShape(unit: Unit, id: string, around: string, after: string, typeAt: TypeAt): ReleasedUnit {
  const types = new Map([...unit.captures].map(([binding, key]) => [binding.cell ? `${key}*` : key, typeAt(binding.node.getStart())]));
  const env = Object.fromEntries(environmentOf(unit).map((key) => [key, types.get(key) ?? ""]));
  const { text, near } = marksOfUnit(unit);
  const name = unitName(unit);
  const own = unnumbered(id.slice(Math.max(id.lastIndexOf("#"), id.lastIndexOf("/")) + 1));
  const members = classMembers(unit.node);
  return { kind: kindOf(unit), in: around, env: sorted(env), ...(members.length > 0 ? { members } : {}), ...(name === own ? {} : { name }), text, near: near.join(" "), after };
}

function kindOf({ kind, generator, async }: Unit): string {
  if (kind !== "machine") return kind;
  if (!generator) return "strand";
  return async ? "async generator" : "generator";
}

function unnumbered(id: string): string {
  return id.replace(/\.\d+$/, "");
}

function sorted<T>(of: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(of).sort(([a], [b]) => (a < b ? -1 : 1)));
}
