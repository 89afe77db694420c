// An error as plain data, for those who only read about a run.

import { isDeflowError } from "./errors/error.ts";

export interface ErrorInfo {
  readonly name: string;
  readonly message: string;
  /** Of errors that have one. */
  readonly code?: string;
  readonly stack?: string;
  readonly cause?: ErrorInfo;
}

export function errorInfo(error: unknown): ErrorInfo {
  if (!(error instanceof Error)) return { name: "Error", message: String(error) };
  const { name, message, stack } = error;
  const code: unknown = isDeflowError(error) ? error.code : (error as { code?: unknown }).code;
  return {
    name,
    message,
    ...(typeof code === "string" ? { code } : {}),
    ...(typeof stack === "string" ? { stack } : {}),
    ...(error.cause === undefined ? {} : { cause: errorInfo(error.cause) }),
  };
}
