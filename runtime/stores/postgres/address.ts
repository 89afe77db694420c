// Which database: by its address or by a pool of the caller's, and as it is named in errors, where a password must never be.

import { InvalidArgumentError } from "../../errors/run.ts";
import { listenToAll, ownPool, type OwnPool, type PgPool } from "./connection.ts";

interface Given {
  readonly connectionString?: string;
  readonly pool?: PgPool;
}

interface Database {
  readonly pool: PgPool;
  /** The same, where it is not the caller's. */
  readonly own: OwnPool | undefined;
  /** For errors. */
  readonly where: string;
}

/** `what` was given it; `connections` is how many of its own it may have. Throws InvalidArgument, StoreDriverMissing. */
export function databaseOf(what: string, given: Given, connections: number): Database {
  const { connectionString, pool } = given;
  if (connectionString !== undefined && pool !== undefined) throw new InvalidArgumentError(`The options of ${what}`, "with two databases", "either `connectionString` or `pool`");
  if (pool !== undefined) {
    listenToAll(pool);
    return { pool, own: undefined, where: poolName(pool) };
  }
  if (connectionString === undefined) throw withoutDatabase(what, given);
  const own = ownPool(checkedAddress(connectionString), connections);
  return { pool: own, own, where: addressName(connectionString) };
}

function withoutDatabase(what: string, given: Given): Error {
  for (const name of ["connectionString", "pool"] as const) {
    if (name in given) return new InvalidArgumentError(`\`${name}\` of ${what}`, "undefined", forms[name], { hint: "Is it read from a variable of the environment? Then that variable is not set in this process." });
  }
  return new InvalidArgumentError(`The options of ${what}`, "without a database", "either with `connectionString` or with `pool`");
}

const forms = { connectionString: "postgres://user:password@host:port/database", pool: "a Pool of pg" } as const;

function checkedAddress(connectionString: string): string {
  if (isAddress(connectionString)) return connectionString;
  throw new InvalidArgumentError("`connectionString`", "not a URL of a Postgres database", forms.connectionString);
}

function isAddress(text: unknown): text is string {
  return typeof text === "string" && URL.canParse(text) && /^postgres(?:ql)?:/u.test(text);
}

function addressName(connectionString: string): string {
  const { host, pathname } = new URL(connectionString);
  return `postgres://${host}${pathname}`;
}

/** As far as its options say: a pool may be somebody's own, and pg takes what is not said from the environment. */
function poolName(pool: PgPool): string {
  const { connectionString, host, port, database } = (pool as { readonly options?: Readonly<Record<string, unknown>> }).options ?? {};
  if (isAddress(connectionString)) return addressName(connectionString);
  if (typeof host !== "string" && typeof database !== "string") return "the database of the pool";
  // A host may be the folder of a socket.
  const server = typeof host === "string" ? `${host.startsWith("/") ? encodeURIComponent(host) : host}${port === undefined ? "" : `:${String(port)}`}` : "";
  return `postgres://${server}/${typeof database === "string" ? database : ""}`;
}
