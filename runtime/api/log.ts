// What a flow and its steps say about themselves: lines with a level, for the engine's logger.

import type { LiveRun, LogLevel } from "../run/step.ts";

/**
 * Called directly it is `info`. Plain objects that come last are fields, for those who read logs by machine:
 * `run.log.warn("slow", { seconds })`.
 */
export interface Log {
  (...values: unknown[]): void;
  /** Shown by loggers that want everything; kept with the run only where `logs: { level: "debug" }` says so. */
  debug(...values: unknown[]): void;
  /** As a direct call. */
  info(...values: unknown[]): void;
  /** Something that somebody should look at. */
  warn(...values: unknown[]): void;
  /** Something that went wrong; it throws nothing. */
  error(...values: unknown[]): void;
}

/** Whose a line is. */
interface Speaker {
  readonly run: LiveRun;
  readonly step?: string;
  readonly attempt?: number;
  /** An attempt that was given up: its lines are no part of the run. */
  readonly isOver?: boolean;
}

/** `about` is asked at each line. */
export function logOf(about: () => Speaker): Log {
  const at = (level: LogLevel) => (...values: unknown[]): void => {
    const { run, isOver, ...step } = about();
    run.env.log?.({ runId: run.id, ...step, level, values }, isOver ? undefined : run);
  };
  return Object.assign(at("info"), { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") });
}
