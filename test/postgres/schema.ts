// A schema of its own for each test file, on the server that all share; emptied for each test, which is faster than a new one.

import { randomBytes } from "node:crypto";
import pg from "pg";
import type { Caller } from "../../runtime/testing/store-fixture.ts";
import type { Store } from "../../runtime/store.ts";
import { type PostgresOptions, postgresStore } from "../../runtime/stores/postgres.ts";
import { sharedServer } from "./shared.ts";

const tables = ["run", "wake", "status", "tag", "wait", "inbox", "seen", "outbox", "part", "queue", "shape"];

export class Schema {
  readonly url: string;
  readonly name = `test_${randomBytes(6).toString("hex")}`;
  readonly pool: pg.Pool;

  constructor(url: string) {
    this.url = url;
    this.pool = new pg.Pool({ connectionString: url, max: 20 });
    this.pool.on("error", () => {});
  }

  /** A store on the pool; its leases go by the clock of its callers. */
  open(options: Partial<PostgresOptions> = {}): Store {
    return postgresStore({ pool: this.pool, schema: this.name, durable: false, leaseClock: "caller", ...options } as PostgresOptions);
  }

  async empty(): Promise<void> {
    const { rows } = await this.pool.query("select to_regnamespace($1) is not null as found", [this.name]);
    if ((rows as { found: boolean }[])[0]?.found) await this.pool.query(tables.map((table) => `delete from ${this.name}.deflow_${table}`).join(";"));
  }

  /** A client of the caller's, with a transaction begun. */
  async begin(): Promise<Caller & { readonly client: pg.Client }> {
    const client = new pg.Client(this.url);
    await client.connect();
    await client.query("begin");
    const drop = (): Promise<void> => client.end();
    return { client, drop, end: async (how) => void (await client.query(how), await drop()) };
  }

  /** Until a connection waits for a lock. */
  async waits(): Promise<void> {
    for (;;) {
      const { rows } = await this.pool.query("select from pg_stat_activity where wait_event_type = 'Lock' and query like $1", [`%${this.name}%`]);
      if (rows.length > 0) return;
    }
  }

  async drop(): Promise<void> {
    await this.pool.query(`drop schema if exists ${this.name} cascade`);
    await this.pool.end();
  }
}

export async function newSchema(): Promise<Schema> {
  return new Schema(await sharedServer());
}
