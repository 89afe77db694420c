// What an engine answers about a run. One shape for start, continue, get, cancel and the rest.

import type { Response } from "../api/respond.ts";
import { type ErrorInfo, errorInfo } from "../record/error-info.ts";
import { NotFoundError } from "../errors/run.ts";
import type { Wait } from "../record/snapshot.ts";
import { endedStatuses, type Index, type RunRow, type RunStatus } from "../store.ts";
import type { Core } from "./core.ts";
import { type Parts, stateParts } from "./turns/parts.ts";
import { type Stranded, strandedBy, strandedOf } from "./telling/stranded.ts";
import { ownIndex, readState, type Refused, type RunState, shownRefused } from "./turns/record.ts";

/**
 * The state of a run after its last commit: the one answer of start, continue, settle, get, cancel and the rest. `status` says which of `value`,
 * `error` and `stranded` there is.
 */
export type Run<R = unknown> = RunFacts<R> & (
  | { readonly status: "completed"; readonly value: R }
  | { readonly status: "failed" | "cancelled" | "killed"; readonly error: ErrorInfo }
  | { readonly status: "queued" | "running" | "waiting" | "compensating" }
  /** The code at hand does not fit it: it waits for a build, or a migration, that does. */
  | { readonly status: "stranded"; readonly stranded: Stranded });

/** What is told of a run whatever its status. */
export interface RunFacts<R> {
  /** As it was given to `start`, or made by it. */
  readonly id: string;
  /** The name that the flow's runs are stored under. */
  readonly flow: string;
  /** When it was stored first. */
  readonly createdAt: Date;
  /** The number of the last turn that was committed, from 1. */
  readonly turn: number;
  /** Of that turn. */
  readonly responses: readonly Response[];
  /** What it waits for. */
  readonly waits: readonly PublicWait[];
  /** When it next moves by itself. */
  readonly nextAt: Date | undefined;
  /** What `find` finds it by. */
  readonly index: Index;
  /** What `run.progress(text)` said last. */
  readonly progress?: string;
  /** Buffered events that their listen did not take, the latest last. */
  readonly refused: readonly Omit<Refused, "awaited">[];
  /** The event id, or the id of the start, had been used before: nothing was done. */
  readonly duplicate?: true;
  /**
   * What was given is stored; its turn was not waited for to its end, or could not go on here, since the store failed or somebody else has the run. To
   * give it again would be to do it twice.
   */
  readonly accepted?: true;
  /**
   * In an answer of `find`: this program cannot read what is stored of the run, for this reason. Its turn, responses, waits, value and
   * error are not told then.
   */
  readonly unreadable?: ErrorInfo;
  /** Waits for the run's end: its value, or what it threw. */
  result(): Promise<R>;
}

/** What a run waits for. `permit` says that one is needed. */
export type PublicWait = Omit<Wait, "permit" | "token"> & { readonly permit?: true };

/** What is told of a run besides its state. */
type Committed = Pick<RunRow, "id" | "flow" | "status" | "index" | "createdAt">;

export function hasEnded(status: RunStatus): boolean {
  return endedStatuses.includes(status);
}

export function missing(id: string): never {
  throw new NotFoundError(id);
}

/** `parts` may be missing of a row whose state is whole. Whether it is stranded is told of a row whose shape was learned; in development of one with its frame. */
export function runOf<R>(core: Core, row: RunRow & { readonly frame?: string; readonly parts?: Parts }, extra?: { duplicate?: true; accepted?: true }): Run<R> {
  const { flow, frame, parts } = row;
  const state = readState(core, row);
  const run = make<R>(core, row, state, extra);
  const judged = hasEnded(row.status) || !core.flows.has(flow) ? undefined : core.shapes.judged(row.shape);
  if (judged !== undefined && judged.misfits.length > 0) return { ...run, status: "stranded", stranded: strandedBy(judged) };
  if (!core.settings.dev || frame === undefined || state.fresh || hasEnded(row.status)) return run;
  const stranded = strandedOf(core, { flow, frame, ...(parts === undefined ? {} : { parts }) });
  return stranded === undefined ? run : { ...run, status: "stranded", stranded };
}

/** What the row alone says of a run whose state cannot be read. */
export function unreadableRun(core: Core, row: RunRow, error: unknown): Run {
  return make(core, row, { turn: 0, responses: [], waits: [], error }, { unreadable: errorInfo(error) });
}

/** The same right after a commit, from what was committed. */
export function runAfter<R>(core: Core, committed: Committed, state: RunState): Run<R> {
  return make(core, committed, state);
}

function make<R>(core: Core, { id, flow, status, index, createdAt }: Committed, state: RunState, extra?: object): Run<R> {
  const { turn, nextAt, progress, refused } = state;
  const facts: RunFacts<R> = {
    id, flow, createdAt: new Date(createdAt), turn, responses: state.responses as readonly Response[], waits: state.waits.map(publicWait), nextAt: nextAt === undefined ? undefined : new Date(nextAt),
    index: ownIndex(index), refused: shownRefused(refused), result: () => resultOf<R>(core.home, id),
  };
  const run = facts as unknown as Record<string, unknown>;
  if (progress !== undefined) run["progress"] = progress;
  if (extra !== undefined) Object.assign(run, extra);
  run["status"] = status;
  if (status === "completed") run["value"] = state.value;
  else if (hasEnded(status)) run["error"] = errorInfo(state.error);
  return run as unknown as Run<R>;
}

/** Of most there is nothing to hide. */
function publicWait(wait: Wait): PublicWait {
  if (wait.permit === undefined && wait.token === undefined) return wait as Omit<Wait, "permit" | "token">;
  const { permit, token: _, ...shown } = wait;
  return permit === undefined ? shown : { ...shown, permit: true };
}

/** Waits until the run has ended; throws what it threw, NotFound when it is gone. */
async function resultOf<R>(core: Core, id: string): Promise<R> {
  const state = await core.changes.until(id, core.clock, async () => {
    core.open();
    const row = await core.store.load(id, undefined, [stateParts]);
    if (!row) missing(id);
    return hasEnded(row.status) ? { status: row.status, ...readState(core, row) } : undefined;
  });
  if (state?.status === "completed") return state.value as R;
  throw state?.error;
}
