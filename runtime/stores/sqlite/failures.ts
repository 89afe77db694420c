// SQLite's result codes as coded errors. Whatever is reported here, the transaction was rolled back: nothing of it is stored.

import { DeflowError } from "../../errors/error.ts";
import { storeClosed, storeCorrupt, storeDisk, storeForeign, storeFull, storeLocked, storeReadOnly, storeUnreachable } from "../../errors/store.ts";

const names = {
  SQLITE_BUSY: 5, SQLITE_LOCKED: 6, SQLITE_READONLY: 8, SQLITE_IOERR: 10, SQLITE_CORRUPT: 11, SQLITE_FULL: 13, SQLITE_CANTOPEN: 14,
  SQLITE_CONSTRAINT: 19, SQLITE_NOTADB: 26,
} as const;

/** The coded error for what a driver threw; anything that is not SQLite's comes back as it is. */
export function failure(error: unknown, path: string): unknown {
  if (error instanceof DeflowError) return error;
  switch (resultCode(error)) {
    case names.SQLITE_BUSY:
    case names.SQLITE_LOCKED: return storeLocked(path, error);
    case names.SQLITE_READONLY: return storeReadOnly(path, error);
    case names.SQLITE_IOERR: return storeDisk(path, error);
    case names.SQLITE_CORRUPT: return storeCorrupt(path, error);
    case names.SQLITE_FULL: return storeFull(path, error);
    case names.SQLITE_CANTOPEN: return notOpened(path, error);
    case names.SQLITE_NOTADB: return storeForeign(path, "it is not a SQLite database", error);
    default: return isClosed(error) ? storeClosed() : error;
  }
}

export function notOpened(path: string, cause: unknown): unknown {
  return storeUnreachable(path, cause, "Its directory must exist, and the process must be allowed to write to the file and to the directory.");
}

/** Of a commit: what was written breaks a constraint that is looked at only then. The tables here have none. */
export function isConstraint(error: unknown): boolean {
  return resultCode(error) === names.SQLITE_CONSTRAINT;
}

/** node:sqlite gives the extended code as a number, better-sqlite3 as a name such as SQLITE_IOERR_WRITE. */
function resultCode(error: unknown): number | undefined {
  const { code, errcode } = error as { code?: unknown; errcode?: unknown };
  if (typeof errcode === "number") return errcode & 0xff;
  if (typeof code !== "string") return undefined;
  const [first, second] = code.split("_");
  return names[`${first}_${second}` as keyof typeof names];
}

function isClosed(error: unknown): boolean {
  return error instanceof Error && /database (connection )?is not open/u.test(error.message);
}
