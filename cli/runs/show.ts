// deflow show: one run: its state, where each strand waits with what it holds, what happened to it and what it said.
//
//   E-1  approve  waiting  turn 1
//   response  'Approve 120?'
//   waits for  listen(decision), until 2026-01-03T09:00:00Z
//
//   approve  src/flow.ts:9:20  at listen:decision, waits for listen(decision)
//     |
//   9 |   const answer = await listen(decision, { timeout: "2 days", default: null });
//     |                  ^
//     expense: { id: 'E-1', amount: 120 }
//
// Without the flows' code the frame is read as text, and its points are looked up in the source of the package around.

import { existsSync, readFileSync } from "node:fs";
import { frame as codeFrame } from "../../compiler/report.ts";
import type { HistoryEntry } from "../../runtime/engine/telling/history.ts";
import type { Inspection, StrandView } from "../../runtime/engine/telling/inspect.ts";
import type { LogLine } from "../../runtime/engine/telling/logs.ts";
import { systemClock } from "../../runtime/realm/clock.ts";
import type { StoredRun } from "../../runtime/store.ts";
import type { Io } from "../io.ts";
import { jsonText } from "../json.ts";
import { type Colors, indented, lineText, paintOf, plainText, timeText, valueText } from "../text.ts";
import { type Desk, missing, readRun, type RunOptions, withEngine } from "./engine.ts";
import { eventText, logText } from "./event-text.ts";
import { strandsIn } from "./frame.ts";
import { runText, runView } from "./run-text.ts";

export interface ShowOptions extends RunOptions {
  readonly folder: string;
  readonly project?: string;
}

interface Shown extends Omit<Inspection, "strands"> {
  readonly strands: readonly Strand[];
  /** Absent: nobody has the run. */
  readonly lease?: Lease;
}

interface Lease {
  /** The engine, and the number of the lease in it. */
  readonly owner: string;
  readonly until: Date;
}

type Strand = Partial<StrandView> & Pick<StrandView, "flow" | "locals"> & {
  /** The source at hand, where the point stands. */
  readonly source?: string;
};

export function show(run: string, options: ShowOptions, io: Io): Promise<number> {
  return withEngine({ ...options, run }, "read", io, async (desk) => {
    const shown = desk.isLoaded ? await inspected(desk, run) : await read(desk, run, options);
    if (options.json) io.out(`${jsonText({ ...shown, run: runView(shown.run) }, 2)}\n`);
    else io.out(text(shown, paintOf(io)));
    return 0;
  });
}

async function inspected({ engine, store }: Desk, run: string): Promise<Shown> {
  const [found, row] = await Promise.all([engine.inspect(run), store.load(run, undefined, [])]);
  const strands = found.strands.map((strand) => {
    const { file, line, column } = strand;
    const source = line !== undefined && column !== undefined && existsSync(file) ? sourceAt(readFileSync(file, "utf8"), line, column) : undefined;
    return source === undefined ? strand : { ...strand, source };
  });
  return { ...found, strands, ...leaseOf(row) };
}

function leaseOf(row: StoredRun | undefined): Pick<Shown, "lease"> {
  const { owner = null, at = 0 } = row?.wake ?? {};
  return owner === null ? {} : { lease: { owner, until: new Date(at) } };
}

function sourceAt(text: string, line: number, column: number): string | undefined {
  const lines = text.split("\n");
  if (line > lines.length) return undefined;
  return codeFrame(text, { start: lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0) + column - 1, length: 1 });
}

async function read({ engine, store }: Desk, id: string, { folder, project }: ShowOptions): Promise<Shown> {
  const row = await store.load(id) ?? missing(id);
  const [run, logs, history] = await Promise.all([readRun(engine, id, row.place), engine.logs(id), engine.history(id)]);
  const strands = strandsIn(row.frame, row.parts);
  const lines = strands.length === 0 ? undefined : (await import("./source-lines.ts")).sourceLines([...new Set(strands.map(({ flow }) => flow.replace(/#.*$/s, "")))], folder, project);
  return {
    run, logs, history, ...leaseOf(row),
    strands: strands.map((strand): Strand => {
      const line = lines?.get(`${strand.flow} ${strand.point}`);
      return line === undefined ? strand : { ...strand, file: line.file, line: line.line, column: line.column, source: line.text };
    }),
  };
}

function text({ run, strands, logs, history, lease }: Shown, paint: Colors): string {
  return `${[
    [runText(run, paint), ...(lease === undefined ? [] : [leaseText(lease)])].join("\n"),
    ...strands.map((strand) => strandText(strand, paint)),
    `${paint.bold("events")}\n${history.length === 0 ? notKept : lines(history, eventText)}`,
    ...(logs.length === 0 ? [] : [`${paint.bold("log")}\n${lines(logs, (line) => logText(line, paint))}`]),
  ].join("\n\n")}\n`;
}

function leaseText({ owner, until }: Lease): string {
  const then = until.getTime() > systemClock.now() ? "then another worker takes it; heartbeats put that off" : "which is over: the next worker takes it";
  return `leased  to ${lineText(owner)} until ${timeText(until)}, ${then}`;
}

/** Where they are kept, there is one of the start at least. */
const notKept = "  none are kept of this run: createEngine({ history: {} }) keeps the last 100, from its next commit on";

function lines<T extends HistoryEntry | LogLine>(entries: readonly T[], of: (entry: T) => string): string {
  return entries.map((entry) => indented(of(entry), 2)).join("\n");
}

function strandText({ flow, point, file, line, column, locals, waitsFor, source }: Strand, paint: Colors): string {
  const place = file === undefined || line === undefined ? "" : `  ${paint.cyan(`${file}:${line}:${column}`)}`;
  const stands = point === undefined ? "has not begun" : `at ${point}${waitsFor === undefined ? "" : `, waits for ${waitsFor}`}`;
  const values = Object.entries(locals).map(([name, value]) => indented(`${name}: ${valueText(value, paint.isColorSupported)}`, 4));
  return [`${paint.bold(flow)}${place}  ${plainText(stands)}`, ...(source === undefined ? [] : [indented(source, 2)]), ...values].join("\n");
}
