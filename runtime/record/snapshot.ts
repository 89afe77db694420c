// What a commit stores and what the outside may know: the state of a quiet run.

import { functionOf, rulesOf } from "../run/activities.ts";
import type { Stored } from "../codec/cut.ts";
import type { DurablePromise } from "../promises/durable.ts";
import { type Effect, keyOf, type Operation, type Step } from "../run/operations.ts";
import type { IndexValue, LiveRun } from "../run/step.ts";
import type { Shape } from "../store.ts";
import { nextAt } from "../run/input.ts";
import { tokenHash } from "../run/token.ts";

type Status = "running" | "waiting" | "compensating" | "completed" | "failed" | "cancelled" | "killed";

export interface Snapshot {
  /** The run as text. */
  readonly frame: string;
  /** Of a frame that is large and may be in parts: what belongs to it, by key. */
  readonly parts: ReadonlyMap<string, string>;
  readonly id: string;
  readonly flow: string;
  /** `running`: there are steps to start or under way. */
  readonly status: Status;
  readonly ended: boolean;
  readonly turn: number;
  /** Of the turn so far. */
  readonly responses: readonly unknown[];
  /** Of a completed run. */
  readonly value: unknown;
  /** Of a failed, cancelled or killed one. */
  readonly error: unknown;
  /** In the order in which they were asked for. */
  readonly waits: readonly Wait[];
  /** When the run next wants `{ fire }`, in milliseconds since the epoch. */
  readonly nextAt: number | undefined;
  /** Steps that may run now, in order; those under way are among them. */
  readonly steps: readonly StepCall[];
  /** What the engine is to do now, in order. */
  readonly effects: readonly EffectCall[];
  readonly index: Readonly<Record<string, IndexValue>> | undefined;
  /** Something of what the run did was undone, since it was started or restored. */
  readonly compensated: boolean;
  readonly progress: string | undefined;
  /** It was asked to end: operations up to this number are to. */
  readonly cancelledTo: number | undefined;
  readonly cancelReason: string | undefined;
  /** What code the frame needs; told of frames that may be in parts, and of runs that go on. */
  readonly shape: Shape | undefined;
}

/** Something a run waits for. */
export interface Wait {
  /** Of which operation. */
  readonly kind: Operation["kind"];
  /** The operation's number. */
  readonly operation: number;
  /** Of a listen: what `continue` names. */
  readonly context?: string;
  /** Present: answers must carry a permit; this is its hash. */
  readonly permit?: string;
  /** Of a listen: the question. */
  readonly prompt?: unknown;
  /** Of a listen: what else its answerer needs. */
  readonly metadata?: unknown;
  /** Of a listen: its name. */
  readonly label?: string;
  /** Of a callback: the hash of its token. */
  readonly token?: string;
  /** Of a callback: the context whose schema checks what comes. */
  readonly schema?: string;
  /** Of a step or an effect. */
  readonly name?: string;
  /** When it is due or times out, in milliseconds since the epoch. */
  readonly at?: number;
}

export interface StepCall {
  readonly operation: number;
  readonly key: string;
  readonly name: string;
  readonly attempt: number;
  readonly fn: (context: never) => unknown;
  /** Of an activity. */
  readonly args: readonly unknown[] | undefined;
  /** Milliseconds. */
  readonly timeout: number | undefined;
  /** Milliseconds. */
  readonly heartbeat: number | undefined;
  /** Of one that starts a child run. */
  readonly child: Step["child"];
  /** The commit that holds it does not begin it. */
  readonly held: boolean;
  /** It is made inside the store's transaction. */
  readonly tx: boolean;
}

interface EffectCall {
  readonly operation: number;
  readonly key: string;
  readonly name: string;
  readonly data: unknown;
}

/** `stored` is the run as it is now. */
export function snapshotOf(run: LiveRun, { text: frame, parts }: Stored, shape?: Shape): Snapshot {
  run.atRest = true;
  const operations = [...run.operations.values()];
  const steps = stepsOf(run);
  const { ending } = run;
  return {
    frame,
    parts,
    shape,
    id: run.id,
    flow: run.flow,
    status: statusOf(run, steps.length > 0),
    ended: run.ended,
    turn: run.turn,
    responses: [...run.responses],
    value: run.ended && ending?.status === "completed" ? ending.value : undefined,
    error: run.ended && ending !== undefined && ending.status !== "completed" ? ending.error : undefined,
    waits: operations.map(({ by }) => waitOf(by as Operation)),
    nextAt: nextAt(run),
    steps,
    effects: effectsOf(run, operations),
    index: run.index,
    compensated: run.compensated,
    progress: run.progress,
    cancelledTo: run.cancelled?.upTo,
    cancelReason: run.cancelled?.reason,
  };
}

/** The steps that may run now, in order; and those whose result the flow has not been given. */
function stepsOf(run: LiveRun): readonly StepCall[] {
  const steps = readySteps(run);
  return steps.length === 0 ? none : steps.map((operation) => stepCall(run, operation));
}

export function readySteps(run: LiveRun): readonly Step[] {
  let steps: Step[] | undefined;
  for (const { by } of run.operations.values()) {
    const operation = by as Operation;
    if (operation.kind === "step" && operation.at === undefined) (steps ??= []).push(operation);
  }
  return steps ?? none;
}

/** Most runs have no steps and no effects. */
const none: readonly never[] = [];

function effectsOf(run: LiveRun, operations: readonly DurablePromise[]): readonly EffectCall[] {
  let effects: EffectCall[] | undefined;
  for (const { by } of operations) if ((by as Operation).kind === "effect") (effects ??= []).push(effectCall(run, by as Effect));
  return effects ?? none;
}

function statusOf(run: LiveRun, stepping: boolean): Status {
  if (run.ended) return run.ending?.status ?? "killed";
  if (run.compensation !== undefined) return "compensating";
  return stepping ? "running" : "waiting";
}

function waitOf(by: Operation): Wait {
  const wait: Wait = by.at === undefined ? { kind: by.kind, operation: by.seq } : { kind: by.kind, operation: by.seq, at: by.at };
  switch (by.kind) {
    case "listen": {
      return withFields(wait, by, shownOfListen);
    }
    case "callback":
      return Object.assign(wait, { token: tokenHash(by.token) }, defined({ schema: by.schema }));
    case "step":
    case "effect":
      return Object.assign(wait, { name: by.name });
    case "timer":
      return wait;
  }
}

const shownOfListen = ["context", "permit", "prompt", "metadata", "label"] as const;

/** With those of the fields `names` that `source` has. */
function withFields<Name extends keyof Wait>(wait: Wait, source: { readonly [N in Name]?: unknown }, names: readonly Name[]): Wait {
  const fields = wait as { [N in Name]?: unknown };
  for (const name of names) if (source[name] !== undefined) fields[name] = source[name];
  return wait;
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without the fields that are undefined. */
export function defined<T extends object>(fields: T): Defined<T> {
  const result: { [key: string]: unknown } = {};
  for (const name of Object.keys(fields)) {
    const value = fields[name as keyof T];
    if (value !== undefined) result[name] = value;
  }
  return result as Defined<T>;
}

export function stepCall(run: LiveRun, step: Step): StepCall {
  const { seq, name, attempt, args, child, held = false, tx = false } = step;
  const { timeout, heartbeat } = rulesOf(step);
  return { operation: seq, key: keyOf(run.id, seq), name, attempt, fn: functionOf(step), args, timeout, heartbeat, child, held, tx };
}

function effectCall(run: LiveRun, { seq, name, data }: Effect): EffectCall {
  return { operation: seq, key: keyOf(run.id, seq), name, data };
}
