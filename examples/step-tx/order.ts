// An order takes goods out of stock: the shop's tables and the runs are in one SQLite file, and change together.

import { deflow, step } from "deflow";

/** As much of node:sqlite's DatabaseSync, or better-sqlite3's Database, as is needed here. */
interface Client {
  prepare(sql: string): { run(...values: unknown[]): { changes: number | bigint } };
}

export const order = deflow(async function order(item: string, count: number) {
  return await step.tx("reserve", (db: Client, { key }) => {
    const { changes } = db.prepare("update stock set left = left - ? where item = ? and left >= ?").run(count, item, count);
    if (Number(changes) === 0) return "sold out";
    db.prepare("insert into reservation (key, item, count) values (?, ?, ?)").run(key, item, count);
    return "reserved";
  });
});
