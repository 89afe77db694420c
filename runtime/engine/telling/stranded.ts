// stranded: a run that the code at hand does not fit, with what differs. Nothing of it is changed: with code that fits it goes on.
//
//   - approve at listen:decision, with expense, reminders       what the run has stored
//   + approve at listen:verdict (flows/approve.ts:12:9)          what the code has in its place
//
// It is a view: computed from the run's shape, which says what its frame names of the code, by the code that is loaded.

import { type ErrorInfo, errorInfo } from "../../record/error-info.ts";
import { isDeflowError } from "../../errors/error.ts";
import { frameParts, noParts } from "../../record/frame.ts";
import { restoreRun } from "../../record/restore.ts";
import { placeOf } from "../../strands/registry.ts";
import { type Atom, type PointAtom, slotName } from "../../versions/atoms.ts";
import { metaOf } from "../../versions/build.ts";
import { atomsOf } from "../../versions/frozen.ts";
import type { Reason } from "../../versions/judge.ts";
import { misfitError } from "../../versions/tell.ts";
import { shapeOfText } from "../../versions/text.ts";
import type { Core } from "../core.ts";
import type { Parts } from "../turns/parts.ts";
import { type Judged, judgedOf } from "../turns/shapes.ts";

/** Why a run is `stranded`: what it has stored, beside what the code has in its place. */
export interface Stranded {
  /** The strands that the code does not go on with. */
  readonly misfits: readonly Misfit[];
  /** For people: what the run has stored, and what the code has in its place. */
  readonly diff: string;
  /** What keeps it from going on. */
  readonly error: ErrorInfo;
}

/** A strand that the code does not go on with. */
export interface Misfit {
  /** The flow, or the function in one, by its id. */
  readonly flow: string;
  /** Where it stopped. */
  readonly point: string;
  /** What is live there, by name. */
  readonly locals: readonly string[];
  /** The points of the function that no stored strand is at, with their lines; absent: the code has the point, or no such function. */
  readonly points?: readonly string[];
}

/** Whether it says that another program may read what this one cannot. */
export function isMisfit(error: unknown): boolean {
  return misfits.some((code) => isDeflowError(error, code));
}

const misfits = [
  "UNKNOWN_FLOW", "UNKNOWN_POINT", "UNKNOWN_CODE", "UNKNOWN_CLASS", "UNKNOWN_EXTERNAL", "UNKNOWN_ACTIVITY", "LOCALS_MISFIT", "REGION_MISFIT", "CAPTURES_MISFIT", "MIGRATION_FAILED", "PINNED",
] as const;

/** In development also what only reading the frame shows, and a flow that the engine was not given. Undefined: it fits, or what is wrong with it is not the code. */
export function strandedOf(core: Core, row: { readonly flow: string; readonly frame: string; readonly parts?: Parts }): Stranded | undefined {
  try {
    core.flow(row.flow);
    restoreRun(row.frame, core.env, row.parts);
    return undefined;
  } catch (error) {
    if (!isMisfit(error)) return undefined;
    const shape = shapeOfText(row.flow, row.frame, row.parts ?? noParts, frameParts);
    return told(shape && judgedOf(shape), error);
  }
}

/** By its shape alone, which does not fit. */
export function strandedBy(judged: Judged): Stranded {
  const [first] = judged.misfits;
  return told(judged, first && misfitError(first.atom, first.reason));
}

interface Told {
  readonly misfit?: Misfit;
  readonly lines: readonly string[];
}

function told(judged: Judged | undefined, error: unknown): Stranded {
  const info = errorInfo(error);
  const stood = (judged === undefined ? [] : atomsOf(judged.shape.atoms)).filter(isPoint);
  const each = (judged?.misfits ?? []).map(({ atom, reason }): Told => (isPoint(atom) ? pointTold(atom, reason, stood) : { lines: [`- ${misfitError(atom, reason).message}`] }));
  const lines = each.length === 0 ? [info.message] : each.flatMap((one) => one.lines);
  return { misfits: each.flatMap(({ misfit }) => misfit ?? []), error: info, diff: lines.join("\n") };
}

function isPoint(atom: Atom): atom is PointAtom {
  return atom.kind === "point";
}

function pointTold({ id, point, slots }: PointAtom, reason: Reason, stood: readonly PointAtom[]): Told {
  const locals = slots.map(({ key }) => key).filter(isLocal);
  const misfit = { flow: id, point, locals };
  const stored = `- ${id} at ${point}${locals.length === 0 ? "" : `, with ${locals.join(", ")}`}`;
  const meta = metaOf(id);
  if (meta === undefined) return { misfit, lines: [`${stored}: the code has no \`${id}\``] };
  if (reason.why !== "point") return { misfit, lines: [stored, `+ ${id} at ${point} (${placeOf({ meta, point }).at ?? meta.file}): ${reasonText(reason)}`] };
  const known = new Set(stood.filter((one) => one.id === id).map((one) => one.point));
  const points = Object.entries(meta.points).filter(([other]) => !known.has(other)).map(([other, [line, column]]) => `${other} (${meta.file}:${line}:${column})`);
  return { misfit: { ...misfit, points }, lines: [stored, ...points.map((text) => `+ ${id} at ${text}`)] };
}

function reasonText(reason: Reason): string {
  switch (reason.why) {
    case "region": return "in other loops, `try`s or blocks with resources, or in another kind of function";
    case "jump": return `it has no way for \`${reason.jump}\``;
    case "slots": {
      const needs = reason.missing.length === 0 ? [] : [`needs ${reason.missing.map(slotName).join(", ")}`];
      const shares = reason.kinds.length === 0 ? [] : [`closures share ${reason.kinds.join(", ")} in the one and not in the other`];
      return [...needs, ...shares].join("; ");
    }
    default: return "it does not fit";
  }
}

/** Not a temporary of the compiler, as `~1` is. */
export function isLocal(name: string): boolean {
  return !name.startsWith("~");
}
