// A store as a process of the kill loop opens it.

import type { Store } from "../../../runtime/store.ts";
import { postgresStore } from "../../../runtime/stores/postgres.ts";
import { sqlite } from "../../../runtime/stores/sqlite.ts";

export type StoreAt = { readonly kind: "sqlite"; readonly file: string } | { readonly kind: "postgres"; readonly url: string; readonly schema?: string };

/** `name` is what the database knows the process by. */
export function openStore(at: StoreAt, name?: string): Store {
  if (at.kind === "sqlite") return sqlite(at.file);
  const url = new URL(at.url);
  if (name !== undefined) url.searchParams.set("application_name", name);
  return postgresStore({ connectionString: url.href, connections: 3, durable: false, ...(at.schema === undefined ? {} : { schema: at.schema }) });
}
