// What a store refuses or cannot do. Whichever it is, what was to be written is not, save of STORE_OUTCOME_UNKNOWN, and what was stored is
// unharmed. `path` is the file, or the server and its database. What the database said is a part of the message, for logs that show nothing else.

import { deflowError } from "./classes.ts";

export const storeClosed = () => deflowError("STORE_CLOSED", {});

/** `cause` is a copy of the database's, whose class a run cannot store. */
export const txRefused = (refusal: unknown) => {
  const { message, code } = refusal as { message: string; code?: unknown };
  return deflowError("TX_REFUSED", { problem: message }, { cause: Object.assign(new Error(message), { code }) });
};

export const storeDriverMissing = (driver: string, problem: string, cause?: unknown) =>
  deflowError("STORE_DRIVER_MISSING", { driver, problem }, because(cause));

export const storeDriverUnfit = (version: string, node: string) => deflowError("STORE_DRIVER_UNFIT", { version, node });

/** `hint` is what to look at: files and servers have nothing in common. */
export const storeUnreachable = (path: string, cause: unknown, hint: string) =>
  deflowError("STORE_UNREACHABLE", { path, reason: reasonOf(cause) }, { cause, hint });

export const storeForeign = (path: string, problem: string, cause?: unknown) =>
  deflowError("STORE_FOREIGN", { path, problem }, because(cause));

export const storeNewer = (path: string, found: number, known: number) => deflowError("STORE_NEWER", { path, found, known });

export const storeChanged = (path: string, cause: unknown) => deflowError("STORE_CHANGED", { path, reason: reasonOf(cause) }, { cause });

export const storeNotDurable = (path: string, settings: object) =>
  deflowError("STORE_NOT_DURABLE", { path, settings: JSON.stringify(settings) });

export const storeNetwork = (path: string) => deflowError("STORE_NETWORK", { path });

export const storeLocked = (path: string, cause: unknown) => deflowError("STORE_LOCKED", { path, reason: reasonOf(cause) }, { cause });

export const storeReadOnly = (path: string, cause: unknown) => deflowError("STORE_READ_ONLY", { path, reason: reasonOf(cause) }, { cause });

export const storeFull = (path: string, cause: unknown) => deflowError("STORE_FULL", { path, reason: reasonOf(cause) }, { cause });

export const storeDisk = (path: string, cause: unknown) => deflowError("STORE_DISK", { path, reason: reasonOf(cause) }, { cause });

export const storeCorrupt = (path: string, cause: unknown) => deflowError("STORE_CORRUPT", { path, reason: reasonOf(cause) }, { cause });

export const storeDenied = (path: string, cause: unknown, hint?: string) => deflowError("STORE_DENIED", { path, reason: reasonOf(cause) }, { cause, hint });

export const storeMissing = (path: string, schema: string, cause?: unknown, hint?: string) =>
  deflowError("STORE_MISSING", { path, schema, reason: reasonOf(cause) }, { ...because(cause), hint });

/** `rest` is the call that gives the SQL which is to be run, where there is one. */
export const storeOlder = (path: string, found: number, known: number, rest?: string, hint?: string) => deflowError("STORE_OLDER", { path, found, known, rest }, { hint });

export const storeBusy = (path: string, cause: unknown) => deflowError("STORE_BUSY", { path, reason: reasonOf(cause) }, { cause });

export const storeConflict = (path: string, cause: unknown) => deflowError("STORE_CONFLICT", { path, reason: reasonOf(cause) }, { cause });

export const storeTimeout = (path: string, cause: unknown) => deflowError("STORE_TIMEOUT", { path, reason: reasonOf(cause) }, { cause });

export const storeUnknown = (path: string, cause?: unknown) => deflowError("STORE_OUTCOME_UNKNOWN", { path, reason: reasonOf(cause) }, because(cause));

function because(cause: unknown): { cause?: unknown } {
  return cause === undefined ? {} : { cause };
}

/** The first line of what it says; of several in one, of each: a host has an address by each version of IP. */
function reasonOf(cause: unknown): string | undefined {
  if (!(cause instanceof Error)) return undefined;
  const { message, errors, code } = cause as Error & { errors?: unknown; code?: unknown };
  const [line] = message.trim().split("\n", 1);
  if (line) return line;
  const reasons = Array.isArray(errors) ? errors.flatMap((one) => reasonOf(one) ?? []) : [];
  if (reasons.length > 0) return reasons.join("; ");
  return typeof code === "string" ? code : undefined;
}
