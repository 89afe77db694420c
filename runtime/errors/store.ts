// What a store refuses or cannot do. Whichever it is, what was to be written is not, save of STORE_OUTCOME_UNKNOWN, and what was stored is
// unharmed. `path` is the file, or the server and its database.

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

export const storeUnreachable = (path: string, cause: unknown) => deflowError("STORE_UNREACHABLE", { path }, { cause });

export const storeForeign = (path: string, problem: string, cause?: unknown) =>
  deflowError("STORE_FOREIGN", { path, problem }, because(cause));

export const storeNewer = (path: string, found: number, known: number) => deflowError("STORE_NEWER", { path, found, known });

export const storeChanged = (path: string, cause: unknown) => deflowError("STORE_CHANGED", { path }, { cause });

export const storeNotDurable = (path: string, settings: object) =>
  deflowError("STORE_NOT_DURABLE", { path, settings: JSON.stringify(settings) });

export const storeNetwork = (path: string) => deflowError("STORE_NETWORK", { path });

export const storeLocked = (path: string, cause: unknown) => deflowError("STORE_LOCKED", { path }, { cause });

export const storeReadOnly = (path: string, cause: unknown) => deflowError("STORE_READ_ONLY", { path }, { cause });

export const storeFull = (path: string, cause: unknown) => deflowError("STORE_FULL", { path }, { cause });

export const storeDisk = (path: string, cause: unknown) => deflowError("STORE_DISK", { path }, { cause });

export const storeCorrupt = (path: string, cause: unknown) => deflowError("STORE_CORRUPT", { path }, { cause });

export const storeDenied = (path: string, cause: unknown) => deflowError("STORE_DENIED", { path }, { cause });

export const storeMissing = (path: string, schema: string, cause?: unknown) => deflowError("STORE_MISSING", { path, schema }, because(cause));

export const storeOlder = (path: string, found: number, known: number) => deflowError("STORE_OLDER", { path, found, known });

export const storeBusy = (path: string, cause: unknown) => deflowError("STORE_BUSY", { path }, { cause });

export const storeConflict = (path: string, cause: unknown) => deflowError("STORE_CONFLICT", { path }, { cause });

export const storeTimeout = (path: string, cause: unknown) => deflowError("STORE_TIMEOUT", { path }, { cause });

export const storeUnknown = (path: string, cause?: unknown) => deflowError("STORE_OUTCOME_UNKNOWN", { path }, because(cause));

function because(cause: unknown): { cause?: unknown } {
  return cause === undefined ? {} : { cause };
}
