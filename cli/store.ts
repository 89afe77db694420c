// The store that a command works on: `--store`, or DEFLOW_STORE.

import { existsSync } from "node:fs";
import type { Store } from "../runtime/store.ts";
import { UsageError } from "./io.ts";

export interface StoreOptions {
  /** `postgres://…`, or the path of a SQLite file; absent: what DEFLOW_STORE says. */
  readonly store?: string;
  /** Of Postgres: where the tables are, if not in "deflow". */
  readonly schema?: string;
}

/** Nothing is created, no table changed; `"read"`: nothing of it is written. @throws UsageError; what the store throws. */
export async function openStore({ store: given, schema }: StoreOptions, use: "read" | "write"): Promise<Store> {
  const url = given ?? process.env["DEFLOW_STORE"];
  if (url === undefined || url === "") throw new UsageError("no store is named. Give --store <path or postgres://…>, or set DEFLOW_STORE");
  if (/^postgres(?:ql)?:\/\//.test(url)) {
    const { postgresStore } = await import("../runtime/stores/postgres.ts");
    // Whether it may lose what it has committed is for the program to ask, whose store it is.
    return postgresStore({ connectionString: url, migrate: "check", durable: false, connections: 2, ...(schema === undefined ? {} : { schema }) });
  }
  const path = url.replace(/^sqlite:(?:\/\/)?/, "");
  if (!existsSync(path)) throw new UsageError(`there is no store at \`${url}\`. A store is postgres://… or the path of a SQLite file`);
  const { sqlite } = await import("../runtime/stores/sqlite.ts");
  const reader = sqlite(path, { readOnly: true });
  if (use === "read") return reader;
  // Opened to be written, tables of an older version would be changed.
  await reader.close();
  return sqlite(path);
}
