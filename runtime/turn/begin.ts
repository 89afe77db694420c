// begin() and resume(): runs without a store. The caller keeps the frame; nobody but the caller fires timers.

import { checkInput, Context } from "../api/context.ts";
import { type Flow } from "../api/deflow.ts";
import type { Response } from "../api/respond.ts";
import { type Clock, systemClock } from "../realm/clock.ts";
import { drive } from "./drive.ts";
import { type Duration, milliseconds } from "../realm/duration.ts";
import { cutOff } from "./cut-off.ts";
import { deflowError } from "../errors/classes.ts";
import { InvalidArgumentError } from "../errors/run.ts";
import { type ErrorInfo, errorInfo } from "../record/error-info.ts";
import { type Input, input, listenerFor } from "../run/input.ts";
import { systemRandom } from "../realm/random.ts";
import type { CompiledFlow } from "../strands/registry.ts";
import { restoreRun } from "../record/restore.ts";
import type { Operation } from "../run/operations.ts";
import { shared } from "../realm/shared.ts";
import type { Snapshot, Wait } from "../record/snapshot.ts";
import { startRun } from "../run/start.ts";
import type { LiveRun, LogEntry, RunEnv } from "../run/step.ts";
import { timedOut } from "./timeout.ts";
import { isSameHash, permitHash, tokenHash } from "../run/token.ts";

/** Of `begin()`. */
export interface BeginOptions {
  /**
   * Awaited at each commit, before a step in it begins: keep the frame there, and a crash goes on from it. What it throws ends the call. Default:
   * nothing is kept until the turn is over.
   */
  readonly checkpoint?: (frame: string) => unknown;
  /** Every commit goes on from a copy read back from its text: shows early what would not survive. Default: false. */
  readonly reload?: boolean;
  /** The run's id; absent: random. Steps' keys begin with it. */
  readonly id?: string;
  /** How long the run may wait for ordinary promises until it can be stored; default 10 minutes. Then TURN_TIMEOUT is thrown. */
  readonly turnTimeout?: Duration;
  /** What tells the time and sets timers; default: the system's. */
  readonly clock?: Clock;
  /** `size` random bytes, fit for secrets; default: the system's. */
  readonly random?: (size: number) => Uint8Array;
  /** Hears what `run.log` and a step's `log` say; absent: nobody. */
  readonly log?: (entry: LogEntry) => void;
}

/** Of `resume()`: those of `begin()` but the id, which the frame has. */
export type ResumeOptions = Omit<BeginOptions, "id"> & {
  /** Must be that of the listen, if it has one. */
  readonly permit?: string;
};

/** The state after a turn. */
export type Turn<Result> = {
  /** The run as text, for `resume`: keep it. */
  readonly frame: string;
  /** What the flow handed out in this turn, by `respond`. */
  readonly responses: readonly Response[];
  /** What the run waits for. */
  readonly waits: readonly Wait[];
  /** When `resume(frame, { now })` does something. */
  readonly nextAt: Date | undefined;
} & (
  | { readonly status: "completed"; readonly value: Result }
  | { readonly status: "failed" | "cancelled" | "killed"; readonly error: ErrorInfo }
  | { readonly status: "running" | "waiting" | "compensating" }
);

/** What `resume` takes besides an event. */
export type Resumption =
  /** Fires what is due by then: a Date, or milliseconds since the epoch. */
  | { readonly now: Date | number }
  /** Cancels, with a reason. */
  | { readonly cancel: string | true }
  /** Settles a callback. */
  | { readonly token: string; readonly data?: unknown };

/**
 * Starts a run of `flow` and gives its state when all of it waits; a flow that throws gives a run that has failed.
 * @throws NotSerializableError, TooLargeError for what cannot be stored; TurnTimeout; what `checkpoint` throws.
 */
export async function begin<Args extends unknown[], Result>(
  flow: Flow<Args, Result>,
  args: NoInfer<Args>,
  options: BeginOptions = {},
): Promise<Turn<Result>> {
  const run = startRun(flow as unknown as CompiledFlow, args, envOf(options), { id: options.id });
  return await finish(run, options) as Turn<Result>;
}

