// The view for queries: what can be read of runs as jsonb, and null where jsonb cannot hold it.

import { createEngine } from "deflow";
import { viewSql } from "deflow/postgres";
import { afterAll, beforeAll, expect, it } from "vitest";
import { loop, sleeper, hello } from "../engine/flows.ts";
import { newSchema, type Schema } from "../postgres/schema.ts";
import { describePostgres } from "../postgres/shared.ts";

describePostgres("the view for queries", () => {
  let schema: Schema;
  beforeAll(async () => {
    schema = await newSchema();
  });
  afterAll(() => schema?.drop());

  it("made again keeps what is granted on it; it is not made with fewer columns", async () => {
    const own = await newSchema();
    const role = `reader_${own.name}`;
    const store = own.open();
    try {
      await store.load("a");
      const { pool, name } = own;
      const mayRead = async (): Promise<unknown> => (await pool.query(`select has_table_privilege('${role}', '${name}.deflow_runs', 'select') as may`)).rows[0];
      await pool.query(viewSql({ schema: name }));
      await pool.query(`create role ${role}; grant select on ${name}.deflow_runs to ${role}`);
      for (const locals of [false, true, true]) {
        await pool.query(viewSql({ schema: name, locals }));
        expect(await mayRead()).toEqual({ may: true });
      }
      await expect(pool.query(viewSql({ schema: name }))).rejects.toThrow("cannot drop columns from view");
      expect(await mayRead()).toEqual({ may: true });
      await pool.query(`drop view ${name}.deflow_runs; ${viewSql({ schema: name })}`);
      expect(await mayRead()).toEqual({ may: false });
    } finally {
      await store.close();
      await own.pool.query(`drop owned by ${role}; drop role ${role}`);
      await own.drop();
    }
  });

  it("shows status, waits, index and, if asked for, locals; it is read only", async () => {
    const store = schema.open();
    const engine = createEngine({ store, flows: { loop, sleeper, hello } });
    await engine.start(loop, [], { id: "counts", index: { customer: 7, vip: true } });
    await engine.start(hello, ["Ann"], { id: "hello" });
    await engine.start(hello, ["A\u0000nn \ud800"], { id: "odd", index: { name: "A\u0000nn" } });
    const { nextAt } = await engine.start(sleeper, [60_000], { id: "sleeps" });
    const ended = await engine.start(sleeper, [0], { id: "queued", queue: "mail" });
    await engine.cancel(ended);
    const rows = async (where: string): Promise<unknown[]> => (await schema.pool.query(`select * from ${schema.name}.deflow_runs where ${where} order by id`)).rows;
    await schema.pool.query(viewSql({ schema: schema.name }));
    expect(await rows("index @> '{\"customer\": 7}' and listens ? 'word'")).toEqual([{
      id: "counts", flow: "loop", queue: "default", priority: 0, status: "waiting", version: "1", created_at: expect.any(Date), updated_at: expect.any(Date), next_at: null, leased: false,
      listens: ["word"], index: { customer: 7, vip: true },
    }]);
    expect(await rows("next_at is not null")).toMatchObject([{ id: "sleeps", next_at: nextAt }]);
    expect(await rows("status = 'cancelled'")).toMatchObject([{ id: "queued", listens: [] }]);
    await schema.pool.query(viewSql({ schema: schema.name, locals: true }));
    expect(await rows("strands @> '[{\"locals\": {\"name\": \"Ann\"}}]'")).toMatchObject([{ id: "hello", strands: [{ flow: "hello", point: "listen:word" }] }]);
    expect(await rows("id in ('odd', 'queued')")).toMatchObject([{ id: "odd", strands: null, index: {} }, { id: "queued", strands: null }]);
    await expect(schema.pool.query(`update ${schema.name}.deflow_runs set status = 'completed'`)).rejects.toThrow();
    await engine.close();
    await store.close();
  });
});
