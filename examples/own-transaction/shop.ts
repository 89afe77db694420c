// A shop whose orders and runs live in one file.

import { deflow, type Engine, listen, respond, step } from "deflow";

/** What of a connection is needed here; node:sqlite and better-sqlite3 have it. */
export interface Connection {
  exec(sql: string): unknown;
  prepare(sql: string): { run(...parameters: string[]): unknown; get(...parameters: string[]): unknown };
}

export const tables = "create table if not exists orders (id text primary key, item text not null, state text not null)";

/** What the shop does to the world outside. */
export const outside = { charge: async (_order: string, _key: string): Promise<void> => {} };

export const fulfil = deflow(async function fulfil(id: string, item: string) {
  respond(`${item} is reserved`);
  await step("charge", ({ key }) => outside.charge(id, key));
  await step.tx("charged", (db: Connection) => void db.prepare("update orders set state = 'charged' where id = ?").run(id));
  await listen("shipped");
  await step.tx("sent", (db: Connection) => void db.prepare("update orders set state = 'sent' where id = ?").run(id));
});

/** The order and its run, or neither. */
export async function placeOrder(engine: Engine, db: Connection, id: string, item: string): Promise<void> {
  db.exec("begin immediate");
  try {
    db.prepare("insert into orders (id, item, state) values (?, ?, 'new')").run(id, item);
    await engine.start(fulfil, [id, item], { id, client: db });
    db.exec("commit");
  } catch (error) {
    db.exec("rollback");
    throw error;
  }
}
