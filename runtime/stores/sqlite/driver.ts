// The two drivers, node:sqlite and better-sqlite3, behind the little of both that the store uses. Both are synchronous.

import { createRequire } from "node:module";
import { storeDriverMissing, storeDriverUnfit } from "../../errors/store.ts";
import type { Row } from "../rows.ts";

export type Parameter = string | number | null;

export interface Statement {
  get(...parameters: Parameter[]): Row | undefined;
  all(...parameters: Parameter[]): Row[];
  run(...parameters: Parameter[]): { changes: number | bigint; lastInsertRowid: number | bigint };
}

/** Its row is a list, in the order of the columns. */
export interface Listing {
  get(...parameters: Parameter[]): readonly unknown[] | undefined;
}

/** For what is read often: a driver takes as long to name the columns of a row as to read them. */
export function listing(statement: Statement): Listing {
  const { raw, setReturnArrays } = statement as { raw?: (on: boolean) => unknown; setReturnArrays?: (on: boolean) => unknown };
  const turnOn = raw ?? setReturnArrays;
  if (turnOn === undefined) return { get: (...parameters) => asList(statement.get(...parameters)) };
  turnOn.call(statement, true);
  return statement as unknown as Listing;
}

function asList(row: Row | undefined): readonly unknown[] | undefined {
  return row && Object.values(row);
}

export interface Database {
  prepare(sql: string): Statement;
  exec(sql: string): unknown;
  close(): unknown;
}

/** The library that reads and writes the file: Node's own, from Node 22.13 on, or the package of that name. */
export type DriverName = "node:sqlite" | "better-sqlite3";

/** Opens the file with the driver named, else with node:sqlite where Node has it, else with better-sqlite3. */
export function connect(path: string, driver?: DriverName, readOnly = false): Database {
  const builtin = driver === "better-sqlite3" ? undefined : nodeSqlite();
  if (builtin) return new builtin.DatabaseSync(path, { readOnly });
  if (driver === "node:sqlite") throw storeDriverMissing(driver, `Node ${process.versions.node} has no node:sqlite`);
  return betterSqlite(path, readOnly);
}

/** Of a connection that `connect` made. */
export function driverOf(database: Database): DriverName {
  const builtin = nodeSqlite();
  return builtin && database instanceof builtin.DatabaseSync ? "node:sqlite" : "better-sqlite3";
}

/**
 * Version 13 is built for Node-API 10. On an older one it loads, and ends the process with SIGSEGV at the first open, so its
 * version is looked at before it is touched.
 */
export function checkFit(version: string, nodeApi: number): void {
  if (Number.parseInt(version, 10) >= 13 && nodeApi < 10) throw storeDriverUnfit(version, process.versions.node);
}

/** Rolls back, if there is still something to: SQLite does it by itself after a full disk or an I/O error. */
export function undo(database: Database): void {
  try {
    database.exec("rollback");
  } catch {
    // No transaction is open, which is what was wanted. The failure that led here is the one to report.
  }
}

interface Builtin {
  readonly DatabaseSync: new (path: string, options?: { readonly readOnly: boolean }) => Database;
}

function nodeSqlite(): Builtin | undefined {
  const load = process.getBuiltinModule as ((id: string) => unknown) | undefined;
  return load?.("node:sqlite") as Builtin | undefined;
}

function betterSqlite(path: string, readOnly: boolean): Database {
  // In the CommonJS build import.meta.url is empty and __filename is there.
  const require = createRequire(typeof __filename === "string" ? __filename : import.meta.url);
  let version: string;
  try {
    ({ version } = require("better-sqlite3/package.json") as { version: string });
  } catch (cause) {
    throw storeDriverMissing("better-sqlite3", "it is not installed", cause);
  }
  checkFit(version, Number(process.versions["napi"]));
  try {
    const Constructor = require("better-sqlite3") as new (path: string, options: { readonly readonly: boolean }) => Database;
    return new Constructor(path, { readonly: readOnly });
  } catch (error) {
    // A package whose native part was not built or is for another Node; SQLite's own errors are told apart later.
    if (typeof (error as { code?: unknown }).code === "string" && String((error as { code: string }).code).startsWith("SQLITE_")) throw error;
    throw storeDriverMissing("better-sqlite3", "its native part does not load", error);
  }
}
