// stranded: in development, a run that the code at hand does not fit is shown as that, with what differs. Nothing of it is changed:
// with the code that fits it goes on.
//
//   - approve at listen:decision, with expense, reminders       what the run has stored
//   + approve at listen:verdict (flows/approve.ts:12:9)          what the code has in its place

import { join } from "../../codec/join.ts";
import type { Json } from "../../codec/kind.ts";
import { type ErrorInfo, errorInfo } from "../../record/error-info.ts";
import { isDeflowError } from "../../errors/error.ts";
import { frameParts } from "../../record/frame.ts";
import type { Meta } from "../../strands/registry.ts";
import { restoreRun } from "../../record/restore.ts";
import { shared } from "../../realm/shared.ts";
import type { Core } from "../core.ts";
import type { Parts } from "../turns/parts.ts";

export interface Stranded {
  readonly misfits: readonly Misfit[];
  /** For people: a line for each stored point that the code does not have, and those that it has in its place. */
  readonly diff: string;
  /** What keeps it from going on. */
  readonly error: ErrorInfo;
}

/** A strand whose point the code does not have. */
export interface Misfit {
  /** The flow, or the function in one, by its id. */
  readonly flow: string;
  /** Where it stopped. */
  readonly point: string;
  /** What is live there, by name. */
  readonly locals: readonly string[];
  /** The points of the function that no stored strand is at, with their lines; absent: the code has no such function. */
  readonly points?: readonly string[];
}

interface Stored {
  readonly flow: string;
  readonly frame: string;
  readonly parts?: Parts;
}

interface StoredStrand {
  readonly flow: string;
  readonly point: string;
  readonly locals: readonly string[];
}

/** Whether it says that another program may read what this one cannot. */
export function isMisfit(error: unknown): boolean {
  return misfits.some((code) => isDeflowError(error, code));
}

const misfits = ["UNKNOWN_FLOW", "UNKNOWN_POINT", "UNKNOWN_CODE", "UNKNOWN_CLASS", "UNKNOWN_EXTERNAL", "UNKNOWN_ACTIVITY"] as const;

/** Undefined: it fits, or what is wrong with it is not the code. */
export function strandedOf(core: Core, row: Stored): Stranded | undefined {
  try {
    core.flow(row.flow);
    restoreRun(row.frame, core.env, row.parts);
    return undefined;
  } catch (error) {
    if (!isMisfit(error)) return undefined;
    const found = misfitsOf(core, row);
    const info = errorInfo(error);
    return { misfits: found, error: info, diff: [...found.flatMap(linesOf), ...(found.length > 0 ? [] : [info.message])].join("\n") };
  }
}

function misfitsOf(core: Core, row: Stored): readonly Misfit[] {
  const strands = strandsOf(row);
  const known = new Set(strands.map(({ flow, point }) => `${flow} ${point}`));
  return strands.flatMap((strand): readonly Misfit[] => {
    const meta = metaOf(core, strand.flow);
    if (meta === undefined) return [strand];
    if (Object.hasOwn(meta.points, strand.point)) return [];
    const others = Object.entries(meta.points).filter(([point]) => !known.has(`${strand.flow} ${point}`));
    return [{ ...strand, points: others.map(([point, [line, column]]) => `${point} (${meta.file}:${line}:${column})`) }];
  });
}

function metaOf(core: Core, id: string): Meta | undefined {
  return core.flows.get(id)?.deflow ?? shared.strands.get(id)?.meta ?? shared.flows.get(id)?.meta;
}

/** As they are written: what of them cannot be read is not looked at. */
function strandsOf({ frame, parts }: Stored): readonly StoredStrand[] {
  const record = JSON.parse(frame) as Record<string, Json>;
  if ("apart" in record) join(record, parts ?? new Map(), frameParts, record["apart"]);
  return Object.values(record["strands"] ?? {}).flatMap((entry: Readonly<Record<string, unknown>>) => {
    const { flow, code, point, locals } = entry;
    if (typeof point !== "string") return [];
    return { flow: String(flow ?? code), point, locals: Object.keys(Object(locals) as object).filter(isLocal) };
  });
}

/** Not a temporary of the compiler, as `~1` is. */
export function isLocal(name: string): boolean {
  return !name.startsWith("~");
}

function linesOf({ flow, point, locals, points }: Misfit): readonly string[] {
  const stored = `- ${flow} at ${point}${locals.length === 0 ? "" : `, with ${locals.join(", ")}`}`;
  if (points === undefined) return [`${stored}: the code has no \`${flow}\``];
  return [stored, ...points.map((text) => `+ ${flow} at ${text}`)];
}
