// logs: what a run and its steps said last.

import type { LogLevel } from "../../run/step.ts";
import type { Core } from "../core.ts";
import { readLines } from "./lines.ts";
import { logParts, type Parts } from "../turns/parts.ts";
import { missing } from "../run.ts";

/** One thing that a flow or a step of it said, by `run.log`, a step's `log`, or `console` where that is kept. */
export interface LogLine {
  /** By the engine's clock. */
  readonly at: Date;
  /** As it was said; `console.log` is "info". */
  readonly level: LogLevel;
  /** Its first 1,000 characters. */
  readonly message: string;
  /** What was given after the message as objects; the stack of an error as `error`. Of what is large the first 2,000 characters, with a `…` where more was. */
  readonly fields?: Readonly<Record<string, unknown>>;
  /** The name of the step that said it; absent: the flow did. */
  readonly step?: string;
  /** The attempt of that step, from 1. */
  readonly attempt?: number;
  /** By `console`. */
  readonly console?: true;
}

/** Of `engine.logs`. */
export interface LogsQuery {
  /** Of this level and above. Default: all that were kept. */
  readonly level?: LogLevel;
  /** Of the steps with this name. Default: of the flow and of all of them. */
  readonly step?: string;
}

const levels: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/** Whether `level` is at least `least`. */
export function isAtLeast(level: LogLevel, least: LogLevel): boolean {
  return levels.indexOf(level) >= levels.indexOf(least);
}

/** Oldest first. Throws NotFound. */
export async function logs(core: Core, id: string, query: LogsQuery = {}): Promise<readonly LogLine[]> {
  core.open();
  const row = await core.store.load(id, undefined, [logParts]);
  if (!row) missing(id);
  return logsOf(core, row.parts, query);
}

export function logsOf(core: Core, parts: Parts, { level = "debug", step }: LogsQuery = {}): readonly LogLine[] {
  return readLines(parts, logParts, core.settings.logs?.keep).map(logLineOf)
    .filter((line) => isAtLeast(line.level, level) && (step === undefined || line.step === step));
}

/** A line as it is stored. */
export function logLineOf(text: string): LogLine {
  const { at, ...line } = JSON.parse(text) as Omit<LogLine, "at"> & { readonly at: number };
  return { at: new Date(at), ...line };
}
