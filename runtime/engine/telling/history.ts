// history: what happened to a run, line by line, each written by the commit that made it so.

import { textOf } from "../../record/error-info.ts";
import type { Input } from "../../run/input.ts";
import type { Wait } from "../../record/snapshot.ts";
import type { RunStatus } from "../../store.ts";
import { isSameHash } from "../../run/token.ts";
import type { Core } from "../core.ts";
import { readLines } from "./lines.ts";
import { historyParts, type Parts } from "../turns/parts.ts";
import { cut } from "./log-text.ts";
import type { Refused } from "../turns/record.ts";
import { missing } from "../run.ts";

/** How a step stands. `cut off`: the process that made the attempt is gone; whether it happened, nobody knows. */
export type StepStage = "begun" | "ended" | "failed" | "cut off";

/** What happened. In a `HistoryEntry` its `retryAt` is a Date, in what is stored milliseconds since the epoch. */
export type Fact =
  | { readonly what: "queued" | "started" | "retry" | "deadline" }
  | { readonly what: "forked"; readonly from: string }
  /** An event that the run took. */
  | { readonly what: "event"; readonly context: string; readonly eventId?: string }
  /** The answer to a callback. */
  | { readonly what: "settled"; readonly operation: number | undefined }
  /** The end of a run that this one waits for. */
  | { readonly what: "result"; readonly operation: number }
  /** A timer, or the timeout of what `of` says. */
  | { readonly what: "timer"; readonly operation: number; readonly of: string }
  /** An attempt. `retryAt` is when the next one is made. */
  | {
    readonly what: "step"; readonly stage: StepStage; readonly name: string; readonly key: string; readonly attempt: number;
    readonly error?: string; readonly retryAt?: number;
  }
  | { readonly what: "responded"; readonly count: number }
  /** An event that its listen did not take. */
  | { readonly what: "refused"; readonly context: string; readonly code: string; readonly eventId?: string }
  | { readonly what: "cancel"; readonly reason?: string }
  | { readonly what: "ended"; readonly status: RunStatus; readonly error?: string };

/** A line of `engine.history`: what happened, when, and by which commit. */
export type HistoryEntry = Dated<Fact> & {
  /** When it happened, by the engine's clock. */
  readonly at: Date;
  /** The commit that holds it, and made it so. */
  readonly version: number;
};

type Dated<F> = F extends { readonly retryAt?: number } ? Omit<F, "retryAt"> & { readonly retryAt?: Date } : F;

export type Happening = Fact & { readonly at: number };

/** Oldest first. Throws NotFound. */
export async function history(core: Core, id: string): Promise<readonly HistoryEntry[]> {
  core.open();
  const row = await core.store.load(id, undefined, [historyParts]);
  if (!row) missing(id);
  return historyOf(core, row.parts);
}

export function historyOf(core: Core, parts: Parts): readonly HistoryEntry[] {
  return readLines(parts, historyParts, core.settings.history?.keep).map(historyEntryOf);
}

/** A line as it is stored. */
export function historyEntryOf(line: string): HistoryEntry {
  const { at, retryAt, ...entry } = JSON.parse(line) as Happening & { readonly version: number; readonly retryAt?: number };
  return { at: new Date(at), ...entry, ...(retryAt === undefined ? {} : { retryAt: new Date(retryAt) }) } as HistoryEntry;
}

export function lineOf({ at, ...fact }: Happening, version: number): string {
  return JSON.stringify({ at, version, ...fact }, (_name, value: unknown) => (typeof value === "string" ? cut(value, 300) : value));
}

export function refusedFact({ context, code, eventId }: Refused): Fact {
  return { what: "refused", context, code, ...(eventId === null ? {} : { eventId }) };
}

export function errorText(error: unknown): string {
  return textOf(() => error);
}

/** What input says of itself. `waits` are those of the commit it is given to. */
export function factsOf(input: Input, waits: readonly Wait[], eventId?: string | null): readonly Fact[] {
  if ("event" in input) return [{ what: "event", context: input.event, ...(eventId == null ? {} : { eventId }) }];
  if ("fire" in input) return firedBy(input.fire, waits);
  if ("result" in input) return [{ what: "result", operation: input.result }];
  if ("settle" in input) return [{ what: "settled", operation: waits.find(({ token }) => token !== undefined && isSameHash(token, input.settle))?.operation }];
  return "cancel" in input ? [{ what: "cancel", ...(input.cancel === undefined ? {} : { reason: input.cancel }) }] : [];
}

/** A step whose next attempt is due shows by its beginning. */
function firedBy(now: number, waits: readonly Wait[]): readonly Fact[] {
  const due = waits.filter(({ at }) => at !== undefined && at <= now);
  if (due.length === 0) return [{ what: "deadline" }];
  return due.filter(({ kind }) => kind !== "step").map(({ operation, kind, context }) => ({
    what: "timer", operation, of: kind === "timer" ? "sleep" : context === undefined ? kind : `${kind}(${context})`,
  }));
}
