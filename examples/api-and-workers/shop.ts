// What both programs have: one build, one database.

import { createEngine, type Engine, type Logger, type Store } from "deflow";
import { postgresStore } from "deflow/postgres";
import pg from "pg";
import { order, withdraw } from "./order.ts";

export interface Shop {
  readonly pool: pg.Pool;
  readonly engine: Engine;
  close(): Promise<void>;
}

export function openShop(logger?: Logger): Shop {
  const pool = new pg.Pool({ connectionString: process.env["DATABASE_URL"], connectionTimeoutMillis: 10_000 });
  // The database of tests may lose what it was given last.
  const durable = process.env["NODE_ENV"] !== "test";
  const store: Store = postgresStore({ pool, schema: process.env["DEFLOW_SCHEMA"] ?? "deflow", durable });
  const engine = createEngine({ store, flows: { order, withdraw }, ...(logger && { logger }) });
  return {
    pool, engine,
    async close() {
      await engine.close();
      await store.close();
      await pool.end();
    },
  };
}
