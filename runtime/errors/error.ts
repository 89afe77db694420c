// The base of every error of this package, and how to recognise one across two copies of it.

import { type Code, type Details, messageOf, table } from "./table.ts";

/** What an error says besides its message. */
export interface DeflowErrorOptions {
  /** The run that it is about. */
  readonly runId?: string | undefined;
  /** What to do, in place of what the table of errors says. */
  readonly hint?: string | undefined;
  /** What led to it. */
  readonly cause?: unknown;
}

/** Two copies of the package have two classes, but one brand. */
const brand: unique symbol = Symbol.for("deflow.error");

/** Thrown by deflow: `code` is stable, `hint` says what to do, `docs` is the page about it. Nothing was changed. */
export abstract class DeflowError<C extends Code = Code> extends Error {
  /** Stable from version to version: what programs branch on. */
  readonly code: C;
  /** The run that it is about, where there is one. */
  readonly runId: string | undefined;
  /** What to do about it. */
  readonly hint: string;
  /** The page about it, a path within the package: `runtime/errors/NOT_FOUND.md`. */
  readonly docs: string;

  constructor(code: C, details: Details<C>, options: DeflowErrorOptions = {}) {
    super(messageOf(code, details), "cause" in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.runId = options.runId;
    this.hint = options.hint ?? table[code].hint;
    this.docs = docsOf(code);
  }

  /** @internal */
  get [brand](): true {
    return true;
  }
}

// Written out, since minifiers rename classes and the name is shown to people.
Object.defineProperty(DeflowError.prototype, "name", {
  configurable: true,
  get(this: DeflowError): string {
    return `${(this.code ?? "DEFLOW").toLowerCase().replace(/(?:^|_)(.)/g, (_, letter: string) => letter.toUpperCase())}Error`;
  },
  set(this: DeflowError, value: string) {
    Object.defineProperty(this, "name", { value, writable: true, configurable: true });
  },
});

function docsOf(code: Code): string {
  return `runtime/errors/${code}.md`;
}

/** Whether `error` was thrown by deflow, by any copy of it; with `code`, whether it is that error. */
export function isDeflowError<C extends Code = Code>(error: unknown, code?: C): error is DeflowError<C> {
  if (typeof error !== "object" || error === null || !(brand in error)) return false;
  return code === undefined || (error as DeflowError).code === code;
}
