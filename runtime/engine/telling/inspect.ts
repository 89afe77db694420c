// inspect: where each strand of a run stands, with its locals, in words of the source.

import { Cell } from "../../values/cell.ts";
import { restoreRun } from "../../record/restore.ts";
import type { Frame } from "../../strands/strand.ts";
import type { Core } from "../core.ts";
import { type HistoryEntry, historyOf } from "./history.ts";
import { type LogLine, logsOf } from "./logs.ts";
import { argumentsOf, readState } from "../turns/record.ts";
import { type Redact, Redaction } from "./redact.ts";
import { hasEnded, missing, type Run, runOf } from "../run.ts";
import { isLocal } from "./stranded.ts";
import { waitText } from "./wait-text.ts";

/** Where one strand of a run stands, in words of the source. */
export interface StrandView {
  /** The flow, or the function in one, by its id. */
  readonly flow: string;
  /** The resume point; absent before the start. */
  readonly point?: string;
  /** The source file, as it was given to the compiler. */
  readonly file: string;
  /** From 1; absent before the start. */
  readonly line?: number;
  /** From 1; absent before the start. */
  readonly column?: number;
  /** Copies of what is live there. */
  readonly locals: Readonly<Record<string, unknown>>;
  /** `listen(decision)`, `step(pay)`, `all of listen(a), sleep()`, `approve()` for another strand. */
  readonly waitsFor?: string;
}

/** What `engine.inspect` gives. */
export interface Inspection {
  /** As `engine.get` gives it. */
  readonly run: Run;
  /** In the order in which they started; none of a run that is stranded, whose `stranded` tells where they are. */
  readonly strands: readonly StrandView[];
  /** What it said last, oldest first. */
  readonly logs: readonly LogLine[];
  /** What happened to it last, oldest first; empty unless the engine keeps that. */
  readonly history: readonly HistoryEntry[];
}

/** Of `engine.inspect`. */
export interface InspectOptions {
  /**
   * What is shown in place of locals, of properties within them, and of what the run itself tells (`progress`, `value`, `error`,
   * `responses`, the entries of its index, `prompt`, `metadata` and `label` of its waits, `message` and `fields` of its logs, `error` and
   * `reason` in its history, `diff` of a stranded one): `(name, value) => (name === "iban" ? "…" : value)`.
   */
  readonly redact?: Redact;
}

/** Throws UnknownFlow, UnknownPoint, UnknownCode, CorruptFrame for runs that this program cannot read. */
export async function inspect(core: Core, id: string, { redact }: InspectOptions = {}): Promise<Inspection> {
  const found = await whole(core, id);
  return redact === undefined ? found : redacted(found, new Redaction(redact));
}

function redacted({ run, strands, logs, history }: Inspection, redaction: Redaction): Inspection {
  return {
    logs: logs.map((line) => ({ ...line, ...redaction.fields(pick(line, ["message", "fields"])) })),
    history: history.map((entry) => ({ ...entry, ...redaction.fields(pick(entry as { error?: string; reason?: string }, ["error", "reason"])) } as HistoryEntry)),
    run: redactedRun(run, redaction),
    strands: strands.map((strand) => ({ ...strand, locals: redaction.fields(strand.locals) })),
  };
}

/** What a run is called and where it stands is shown: without it nobody could tell what is seen. */
function redactedRun(run: Run, redaction: Redaction): Run {
  const { progress, responses, index, waits, refused } = run;
  return {
    ...run,
    index: redaction.fields(index), responses: redaction.shown("responses", responses) as Run["responses"],
    waits: waits.map((wait) => ({ ...wait, ...redaction.fields(pick(wait, ["prompt", "metadata", "label"])) })),
    refused: refused.map((entry) => ({ ...entry, ...redaction.fields(pick(entry, ["message"])) })),
    ...(progress === undefined ? {} : { progress: redaction.shown("progress", progress) as string }),
    ...("value" in run ? { value: redaction.shown("value", run.value) } : {}),
    ...("error" in run ? { error: redaction.errorInfo(run.error) } : {}),
    ...("stranded" in run ? { stranded: { ...run.stranded, diff: redaction.shown("diff", run.stranded.diff) as string, error: redaction.errorInfo(run.stranded.error) } } : {}),
  };
}

/** Those of its fields that are there. */
function pick<T extends object, K extends keyof T>(from: T, names: readonly K[]): Partial<Pick<T, K>> {
  const picked: Partial<Pick<T, K>> = {};
  for (const name of names) if (name in from) picked[name] = from[name];
  return picked;
}

async function whole(core: Core, id: string): Promise<Inspection> {
  core.open();
  const row = await core.store.load(id);
  if (!row) missing(id);
  await core.shapes.know([row.shape]);
  const run = runOf(core, row);
  const { fresh } = readState(core, row);
  const told = { run, logs: logsOf(core, row.parts), history: historyOf(core, row.parts) };
  if (run.status === "stranded") return { ...told, strands: [] };
  const { file } = core.flow(row.flow).deflow;
  if (fresh) return { ...told, strands: [{ flow: row.flow, file, locals: { args: row.frame === "" ? undefined : argumentsOf(core, row.frame) } }] };
  if (hasEnded(row.status) && row.status !== "failed") return { ...told, strands: [] };
  return { ...told, strands: [...restoreRun(row.frame, core.env, row.parts).strands].map(strandView) };
}

/** A variable that closures share is shown as what it holds. */
function contentsOf(locals: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(locals).filter(([name]) => isLocal(name)).map(([name, value]) => [name, value instanceof Cell ? value.v : value]));
}

function strandView({ meta, point, locals, on }: Frame): StrandView {
  const [line, column] = (point === undefined ? undefined : meta.points[point]) ?? [];
  return {
    flow: meta.id, file: meta.file, locals: contentsOf(locals),
    ...(point === undefined ? {} : { point }), ...(line === undefined ? {} : { line }), ...(column === undefined ? {} : { column }),
    ...(on === undefined ? {} : { waitsFor: waitText(on) }),
  };
}
