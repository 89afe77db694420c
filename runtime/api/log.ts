// What a flow and its steps say about themselves: lines with a level, for the engine's logger.

import type { LogEntry, LogLevel, RunEnv } from "../step.ts";

/** Called directly it is `info`. */
export interface Log {
  (...values: unknown[]): void;
  debug(...values: unknown[]): void;
  info(...values: unknown[]): void;
  warn(...values: unknown[]): void;
  error(...values: unknown[]): void;
}

/** `about` is asked at each line: whose it is, and who takes it. */
export function logOf(about: () => Omit<LogEntry, "level" | "values"> & { readonly env: RunEnv }): Log {
  const at = (level: LogLevel) => (...values: unknown[]): void => {
    const { env, ...whose } = about();
    env.log?.({ ...whose, level, values });
  };
  return Object.assign(at("info"), { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") });
}
