// step.tx and client over Postgres: the application's rows and the run in one commit.

import { createEngine, deflow, type Engine, FatalError, isDeflowError, listen, respond, step } from "deflow";
import { SimulatedClock } from "deflow/testing";
import type pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import type { Store } from "../../runtime/store.ts";
import { newSchema, type Schema } from "../postgres/schema.ts";
import { describePostgres } from "../postgres/shared.ts";

/** Outside the runs: the table of the application's, and what a step does beside its row. */
const world = { table: "", calls: 0, also: async (_client: pg.Client, _attempt: number): Promise<unknown> => undefined };

const book = deflow(async function pgBook(seat: string) {
  try {
    return await step.tx("book", async (db: pg.Client, { attempt }) => {
      world.calls++;
      await db.query(`insert into ${world.table} values ($1)`, [seat]);
      await world.also(db, attempt);
      return `booked ${seat}`;
    }, { retry: { attempts: 2, delay: 1_000, jitter: false } });
  } catch (error) {
    return isDeflowError(error) ? error.code : String(error);
  }
});

const order = deflow(async function pgOrder(item: string) {
  respond("accepted", item);
  const answer = await listen("word");
  return await step("act", () => `${item} ${String(answer)} ${++world.calls}`);
});

describePostgres("Postgres", () => {
  let schema: Schema;
  let store: Store;
  let engine: Engine;
  const clock = new SimulatedClock(1_700_000_000_000);
  beforeAll(async () => {
    schema = await newSchema();
    await schema.pool.query(`create schema ${schema.name}`);
    world.table = `${schema.name}.booking`;
    await schema.pool.query(`create table ${world.table} (seat text primary key deferrable initially deferred)`);
  });
  beforeEach(async () => {
    await schema.empty().catch(() => {});
    await schema.pool.query(`delete from ${world.table}`);
    Object.assign(world, { calls: 0, also: async () => undefined });
    store = schema.open();
    engine = createEngine({ store, flows: { book, order }, clock, logger: { debug() {}, info() {}, warn() {}, error() {} } });
  });
  afterEach(async () => {
    await engine.close();
    await store.close();
  });
  afterAll(() => schema?.drop());

  const seats = async (): Promise<unknown[]> => (await schema.pool.query<{ seat: string }>(`select seat from ${world.table} order by seat`)).rows.map(({ seat }) => seat);

  it("a step's rows and its result are one commit, and the function may await", async () => {
    expect(await engine.start(book, ["1a"])).toMatchObject({ status: "completed", value: "booked 1a" });
    expect([await seats(), world.calls]).toEqual([["1a"], 1]);
  });

  it("what a failed attempt wrote is gone, and the next one is made", async () => {
    world.also = async (_db, attempt) => {
      if (attempt === 1) throw new Error("not yet");
    };
    const run = await engine.start(book, ["1a"]);
    await clock.advance(1_000);
    await engine.tick();
    expect(await engine.get(run)).toMatchObject({ status: "completed", value: "booked 1a" });
    expect([await seats(), world.calls]).toEqual([["1a"], 2]);
  });

  it.each<readonly [what: string, value: string, also: (db: pg.Client) => Promise<unknown>]>([
    ["ends the transaction itself", "INVALID_TX", (db) => db.query("rollback")],
    ["goes on after a statement that failed", "INVALID_TX", (db) => db.query("select nonsense").catch(() => {})],
    ["breaks a deferred constraint", "TX_REFUSED", (db) => db.query(`insert into ${world.table} values ('1a')`)],
    ["fails for good", "FATAL", async () => { throw new FatalError("sold out"); }],
  ])("a step that %s leaves no row", async (_what, value, also) => {
    world.also = also;
    const run = await engine.start(book, ["1a"]);
    await clock.advance(1_000);
    await engine.tick();
    expect(await engine.get(run)).toMatchObject({ status: "completed", value });
    expect(await seats()).toEqual([]);
  });

  it.each(["commit", "rollback"] as const)("with `client` a run is started and continued with the caller's rows, or not: %s", async (end) => {
    const caller = await schema.begin();
    await caller.client.query(`insert into ${world.table} values ('own')`);
    const run = await engine.start(order, ["tea"], { client: caller.client });
    expect(run).toMatchObject({ status: "waiting", responses: ["accepted", "tea"] });
    expect(await engine.continue(run, "word", "now", { client: caller.client })).toMatchObject({ status: "running" });
    expect(world.calls).toBe(0);
    await expect(engine.get(run)).rejects.toMatchObject({ code: "NOT_FOUND" });
    await caller.end(end);
    if (end === "rollback") {
      await expect(engine.get(run)).rejects.toMatchObject({ code: "NOT_FOUND" });
      return void expect(await seats()).toEqual([]);
    }
    await engine.tick();
    expect(await engine.get(run)).toMatchObject({ status: "completed", value: "tea now 1" });
    expect(await seats()).toEqual(["own"]);
  });
});
