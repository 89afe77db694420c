import Database from "better-sqlite3";
import { testEngine } from "deflow/testing";
import { expect, it } from "vitest";
import { processes } from "../processes.ts";
import { order } from "./order.ts";

it("writes rows and result in one commit", async () => {
  await processes({ flows: { order }, driver: "better-sqlite3" }, async ({ next, path }) => {
    const engine = next();
    const shop = new Database(path);
    shop.exec("create table stock (item text primary key, left integer); create table reservation (key text primary key, item text, count integer)");
    shop.exec("insert into stock values ('lamp', 5)");
    expect(await engine.start(order, ["lamp", 3], { id: "O-1" })).toMatchObject({ status: "completed", value: "reserved" });
    expect(await engine.start(order, ["lamp", 3], { id: "O-2" })).toMatchObject({ status: "completed", value: "sold out" });
    expect(shop.prepare("select * from stock").all()).toEqual([{ item: "lamp", left: 2 }]);
    expect(shop.prepare("select * from reservation").all()).toEqual([{ key: "O-1:1", item: "lamp", count: 3 }]);
    shop.close();
  });
});

it("what throws is rolled back, and thrown into the flow", async () => {
  await processes({ flows: { order }, driver: "better-sqlite3" }, async ({ next, path }) => {
    const engine = next();
    const shop = new Database(path);
    shop.exec("create table stock (item text primary key, left integer); insert into stock values ('lamp', 5)");
    expect(await engine.start(order, ["lamp", 3])).toMatchObject({ status: "failed", error: { message: expect.stringContaining("reservation") as string } });
    expect(shop.prepare("select * from stock").all()).toEqual([{ item: "lamp", left: 5 }]);
    shop.close();
  });
});

it("a store in memory has no transactions; a test gives a stand-in", async () => {
  const engine = testEngine({ flows: { order }, steps: { reserve: () => "reserved" } });
  expect(await engine.start(order, ["lamp", 3])).toMatchObject({ value: "reserved" });
  await engine.close();
  const bare = testEngine({ flows: { order } });
  expect(await bare.start(order, ["lamp", 3])).toMatchObject({ status: "failed", error: { code: "STORE_WITHOUT_TX" } });
  await bare.close();
});
