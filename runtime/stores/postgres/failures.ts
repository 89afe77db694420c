// Postgres's error codes, and what pg and sockets report, as coded errors; and which of them leave open whether a statement was carried out.

import { DeflowError } from "../../errors/error.ts";
import {
  storeBusy, storeChanged, storeConflict, storeCorrupt, storeDenied, storeDisk, storeFull, storeMissing, storeOlder, storeReadOnly, storeTimeout, storeUnreachable,
} from "../../errors/store.ts";

/** The coded error for what pg threw; anything that is not of the database comes back as it is. */
export function failure(error: unknown, where: string, schema: string): unknown {
  if (error instanceof DeflowError) return error;
  const code = codeOf(error);
  switch (code) {
    case "28P01": case "28000": case "42501": return storeDenied(where, error);
    case "3D000": return storeUnreachable(where, error, "Create the database, or name one that is there: the store makes its tables, never the database.");
    case "3F000": case "42P01": return missing(where, schema, error);
    case "42703": case "42P10": return storeChanged(where, error);
    case "25006": return storeReadOnly(where, error);
    case "40001": case "40P01": return storeConflict(where, error);
    case "53100": return storeFull(where, error);
    case "53200": case "53300": case "53400": return storeBusy(where, error);
    case "55P03": case "57014": return storeTimeout(where, error);
    case "58030": return storeDisk(where, error);
    case "XX001": case "XX002": return storeCorrupt(where, error);
    default:
  }
  // pg itself, before it answers the server: there is no password, or it is no text.
  if (messageOf(error).startsWith("SASL: ")) return storeDenied(where, error);
  if (/timeout exceeded when trying to connect/u.test(messageOf(error))) return storeBusy(where, error);
  return isLost(error) ? storeUnreachable(where, error, "The server must run and take connections from here, and host and port be right. What is called again when it is back goes on.") : error;
}

/** No tables, or not all. */
export function missing(where: string, schema: string, cause?: unknown): unknown {
  const hint = `Leave out { migrate: "check" } once, with a user that may create them, or let somebody who may run the SQL of migrationsSql(${JSON.stringify(schema)}).`;
  return storeMissing(where, schema, cause, hint);
}

/** `rest` is the call that gives the SQL between. */
export function older(where: string, found: number, known: number, rest: string): unknown {
  return storeOlder(where, found, known, rest, "Run that SQL with a user that owns the tables, or leave out { migrate: \"check\" } once with such a user. Stop the processes of the older version first.");
}

/** It may use the database, but not make or change the tables. `rest` is the call that gives the SQL for it. */
export function mayNotMigrate(where: string, cause: unknown, rest: string): unknown {
  return storeDenied(where, cause, `This user may not make or change the tables: let somebody who may run the SQL of ${rest}, and use { migrate: "check" } here. A user that is to make them itself needs \`create\` on the database, or on the schema, and to change them it must own them.`);
}

/** The connection broke. If that was after a statement was sent, nobody knows whether it was carried out. */
export function isLost(error: unknown): boolean {
  const code = codeOf(error) ?? "";
  return /^(?:08|57P0)/u.test(code) || socketCodes.has(code) || /Connection terminated|Client has encountered a connection error|Query read timeout|Client was closed/u.test(messageOf(error));
}

/** It met another transaction and was rolled back: to be made again. */
export function isConflict(error: unknown): boolean {
  const code = codeOf(error);
  return code === "40001" || code === "40P01";
}

/** A name of a statement is another connection's. Nothing was done. */
export function isMixedUp(error: unknown): boolean {
  const code = codeOf(error);
  return code === "42P05" || code === "26000";
}

/** What was written breaks a constraint that is looked at by the commit alone, or the commit met another transaction. */
export function isRefusal(error: unknown): boolean {
  return (codeOf(error) ?? "").startsWith("23") || isConflict(error);
}

export function codeOf(error: unknown): string | undefined {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === "string" ? code : undefined;
}

const socketCodes: ReadonlySet<string> = new Set(["ECONNREFUSED", "ECONNRESET", "EPIPE", "ENOTFOUND", "EAI_AGAIN", "ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH", "ENOENT"]);

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "";
}
