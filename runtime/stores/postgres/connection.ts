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
  /** It gives no rows of its own: instead there is an empty one for each that it has changed. Of connections of the store's own: others' drivers may not count. */
  readonly counts?: boolean;
}

/** A `Client` of pg, or a `PoolClient`. */
export interface PgClient {
  /** Sends one statement: `{ text, values, name }`. */
  query(query: unknown): Promise<{ readonly rows: Row[]; readonly rowCount?: number | null }>;
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
  /** Of connections that nobody uses just then. */
  on?(event: "error", listener: (error: Error) => void): unknown;
  /** Those that are new, before anybody has them. */
  on?(event: "connect", listener: (client: PgClient) => void): unknown;
}

export interface OwnPool extends PgPool {
  end(): Promise<void>;
}

/**
 * For connections that are the store's alone. It looks for a few rows by index always: a plan that was made when a table was small must not
 * read all of it when it has grown.
 */
export const storeSettings = { enable_seqscan: "off", enable_hashjoin: "off", enable_mergejoin: "off", enable_material: "off", plan_cache_mode: "force_generic_plan", jit: "off" };

/**
 * Throws StoreDriverMissing. It connects when it is asked to. The settings are asked for with the first message of each connection: a `set` would stay with a
 * connection of a pooler's, whoever has it next. Where they are refused it goes on without: PgBouncer and RDS Proxy take none.
 */
export function ownPool(connectionString: string, max: number): OwnPool {
  const driver = driverOf();
  const { address, options } = optionsOf(connectionString);
  const poolWith = (more: string): OwnPool => {
    const pool = new driver.Pool({ connectionString: address, max, keepAlive: true, options: `${more} ${options}`.trim() });
    listenToAll(pool);
    return pool;
  };
  let pool = poolWith(Object.entries(storeSettings).map(([name, value]) => `-c ${name}=${value}`).join(" "));
  let probed: Promise<void> | undefined;
  const probe = async (): Promise<void> => {
    try {
      (await pool.connect()).release();
    } catch (error) {
      if (!mayBeOfOptions(error)) throw error;
      const plain = poolWith("");
      try {
        (await plain.connect()).release();
      } catch {
        // It was not the options.
        await plain.end();
        throw error;
      }
      await pool.end();
      pool = plain;
    }
  };
  return {
    async connect() {
      await (probed ??= probe().catch((error: unknown) => {
        probed = undefined;
        throw error;
      }));
      return await pool.connect();
    },
    async end() {
      await probed?.catch(() => {});
      await pool.end();
    },
  };
}

function driverOf(): { Pool: new (options: object) => OwnPool } {
  // In the CommonJS build import.meta.url is empty and __filename is there.
  const require = createRequire(typeof __filename === "string" ? __filename : import.meta.url);
  try {
    return require("pg") as { Pool: new (options: object) => OwnPool };
  } catch (cause) {
    throw storeDriverMissing("pg", "it is not installed", cause);
  }
}

/** What else is asked of the server for each connection stays asked for. */
function optionsOf(connectionString: string): { readonly address: string; readonly options: string } {
  const url = new URL(connectionString);
  const given = url.searchParams.getAll("options").at(-1);
  url.searchParams.delete("options");
  return { address: given === undefined ? connectionString : url.href, options: given ?? process.env["PGOPTIONS"] ?? "" };
}

/** A server that says no, and not because of who asks, for which database, or how many there are. Each says it in words of its own. */
function mayBeOfOptions(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === "string" && /^(?!28|3D|53|57P)[0-9A-Z]{5}$/u.test(code);
}

/** Whether this connection has the settings of the store's own. One of a pooler that heeds no options has not. */
export async function hasSettings(client: PgClient): Promise<boolean> {
  const all = Object.entries(storeSettings).map(([name, value]) => `current_setting('${name}') = '${value}'`).join(" and ");
  const [row] = await ask(client, { text: `select ${all} as has` });
  return row?.["has"] === true;
}

const listened = new WeakSet<object>();

/**
 * No connection that ends may end the process, whoever's pool it is of: what is asked next is told. One that nobody uses is dropped by its pool; a new one
 * may be ended by the server with the word that it is ready, before who asked for it has it.
 */
export function listenToAll(pool: PgPool): void {
  if (listened.has(pool)) return;
  listened.add(pool);
  pool.on?.("error", () => {});
  pool.on?.("connect", listenTo);
}

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
export function withoutName({ name: _, ...query }: Query): Query {
  return query;
}

export async function ask(client: PgClient, { text, values = [], name, counts }: Query): Promise<Row[]> {
  const { rows, rowCount } = await client.query({ text, values, types, ...(name === undefined ? {} : { name }) });
  return counts ? Array.from({ length: rowCount as number }, () => ({})) : rows;
}
