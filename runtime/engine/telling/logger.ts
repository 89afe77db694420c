// Where the engine says what nobody asked for. `fields` are data for structured logs; the message is complete without them.

import { errorLines } from "./error-lines.ts";

/**
 * Where an engine, its flows and their steps say things. `fields` are for machines: `runId`, `step`, `attempt`, `error` and what was said with them.
 * `console` fits.
 */
export interface Logger {
  /** What only a search for a fault needs. */
  debug(message: string, fields?: object): void;
  /** What went as it should. */
  info(message: string, fields?: object): void;
  /** What somebody should look at: a turn that is held, a frame that grows, timers that nobody fires. */
  warn(message: string, fields?: object): void;
  /** What failed, and what becomes of it. */
  error(message: string, fields?: object): void;
}

/** Warnings and errors on the console, and nothing else. Of an error what helps: `fields` have the rest, for loggers that want it. */
export const consoleLogger: Logger = {
  debug() {},
  info() {},
  warn: (message, fields) => console.warn(...printed(message, fields)),
  error: (message, fields) => console.error(...printed(message, fields)),
};

function printed(message: string, fields: object = {}): [string, ...object[]] {
  // The values that a run's code has said are the message.
  const { error, values: _, ...others } = fields as { readonly error?: unknown; readonly values?: unknown };
  const text = [`deflow: ${message}`, ...(error === undefined ? [] : errorLines(error, message))].join("\n");
  return Object.keys(others).length === 0 ? [text] : [text, others];
}
