// Opens a file so that a commit that was reported survives a power failure, and says so when it cannot.

import { statfsSync } from "node:fs";
import { dirname } from "node:path";
import { storeNetwork, storeNotDurable } from "../../errors/store.ts";
import { connect, type Database, type DriverName } from "./driver.ts";
import { failure, notOpened } from "./failures.ts";
import { checkTables, migrate } from "./schema.ts";

/** Of `sqlite()`. */
export interface SqliteOptions {
  /** Default: node:sqlite where Node has it, else better-sqlite3. If the program itself opens the file, it must be the program's: INVALID_CLIENT says why. */
  readonly driver?: DriverName;
  /** How long a write waits for another process's, in milliseconds; default 10,000. It blocks the event loop meanwhile. */
  readonly busyTimeout?: number;
  /** The file and its tables stay as they are: whatever would write throws StoreReadOnly, tables of an older version StoreOlder. Default false. */
  readonly readOnly?: boolean;
}

export function open(path: string, { driver, busyTimeout = 10_000, readOnly = false }: SqliteOptions): Database {
  const inMemory = path === ":memory:";
  if (!inMemory) checkFolder(path);
  let database: Database | undefined;
  try {
    database = connect(path, driver, readOnly);
    database.exec(`pragma busy_timeout = ${Math.trunc(busyTimeout)}`);
    database.exec("pragma foreign_keys = on");
    database.exec("pragma trusted_schema = off");
    if (!inMemory && !readOnly) makeDurable(database, path);
    (readOnly ? checkTables : migrate)(database, path);
    return database;
  } catch (error) {
    database?.close();
    throw failure(error, path);
  }
}

/** better-sqlite3 runs WAL with synchronous=NORMAL unless told otherwise, which loses the last commits at a power failure. */
function makeDurable(database: Database, path: string): void {
  const mode = read(database, "journal_mode");
  if (mode !== "wal") database.exec("pragma journal_mode = wal");
  database.exec("pragma synchronous = full");
  const settings = { journal_mode: read(database, "journal_mode"), synchronous: read(database, "synchronous") };
  if (settings.journal_mode !== "wal" || settings.synchronous !== 2) throw storeNotDurable(path, settings);
}

function read(database: Database, pragma: string): unknown {
  return database.prepare(`pragma ${pragma}`).get()?.[pragma];
}

/** The magic numbers of statfs(2) for NFS, SMB and CIFS: WAL needs memory shared by all writers, which these do not have. */
const networkFileSystems: ReadonlySet<number> = new Set([0x6969, 0x517b, 0xff534d42, 0xfe534d42]);

function checkFolder(path: string): void {
  let type: number;
  try {
    type = statfsSync(dirname(path)).type >>> 0;
  } catch (cause) {
    throw notOpened(path, cause);
  }
  if (process.platform === "linux") checkFileSystem(path, type);
}

/** `type` is that of statfs(2). */
export function checkFileSystem(path: string, type: number): void {
  if (networkFileSystems.has(type)) throw storeNetwork(path);
}
