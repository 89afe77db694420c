// What is stored, as the code that is loaded needs it: slots that it does not need are dropped, and what does not fit is refused by name.

import { UnknownPointError } from "../errors/load.ts";
import type { Meta } from "../strands/registry.ts";
import { placeOf } from "../strands/registry.ts";
import { Cell } from "../values/cell.ts";
import type { PointAtom, Slot } from "./atoms.ts";
import { loaded, pointOf } from "./build.ts";
import { type BuiltPoint, judge, reasonAt } from "./judge.ts";
import { migrated } from "./migrations.ts";
import { misfitError } from "./tell.ts";

type Locals = Record<string, unknown>;

const { hasOwn, keys } = Object;

export interface Stopped {
  readonly meta: Meta;
  readonly point: string;
  /** The hash of the region chain in which it stood. */
  readonly region: string;
  readonly locals: Locals;
}

/** Where and with which locals the code goes on. @throws UnknownPoint, LocalsMisfit, RegionMisfit, MigrationFailed. */
export function fitted(stopped: Stopped, runId: string | undefined): Pick<Stopped, "point" | "locals"> {
  const { meta, point, region, locals } = stopped;
  const built = pointOf(meta, point);
  if (built !== undefined && built.region === region && hasAll(locals, built.slots) && !mayJump(built)) return { point, locals: narrowed(locals, built.slots) };
  // Where no jump may be pending it is known by now that it does not resume.
  if (built === undefined || !mayJump(built)) {
    const goesOn = migrated(stopped, fits, runId);
    if (goesOn !== undefined) return { point: goesOn.point, locals: narrowed(goesOn.locals, (pointOf(meta, goesOn.point) as BuiltPoint).slots) };
  }
  const atom = atomOf(stopped);
  const verdict = judge(atom, loaded);
  if (verdict.is === "resumes") return { point, locals: narrowed(locals, (built as BuiltPoint).slots) };
  if (verdict.is === "misfit") throw misfitError(atom, verdict.reason, runId);
  // The machine has no such point, and says so when the wait is over.
  if (verdict.is === "retired") return { point, locals };
  const goesOn = migrated(stopped, fits, runId);
  if (goesOn === undefined) throw new UnknownPointError(placeOf(stopped), { runId });
  return { point: goesOn.point, locals: narrowed(goesOn.locals, (pointOf(meta, goesOn.point) as BuiltPoint).slots) };
}

function fits(at: Stopped, built: BuiltPoint): boolean {
  if (at.region !== built.region || !hasAll(at.locals, built.slots)) return false;
  return !mayJump(built) || reasonAt(atomOf(at), built) === undefined;
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
function narrowed(locals: Locals, slots: readonly Slot[]): Locals {
  const stored = keys(locals);
  if (stored.length === slots.length) return locals;
  const needed = new Set(slots.map(({ key }) => key));
  return Object.fromEntries(stored.filter((key) => needed.has(key)).map((key) => [key, locals[key]]));
}

export function atomOf({ meta, point, region, locals }: Stopped): PointAtom {
  return { kind: "point", id: meta.id, point, region, slots: slotsIn(locals) };
}

export function slotsIn(values: Locals): Slot[] {
  return keys(values).map((key) => {
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
