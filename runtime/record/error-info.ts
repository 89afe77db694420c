// An error as plain data, for those who only read about a run.

import { isDeflowError } from "../errors/error.ts";

/** An error as plain data, for those who only read about a run. */
export interface ErrorInfo {
  /** The error's `name`; "Error" for what is none. */
  readonly name: string;
  /** The error's `message`; the text of what is none. */
  readonly message: string;
  /** Of errors that have one. */
  readonly code?: string;
  /** The error's `stack`, where it is text. */
  readonly stack?: string;
  /** The error's `cause` in the same form, 16 deep at most. */
  readonly cause?: ErrorInfo;
}

/** How many causes of causes are told; a chain may also lead back to itself. */
export const deepestCause = 16;

export function errorInfo(error: unknown): ErrorInfo {
  return infoOf(error, 0);
}

function infoOf(error: unknown, depth: number): ErrorInfo {
  if (!(error instanceof Error)) return { name: "Error", message: textOf(() => error) };
  const stack = fieldOf(error, "stack");
  const cause = fieldOf(error, "cause");
  const code = isDeflowError(error) ? error.code : fieldOf(error, "code");
  return {
    name: textOf(() => error.name),
    message: textOf(() => error.message),
    ...(typeof code === "string" ? { code } : {}),
    ...(typeof stack === "string" ? { stack } : {}),
    ...(cause === undefined || depth === deepestCause ? {} : { cause: infoOf(cause, depth + 1) }),
  };
}

function fieldOf(error: object, name: string): unknown {
  try {
    return (error as Record<string, unknown>)[name];
  } catch {
    return undefined;
  }
}

/** What cannot be read or printed must not hide the error it belongs to. */
export function textOf(read: () => unknown): string {
  try {
    return String(read());
  } catch {
    return "(unreadable)";
  }
}
