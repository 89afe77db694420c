// deflow ls: the runs of a store, in the order in which they were created.
//
//   RUN  FLOW     STATUS   CREATED               WAITS FOR            MOVES AT
//   E-1  approve  waiting  2026-01-01T09:00:00Z  listen(decision)     2026-01-03T09:00:00Z
//
// Places rise with the time of creation, so `--since` is looked for by halves, and what is older is not read.

import type { FindQuery, FoundStatus } from "../../runtime/engine/calls/find.ts";
import type { Run } from "../../runtime/engine/run.ts";
import { systemClock } from "../../runtime/realm/clock.ts";
import { type Duration, milliseconds } from "../../runtime/realm/duration.ts";
import type { Index, Query, RunRow, RunStatus, Store } from "../../runtime/store.ts";
import { type Io, UsageError } from "../io.ts";
import { jsonText } from "../json.ts";
import { lineText, paintOf, table, timeText } from "../text.ts";
import { type RunOptions, withEngine } from "./engine.ts";
import { runView, statusText, waitText } from "./run-text.ts";

export interface ListOptions extends RunOptions {
  readonly flow?: string;
  readonly status?: readonly FoundStatus[];
  /** `customer=7`, `open=true`, `name=Ann`. */
  readonly index?: readonly string[];
  /** A time, or how long ago. */
  readonly since?: string;
  readonly until?: string;
  readonly limit: string;
  readonly cursor?: string;
}

export function list(options: ListOptions, io: Io): Promise<number> {
  const { flow, status, index = [], cursor } = options;
  const since = timeOf("--since", options.since);
  const until = timeOf("--until", options.until);
  const limit = Number(options.limit);
  if (status?.includes("stranded") && options.program === undefined) throw new UsageError("which runs are stranded only the flows' code can say: give --program <file>");
  const query: FindQuery = { limit, ...(flow === undefined ? {} : { flow }), ...(status === undefined ? {} : { status }), ...(index.length === 0 ? {} : { index: indexOf(index) }) };
  return withEngine(options, "read", io, async ({ engine, store }) => {
    const from = cursor ?? (since === undefined ? undefined : String(await placeBefore(store, query, since)));
    const page = await engine.find({ ...query, ...(from === undefined ? {} : { cursor: from }) });
    const runs = page.runs.filter(({ createdAt }) => until === undefined || createdAt.getTime() < until);
    // Those after them are later still.
    const more = runs.length === page.runs.length ? page.cursor : undefined;
    if (options.json) io.out(`${jsonText({ runs: runs.map(runView), ...(more === undefined ? {} : { cursor: more }) }, 2)}\n`);
    else show(runs, more, io);
    return 0;
  });
}

function show(runs: readonly Run[], cursor: string | undefined, io: Io): void {
  const paint = paintOf(io);
  const head = ["RUN", "FLOW", "STATUS", "CREATED", "WAITS FOR", "MOVES AT"].map((name) => paint.dim(name));
  const rows = runs.map((run) => [
    lineText(run.id), lineText(run.flow), statusText(run.status, paint), timeText(run.createdAt), waitsOf(run), run.nextAt === undefined ? "" : timeText(run.nextAt),
  ]);
  io.out(runs.length === 0 ? "No such runs.\n" : `${table([head, ...rows])}\n`);
  if (cursor !== undefined) io.err(`There may be more: --cursor ${cursor}\n`);
}

function waitsOf({ waits, unreadable }: Run): string {
  if (unreadable !== undefined) return `unreadable: ${lineText(unreadable.message)}`;
  const [first, second, ...others] = waits.map(waitText);
  return [first, second, others.length > 0 ? `${others.length} more` : undefined].filter((text) => text !== undefined).join(", ");
}

/** Milliseconds since the epoch. */
function timeOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const time = /^\d{4}-/.test(text) ? Date.parse(text) : systemClock.now() - milliseconds(text as Duration, `\`${option}\``);
  if (Number.isNaN(time)) throw new UsageError(`\`${option} ${text}\` is no time. Write 2026-01-31, 2026-01-31T09:00Z, or how long ago: "2 days"`);
  return time;
}

/** Numbers, `true`, `false` and quoted texts are read as JSON; everything else is a text. */
function indexOf(pairs: readonly string[]): Index {
  return Object.fromEntries(pairs.map((pair) => {
    const at = pair.indexOf("=");
    if (at < 1) throw new UsageError(`\`--index ${pair}\` has no \`=\`. Write --index customer=7`);
    const text = pair.slice(at + 1);
    return [pair.slice(0, at), /^(?:true|false|-?\d+(?:\.\d+)?|".*")$/.test(text) ? JSON.parse(text) as string | number | boolean : text];
  }));
}

/** All runs of the query at higher places were created at `since` or later. */
async function placeBefore(store: Store, { flow, index, status }: FindQuery, since: number): Promise<number> {
  const stored = (typeof status === "string" ? [status] : status ?? []).filter((one): one is RunStatus => one !== "stranded");
  const query: Omit<Query, "limit"> = { ...(flow === undefined ? {} : { flow: flow as string }), ...(index === undefined ? {} : { index }), ...(stored.length === 0 ? {} : { status: stored }) };
  const older = async (after: number): Promise<RunRow | undefined> => (await store.find({ ...query, after, limit: 1 })).find(({ createdAt }) => createdAt < since);
  let [low, high] = [0, 1];
  for (let row = await older(high); row !== undefined; row = await older(high)) [low, high] = [row.place, row.place * 2];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const row = await older(middle);
    if (row === undefined) high = middle;
    else low = row.place;
  }
  return low;
}