/**
 * Goes on from a frame with an event, or with time, a cancellation, or a callback's token.
 * @throws NotListeningError, WrongPermitError, InvalidInputError, RunEndedError, UnknownToken; CorruptFrameError, UnknownFlowError,
 * UnknownPointError, UnknownCodeError, UnknownClassError for a frame that this program cannot read; NotSerializableError, TooLargeError for what
 * cannot be stored; TurnTimeout. The frame is as good as before.
 */
export function resume<Input>(frame: string, context: Context<unknown, Input>, data: NoInfer<Input>, options?: ResumeOptions): Promise<Turn<unknown>>;
export function resume(frame: string, context: string, data: unknown, options?: ResumeOptions): Promise<Turn<unknown>>;
export function resume(frame: string, input: Resumption, options?: ResumeOptions): Promise<Turn<unknown>>;
export async function resume(frame: string, first: Context<unknown> | string | Resumption, second?: unknown, third?: ResumeOptions): Promise<Turn<unknown>> {
  const isEvent = typeof first === "string" || first instanceof Context;
  const options = (isEvent ? third : second as ResumeOptions | undefined) ?? {};
  const run = restoreRun(frame, envOf(options));
  input(run, isEvent ? await eventInput(run, first, second, options) : await otherInput(run, first));
  cutOff(run);
  return await finish(run, options);
}

async function eventInput(run: LiveRun, context: Context<unknown> | string, data: unknown, { permit: secret }: ResumeOptions): Promise<Input> {
  const permit = secret === undefined ? undefined : permitHash(secret);
  const event = typeof context === "string" ? context : context.name;
  // First, so that what nobody waits for is told so rather than checked.
  listenerFor(run, event, permit);
  return { event, data: await checkInput(context, data), permit };
}

async function otherInput(run: LiveRun, given: Resumption): Promise<Input> {
  if ("now" in given) return { fire: Number(given.now) };
  if ("cancel" in given) return { cancel: given.cancel === true ? undefined : given.cancel };
  if ("token" in given) return { settle: tokenHash(given.token), data: await checkCallback(run, tokenHash(given.token), given.data) };
  throw new InvalidArgumentError("The second argument of resume()", JSON.stringify(given), "a context, { now }, { cancel } or { token, data }");
}

/** Data for a callback, checked by the schema that the callback names. */
async function checkCallback(run: LiveRun, hash: string, data: unknown): Promise<unknown> {
  for (const promise of run.operations.values()) {
    const by = promise.by as Operation;
    if (by.kind !== "callback" || !isSameHash(tokenHash(by.token), hash)) continue;
    return by.schema === undefined ? data : await checkInput(shared.contexts.get(by.schema) ?? by.schema, data);
  }
  throw deflowError("UNKNOWN_TOKEN", {}, { runId: run.id });
}

function envOf({ clock = systemClock, random = systemRandom, log }: BeginOptions): RunEnv {
  return { now: () => clock.now(), random, ...(log === undefined ? {} : { log: (entry) => log(entry) }) };
}

async function finish(run: LiveRun, { checkpoint, reload, turnTimeout = "10 minutes", clock = systemClock }: BeginOptions): Promise<Turn<unknown>> {
  const timeout = milliseconds(turnTimeout, "turnTimeout");
  let rest = (): void => {};
  const snapshot = await drive(run, {
    clock,
    reload: reload ?? false,
    moves(copy) {
      rest = clock.after(timeout, () => copy.drop(timedOut(copy, timeout)));
    },
    async commit({ frame }) {
      rest();
      await checkpoint?.(frame);
    },
    over: () => rest(),
  });
  return turnOf(snapshot);
}

function turnOf({ frame, responses, waits, nextAt, status, value, error }: Snapshot): Turn<unknown> {
  const turn = { frame, responses: responses as readonly Response[], waits, nextAt: nextAt === undefined ? undefined : new Date(nextAt) };
  switch (status) {
    case "completed":
      return { ...turn, status, value };
    case "failed":
    case "cancelled":
    case "killed":
      return { ...turn, status, error: errorInfo(error) };
    default:
      return { ...turn, status };
  }
}
