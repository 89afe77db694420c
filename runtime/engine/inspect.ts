// inspect: where each strand of a run stands, with its locals, in words of the source.

import { Cell } from "../cell.ts";
import type { DurablePromise } from "../durable.ts";
import { NotFoundError } from "../errors/run.ts";
import { isOperation, operationText } from "../operations.ts";
import { restoreRun } from "../restore.ts";
import type { Frame } from "../strand.ts";
import type { Core } from "./core.ts";
import { argumentsOf } from "./find.ts";
import { readState } from "./record.ts";
import { type Redact, redacted } from "./redact.ts";
import { hasEnded, type Run, runOf } from "./run.ts";

export interface StrandView {
  readonly flow: string;
  /** The resume point; absent before the start. */
  readonly point?: string;
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  /** Copies of what is live there. */
  readonly locals: Readonly<Record<string, unknown>>;
  /** `listen(decision)`, `step(pay)`, `all of listen(a), sleep()`, `approve()` for another strand. */
  readonly waitsFor?: string;
}

export interface Inspection {
  readonly run: Run;
  /** In the order in which they started. */
  readonly strands: readonly StrandView[];
}

export interface InspectOptions {
  /** What is shown in place of locals, and of properties within them: `(name, value) => (name === "iban" ? "…" : value)`. */
  readonly redact?: Redact;
}

/** Throws UnknownFlow, UnknownPoint, UnknownCode, CorruptFrame for runs that this program cannot read. */
export async function inspect(core: Core, id: string, { redact }: InspectOptions = {}): Promise<Inspection> {
  const found = await whole(core, id);
  if (redact === undefined) return found;
  return { ...found, strands: found.strands.map((strand) => ({ ...strand, locals: redacted(strand.locals, redact) })) };
}

async function whole(core: Core, id: string): Promise<Inspection> {
  core.open();
  const row = await core.store.load(id);
  if (!row) throw new NotFoundError(id);
  const run = runOf(core, row);
  const { fresh } = readState(core, row);
  const { file } = core.flow(row.flow).deflow;
  if (fresh) return { run, strands: [{ flow: row.flow, file, locals: { args: row.frame === "" ? undefined : argumentsOf(core, row.frame) } }] };
  if (hasEnded(row.status) && row.status !== "failed") return { run, strands: [] };
  return { run, strands: [...restoreRun(row.frame, core.env, row.parts).strands].map(strandView) };
}

/** A variable that closures share is shown as what it holds. */
function contentsOf(locals: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(locals).map(([name, value]) => [name, value instanceof Cell ? value.v : value]));
}

function strandView({ meta, point, locals, on }: Frame): StrandView {
  const [line, column] = (point === undefined ? undefined : meta.points[point]) ?? [];
  return {
    flow: meta.id, file: meta.file, locals: contentsOf(locals),
    ...(point === undefined ? {} : { point }), ...(line === undefined ? {} : { line }), ...(column === undefined ? {} : { column }),
    ...(on === undefined ? {} : { waitsFor: waitText(on) }),
  };
}

function waitText({ by }: DurablePromise): string {
  if (by === undefined) return "nothing any more";
  if (isOperation(by)) return operationText(by);
  if ("members" in by) return `${by.kind} of ${by.members.map(({ source }) => (source ? waitText(source) : "a settled one")).join(", ")}`;
  if (by.kind === "strand") return `${by.meta.name || by.meta.id}()`;
  return "source" in by ? waitText(by.source) : "an ordinary promise";
}
