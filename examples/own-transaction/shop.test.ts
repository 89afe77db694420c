// Orders and runs are there together, or not at all.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { createEngine } from "deflow";
import { sqlite } from "deflow/sqlite";
import { afterEach, beforeEach, expect, it } from "vitest";
import { fulfil, outside, placeOrder, tables } from "./shop.ts";

let folder: string;
let db: Database.Database;
let store: ReturnType<typeof sqlite>;
const charged: string[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "deflow-"));
  store = sqlite(join(folder, "shop.db"), { driver: "better-sqlite3" });
  db = new Database(join(folder, "shop.db"));
  db.exec(tables);
  charged.length = 0;
  outside.charge = async (order) => void charged.push(order);
});

afterEach(async () => {
  db.close();
  await store.close();
  rmSync(folder, { recursive: true });
});

const state = (id: string): unknown => db.prepare("select state from orders where id = ?").pluck().get(id);

it("an order is charged after its commit, and goes on with its run", async () => {
  const engine = createEngine({ store, flows: { fulfil } });
  await placeOrder(engine, db, "1", "a book");
  expect([state("1"), charged, (await engine.get("1")).responses]).toEqual(["new", [], ["a book is reserved"]]);
  await engine.tick();
  expect([state("1"), charged]).toEqual(["charged", ["1"]]);
  await engine.continue("1", "shipped", null);
  expect(state("1")).toBe("sent");
  await engine.close();
});

it("an order that is refused has no run, and a run that is refused no order", async () => {
  const engine = createEngine({ store, flows: { fulfil } });
  await placeOrder(engine, db, "1", "a book");
  await expect(placeOrder(engine, db, "1", "a pen")).rejects.toThrow("UNIQUE");
  const closed = createEngine({ store, flows: {} });
  await expect(placeOrder(closed, db, "2", "a pen")).rejects.toMatchObject({ code: "UNKNOWN_FLOW" });
  expect([state("2"), (await engine.find()).runs.length]).toEqual([undefined, 1]);
  await engine.close();
});
