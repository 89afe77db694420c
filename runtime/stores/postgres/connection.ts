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
}

interface DriversPool extends OwnPool {
  on(event: "error", listener: () => void): unknown;
}

/**
 * For connections that are the store's alone. It looks for a few rows by index always: a plan that was made when a table was small must not
 * read all of it when it has grown. And what it commits is on the disk.
 */
const settings = {
  enable_seqscan: "off", enable_hashjoin: "off", enable_mergejoin: "off", plan_cache_mode: "force_generic_plan", jit: "off", synchronous_commit: "on",
};

/** Throws StoreDriverMissing. It connects when it is asked to. */
export function ownPool(connectionString: string, max: number): OwnPool {
  // In the CommonJS build import.meta.url is empty and __filename is there.
  const require = createRequire(typeof __filename === "string" ? __filename : import.meta.url);
  let driver: { Pool: new (options: object) => DriversPool };
  try {
    driver = require("pg") as typeof driver;
  } catch (cause) {
    throw storeDriverMissing("pg", "it is not installed", cause);
  }
  const { address, options } = optionsOf(connectionString);
  const poolWith = (more: string): OwnPool => {
    const pool = new driver.Pool({ connectionString: address, max, keepAlive: true, options: `${options}${more}` });
    // Of a connection that nobody uses just then; the pool has dropped it, and the next query says what is wrong.
    pool.on("error", () => {});
    return pool;
  };
  let pool = poolWith(Object.entries(settings).map(([name, value]) => ` -c ${name}=${value}`).join(""));
  let isPooled = false;
  return {
    async connect() {
      try {
        return await pool.connect();
      } catch (error) {
        if (isPooled || !isRefusedOption(error)) throw error;
        isPooled = true;
        [pool] = [poolWith(""), await pool.end()];
        return await pool.connect();
      }
    },
    end: () => pool.end(),
  };
}

/** What else is asked of the server for each connection stays asked for. */
function optionsOf(connectionString: string): { readonly address: string; readonly options: string } {
  const url = new URL(connectionString);
  const given = url.searchParams.get("options");
  url.searchParams.delete("options");
  return { address: given === null ? connectionString : url.href, options: given ?? process.env["PGOPTIONS"] ?? "" };
}

/**
 * By a pooler, which shares its connections out: PgBouncer. It is asked with the first message of a connection, since a `set` would stay with a
 * connection of the pooler's, whoever has it next.
 */
function isRefusedOption(error: unknown): boolean {
  return /unsupported startup parameter/u.test(error instanceof Error ? error.message : "");
}

/** Whether this connection has the settings of the store's own. One of a pooler that heeds no options has not. */
export async function hasSettings(client: PgClient): Promise<boolean> {
  const all = Object.entries(settings).map(([name, value]) => `current_setting('${name}') = '${value}'`).join(" and ");
  const [row] = await ask(client, { text: `select ${all} as has` });
  return row?.["has"] === true;
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

/** As one that is parsed anew, on whichever connection it meets. */
export function withoutName({ text, values = [] }: Query): Query {
  return { text, values };
}

export async function ask(client: PgClient, { text, values = [], name }: Query): Promise<Row[]> {
  return (await client.query({ text, values, types, ...(name === undefined ? {} : { name }) })).rows;
}
