// As much of `pg` as the store uses: a pool of the caller's, or one of its own; and what a query is.

import { createRequire } from "node:module";
import { storeDriverMissing } from "../../errors/store.ts";
import type { Row } from "../rows.ts";

export type Value = string | number | boolean | null | readonly (string | number | boolean | null)[];

export interface Query {
  readonly text: string;
  readonly values?: readonly Value[];
  /** Prepared under this name, once for each connection. */
  readonly name?: string;
}

/** A `Client` of pg, or a `PoolClient`. */
export interface PgClient {
  /** Sends one statement: `{ text, values, name }`. */
  query(query: unknown): Promise<{ readonly rows: Row[] }>;
  /** What becomes of the connection. */
  on(event: "error" | "end", listener: (error: Error) => void): unknown;
  /** What others `notify`. */
  on(event: "notification", listener: (message: { readonly channel: string; readonly payload?: string | undefined }) => void): unknown;
}

/** A `PoolClient` of pg. */
export interface PgPoolClient extends PgClient {
  /** Gives it back to its pool; with an error, or true, the pool drops it. */
  release(error?: Error | boolean): void;
}

/** A `Pool` of pg. */
export interface PgPool {
  /** A connection of the pool's, to be given back by `release`. */
  connect(): Promise<PgPoolClient>;
}

interface OwnPool extends PgPool {
  end(): Promise<void>;
  on(event: "error", listener: () => void): unknown;
}

/**
 * For connections that are the store's alone. It looks for a few rows by index always: a plan that was made when a table was small must not
 * read all of it when it has grown. And what it commits is on the disk.
 */
const settings = ["enable_seqscan = off", "enable_hashjoin = off", "enable_mergejoin = off", "plan_cache_mode = force_generic_plan", "jit = off", "synchronous_commit = on", "client_encoding = 'UTF8'"];

/** Throws StoreDriverMissing. It connects when it is asked to. */
export function ownPool(connectionString: string, max: number): OwnPool {
  // In the CommonJS build import.meta.url is empty and __filename is there.
  const require = createRequire(typeof __filename === "string" ? __filename : import.meta.url);
  let driver: { Pool: new (options: object) => OwnPool };
  try {
    driver = require("pg") as typeof driver;
  } catch (cause) {
    throw storeDriverMissing("pg", "it is not installed", cause);
  }
  const prepared = settings.map((setting) => `set ${setting}`).join("; ");
  // A connection is lent out only after it. Meanwhile the pool does not listen to its errors any more.
  const verify = (client: PgClient, done: (error?: unknown) => void): void => {
    listenTo(client);
    client.query(prepared).then(() => done(), done);
  };
  const pool = new driver.Pool({ connectionString, max, keepAlive: true, verify });
  // Of a connection that nobody uses just then; the pool has dropped it, and the next query says what is wrong.
  pool.on("error", () => {});
  return pool;
}

const listened = new WeakSet<PgClient>();

/**
 * The query that meets an error of the connection tells of it; without a listener it would end the process as well. For ever: of a
 * connection that has broken, and was given back, more errors may come.
 */
export function listenTo(client: PgClient): void {
  if (listened.has(client)) return;
  listened.add(client);
  client.on("error", () => {});
}

/** Integers as numbers, whatever the program has told pg to make of them. All else that is asked for is text, or true and false. */
const types = {
  getTypeParser: (oid: number) => {
    if (oid === 20 || oid === 21 || oid === 23) return Number;
    return oid === 16 ? (text: string) => text === "t" : (text: string) => text;
  },
};

export async function ask(client: PgClient, { text, values = [], name }: Query): Promise<Row[]> {
  return (await client.query({ text, values, types, ...(name === undefined ? {} : { name }) })).rows;
}
