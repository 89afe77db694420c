// What is stored, as the code that is loaded needs it: slots that it does not need are dropped, and what does not fit is refused by name.

import { UnknownPointError } from "../errors/load.ts";
import { type Meta, placeOf } from "../strands/registry.ts";
import { Cell } from "../values/cell.ts";
import { lookUp, type Reference } from "../values/reference.ts";
import { isReference, type PointAtom, type Slot, thisSlot } from "./atoms.ts";
import { loaded, pointOf } from "./build.ts";
import { type BuiltPoint, judge, reasonAt } from "./judge.ts";
import { migrated, type Standing } from "./migrations.ts";
import { misfitError } from "./tell.ts";

type Locals = Record<string, unknown>;

const { hasOwn, keys } = Object;

/** Where and with which locals the code goes on. @throws UnknownPoint, LocalsMisfit, RegionMisfit, MigrationFailed. */
export function fitted(stopped: Standing, runId: string | undefined): Pick<Standing, "point" | "locals"> {
  const built = pointOf(stopped.meta, stopped.point);
  if (built !== undefined && fits(stopped, built)) return at(stopped, built);
  const goesOn = lacksJump(stopped, built) ? undefined : migrated(stopped, fits, runId);
  if (goesOn !== undefined) return at(goesOn, pointOf(goesOn.meta, goesOn.point) as BuiltPoint);
  const atom = atomOf(stopped);
  const verdict = judge(atom, loaded);
  // The machine has no such point, and says so when the wait is over.
  if (verdict.is === "retired") return stopped;
  throw verdict.is === "misfit" ? misfitError(atom, verdict.reason, runId) : new UnknownPointError(placeOf(stopped), { runId });
}

/** Which no migration gives. */
function lacksJump(stopped: Standing, built: BuiltPoint | undefined): boolean {
  return built !== undefined && mayJump(built) && reasonAt(atomOf(stopped), built)?.why === "jump";
}

function at({ meta: { reads }, point, locals }: Standing, { slots }: BuiltPoint): Pick<Standing, "point" | "locals"> {
  const needed = narrowed(locals, slots, reads);
  if (reads !== undefined) lookUp(needed, reads);
  return { point, locals: needed };
}

function fits(stopped: Standing, built: BuiltPoint): boolean {
  if (stopped.region !== built.region || (built.self === true && !stopped.self) || !hasAll(stopped.locals, built.slots)) return false;
  return !mayJump(built) || reasonAt(atomOf(stopped), built) === undefined;
}

export function hasAll(locals: Locals, slots: readonly Slot[]): boolean {
  for (const { key, cell } of slots) if (!hasOwn(locals, key) || locals[key] instanceof Cell !== cell) return false;
  return true;
}

export const isCompletion = (key: string): boolean => key.startsWith("~c");

/** It stands in a `finally`, which may go on with a jump. */
export function mayJump({ slots }: BuiltPoint): boolean {
  return slots.some(({ key }) => isCompletion(key));
}

/** In the order of the frame, so that one that is as it was is written as it was. */
function narrowed(locals: Locals, slots: readonly Slot[], reads: Meta["reads"] = {}): Locals {
  const stored = keys(locals);
  if (stored.length === slots.length) return locals;
  const needed = new Set(slots.map(({ key }) => key));
  const isNamed = (key: string): boolean => isReference(key) && hasOwn(reads, (locals[key] as Reference).text);
  return Object.fromEntries(stored.filter((key) => needed.has(key) || isNamed(key)).map((key) => [key, locals[key]]));
}

export function atomOf({ meta, point, region, self, locals }: Standing): PointAtom {
  const slots = slotsIn(locals);
  return { kind: "point", id: meta.id, point, region, slots: self ? [...slots, thisSlot] : slots };
}

export function slotsIn(values: Locals): Slot[] {
  return keys(values).filter((key) => !isReference(key)).map((key) => {
    const value = values[key];
    const jump = isCompletion(key) ? jumpIn(value) : undefined;
    return { key, cell: value instanceof Cell, ...(jump === undefined ? {} : { jump }) };
  });
}

/** Of a completion: `{ to: "return", … }`. */
export function jumpIn(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || !hasOwn(value, "to")) return undefined;
  const { to } = value as { to: unknown };
  // An exception is thrown on wherever it is.
  return typeof to === "string" && to !== "throw" ? to : undefined;
}
