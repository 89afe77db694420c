// Reading runs: one, many, what they wait for, what they do.

import type { Context } from "../../api/context.ts";
import type { Flow } from "../../api/deflow.ts";
import { isDeflowError } from "../../errors/error.ts";
import { InvalidArgumentError } from "../../errors/run.ts";
import type { Index, Query, RunRow, RunStatus } from "../../store.ts";
import type { Core } from "../core.ts";
import { type JsonSchema, jsonSchemaOf } from "../telling/json-schema.ts";
import { isWhole } from "../turns/record.ts";
import { missing, type PublicWait, type Run, runOf, unreadableRun } from "../run.ts";

/** `stranded`: of the engine's flows, those that this build does not fit. */
export type FoundStatus = RunStatus | "stranded";

/** Of `engine.find`; what is absent does not limit the answer. */
export interface FindQuery {
  /** A flow, or its name. Default: runs of all flows. */
  readonly flow?: Flow<never[], unknown> | string;
  /**
   * One of these. A run that goes on, and that this build does not fit, is `stranded` and none of the others: whatever is open is
   * `["queued", "running", "waiting", "compensating", "stranded"]`. Default: any.
   */
  readonly status?: FoundStatus | readonly FoundStatus[];
  /** Every entry must be equal. Default: any. */
  readonly index?: Index;
  /** At most so many; default 100, at most 1,000. */
  readonly limit?: number;
  /**
   * Goes on where the answer that gave it ended, in the order in which runs were created: none is given twice, and none that fits all
   * the while is missing. One that comes to fit when its place is past is not given.
   */
  readonly cursor?: string;
}

/** A part of an answer, and how to ask for the next. */
export interface Page<T> {
  /** In the order in which the runs were created. */
  readonly runs: readonly T[];
  /** For the next call's `cursor`. Undefined: that was all. */
  readonly cursor: string | undefined;
}

/** Of `engine.waits`. */
export interface WaitsQuery extends Omit<FindQuery, "status"> {
  /** Only what listens for it; absent: all waits, timers and steps among them. */
  readonly context?: Context<unknown> | string;
}

/** One thing that one run waits for. */
export type OpenWait = PublicWait & {
  readonly runId: string;
  readonly flow: string;
  /** Of the data that answers it, where the schema library gives one. */
  readonly jsonSchema?: JsonSchema;
};

export async function get<R>(core: Core, id: string): Promise<Run<R>> {
  core.open();
  const row = (await core.store.load(id, undefined, core.texts.run)) ?? missing(id);
  await core.shapes.know([row.shape]);
  return runOf<R>(core, row);
}

export async function find(core: Core, query: FindQuery = {}): Promise<Page<Run>> {
  core.open();
  const { status } = query;
  if (status === undefined) return await page(core, query, {});
  const asked: readonly FoundStatus[] = typeof status === "string" ? [status] : status;
  const found = await page(core, query, asked.includes("stranded") ? await strandedAmong(core, query, asked) : { status: asked as readonly RunStatus[] });
  return { ...found, runs: found.runs.filter((run) => asked.includes(run.status)) };
}

const going: readonly RunStatus[] = ["queued", "running", "waiting", "compensating"];

/** What the store looks through: the runs of shapes that do not fit, or also others that go on or have ended. */
async function strandedAmong(core: Core, { flow }: FindQuery, asked: readonly FoundStatus[]): Promise<Partial<Query>> {
  const others = asked.filter((one) => one !== "stranded");
  if (others.length > 0) return { status: [...new Set([...others, ...going])] };
  const flows = flow === undefined ? [...core.flows.keys()] : [typeof flow === "string" ? flow : flow.deflow.id];
  return { shapes: await core.shapes.unfitOf(flows) };
}

export async function waits(core: Core, query: WaitsQuery = {}): Promise<{ readonly waits: readonly OpenWait[]; readonly cursor: string | undefined }> {
  core.open();
  const context = typeof query.context === "object" ? query.context.name : query.context;
  const { runs, cursor } = await page(core, query, { status: ["running", "waiting", "compensating"], ...(context === undefined ? {} : { context }) });
  const open = runs.flatMap((run) => run.waits.filter((wait) => context === undefined || wait.context === context)
    .map((wait) => openWait(run, wait)));
  return { waits: open, cursor };
}

function openWait({ id, flow }: Run, wait: PublicWait): OpenWait {
  const name = wait.kind === "listen" ? wait.context : wait.schema;
  const jsonSchema = name === undefined ? undefined : jsonSchemaOf(name);
  return { runId: id, flow, ...wait, ...(jsonSchema === undefined ? {} : { jsonSchema }) };
}

async function page(core: Core, { flow, index, limit = 100, cursor }: FindQuery, more: Partial<Query>): Promise<Page<Run>> {
  if (!(Number.isSafeInteger(limit) && limit >= 1 && limit <= 1000)) throw new InvalidArgumentError("`limit`", String(limit), "a whole number from 1 to 1,000");
  const after = cursor === undefined ? undefined : Number(cursor);
  if (after !== undefined && !Number.isSafeInteger(after)) throw new InvalidArgumentError("`cursor`", JSON.stringify(cursor), "one that an answer had");
  const asked: Query = {
    limit, ...more,
    ...(flow === undefined ? {} : { flow: typeof flow === "string" ? flow : flow.deflow.id }),
    ...(index === undefined ? {} : { index }), ...(after === undefined ? {} : { after }),
  };
  const rows = await core.store.find(asked);
  await core.shapes.know(rows.map(({ shape }) => shape));
  const last = rows.length === limit ? rows.at(-1) : undefined;
  const runs: Run[] = [];
  for (let from = 0; from < rows.length; from += atOnce) {
    runs.push(...(await Promise.all(rows.slice(from, from + atOnce).map((row) => read(core, row, asked)))).flat());
  }
  return { runs, cursor: last && String(last.place) };
}

/** A run in parts is loaded with its frame, which may be large. */
const atOnce = 8;

/** A run in parts may have moved on since it was found: it is in the answer as it is, if that still fits, or not at all. */
async function read(core: Core, row: RunRow, asked: Query): Promise<Run[]> {
  if (isWhole(row)) return [shown(core, row)];
  const loaded = await core.store.load(row.id, undefined, core.texts.run);
  return loaded !== undefined && fits(loaded, asked) ? [shown(core, loaded)] : [];
}

/** One that cannot be read must not take the others out of the answer. */
function shown(core: Core, row: RunRow): Run {
  try {
    return runOf(core, row);
  } catch (error) {
    if (!isDeflowError(error)) throw error;
    return unreadableRun(core, row, error);
  }
}

function fits({ status, index, waits: contexts }: RunRow, asked: Query): boolean {
  return (asked.status?.includes(status) ?? true) && (asked.context === undefined || contexts.includes(asked.context))
    && Object.entries(asked.index ?? {}).every(([key, value]) => index[key] === value);
}
