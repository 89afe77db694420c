// A caller's own connection to the file, in a transaction that the caller has begun and will end.
//
//   every write is a savepoint there: what is refused or fails leaves the rest of the transaction as it was
//
// How safe the caller's commit is against a power failure is the connection's own `pragma synchronous`. Steps wait for a commit of a
// worker all the same, and that one, further on in the same log, brings the caller's to the disk before its own.

import { statSync } from "node:fs";
import { deflowError } from "../../errors/classes.ts";
import { isLent } from "../lend.ts";
import { type Database, driverOf, type Statement } from "./driver.ts";
import { failure } from "./failures.ts";

/** What both drivers say of a connection, and of a statement, where they do. */
interface Connection extends Database {
  readonly inTransaction?: boolean;
  readonly isTransaction?: boolean;
}
interface Settings {
  safeIntegers?(on: boolean): unknown;
  setReadBigInts?(on: boolean): unknown;
  setReturnArrays?(on: boolean): unknown;
}

export class Client {
  readonly database: Database;
  readonly #connection: Connection;
  readonly #path: string;

  /** Throws InvalidClient unless `given` is a connection by `own`'s library to `own`'s file, called `path`. */
  constructor(given: unknown, own: Database, path: string) {
    this.#connection = connectionLike(own, given);
    this.#path = path;
    this.database = { prepare: (sql) => plain(this.#connection.prepare(sql)), exec: (sql) => this.#connection.exec(sql), close: () => {} };
  }

  get isOpen(): boolean {
    return isInTransaction(this.#connection);
  }

  /** Throws InvalidClient unless its transaction is open. */
  check(): void {
    if (!this.isOpen) throw invalid("it is in no transaction, or was taken out of it before the call was over");
  }

  async write<T>(work: () => T): Promise<T> {
    this.check();
    try {
      this.database.exec("savepoint deflow_client");
      const result = work();
      this.database.exec("release deflow_client");
      return result;
    } catch (error) {
      undoWrite(this.database);
      throw failure(error, this.#path);
    }
  }

  read<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw isReachable(this.#connection) ? failure(error, this.#path) : invalid("it was closed before the call was over", error);
    }
  }

  /** The transaction reads one version of everything as it is. */
  snapshot<T>(work: () => T): T {
    return work();
  }

  close(): void {
    // The connection is the caller's.
  }
}

function undoWrite(database: Database): void {
  try {
    database.exec("rollback to deflow_client; release deflow_client");
  } catch {
    // SQLite has rolled back the whole transaction, as it does after a full disk; or the savepoint was refused. The failure that led here is the one to report.
  }
}

function connectionLike(own: Database, given: unknown): Connection {
  if (isLent(given)) throw invalid("it is the client of a `step.tx`, which is lent for the rows of the application; make the call after that step");
  const connection = given as Connection;
  let file: unknown;
  try {
    file = fileOf(connection);
  } catch (cause) {
    throw invalid("it is not an open connection of node:sqlite or better-sqlite3", cause);
  }
  if (typeof file !== "string") throw invalid("it is not a connection of node:sqlite or better-sqlite3");
  const ownFile = String(fileOf(own));
  if (!isSameFile(file, ownFile)) throw invalid(`it is a connection to \`${file || "a database without a file"}\`, and the store is \`${ownFile}\``);
  checkLibrary(own, connection);
  return connection;
}

/** SQLite's locks are its process's. A second library does not know of those of the first, and closing a file gives back all of them. */
function checkLibrary(own: Database, connection: Connection): void {
  if (Object.prototype.isPrototypeOf.call(Object.getPrototypeOf(own) as object, connection)) return;
  const driver = driverOf(own);
  throw invalid(`it is not of the library of the store's own connection, ${driver}, and two libraries on one file in one process can corrupt it. Open it`
    + ` with the same copy of ${driver}, or give the store the application's driver: sqlite(path, { driver })`);
}

function fileOf(connection: Connection): unknown {
  return plain(connection.prepare("select file from pragma_database_list where name = 'main'")).get()?.["file"];
}

/** By what they are, since they may be reached by links. */
function isSameFile(one: string, other: string): boolean {
  if (one === "") return false;
  const [a, b] = [one, other].map((file) => statSync(file, { bigint: true, throwIfNoEntry: false }));
  return a !== undefined && b !== undefined && a.dev === b.dev && a.ino === b.ino;
}

function isReachable(connection: Connection): boolean {
  try {
    connection.exec("select 1");
    return true;
  } catch {
    return false;
  }
}

/** One that is closed is in none. */
function isInTransaction(connection: Connection): boolean {
  try {
    const said = connection.inTransaction ?? connection.isTransaction;
    if (said !== undefined) return said;
  } catch {
    return false;
  }
  if (!isReachable(connection)) return false;
  // node:sqlite says it from Node 22.16 on. SQLite takes no `begin` within a transaction.
  try {
    connection.exec("begin");
  } catch {
    return true;
  }
  connection.exec("rollback");
  return false;
}

/** The caller may have told its connection to give integers as bigints, or rows as arrays. */
function plain(statement: Statement & Settings): Statement {
  statement.safeIntegers?.(false);
  statement.setReadBigInts?.(false);
  statement.setReturnArrays?.(false);
  return statement;
}

function invalid(problem: string, cause?: unknown): Error {
  return deflowError("INVALID_CLIENT", { problem }, cause === undefined ? {} : { cause });
}
