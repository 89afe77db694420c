// The tables: made once, in the schema asked for, by whoever comes first; and what is told of those that do not fit.

import { afterEach, beforeEach, expect, it } from "vitest";
import type { Store } from "../../runtime/store.ts";
import { migrationsSql, type PostgresOptions } from "../../runtime/stores/postgres.ts";
import { created, delivered, loaded } from "../../runtime/testing/store-fixture.ts";
import { newSchema, type Schema } from "../postgres/schema.ts";
import { describePostgres } from "../postgres/shared.ts";

describePostgres("the tables", () => {
  let schema: Schema;
  const stores: Store[] = [];
  beforeEach(async () => {
    schema = await newSchema();
  });
  afterEach(async () => {
    for (const store of stores.splice(0)) await store.close();
    await schema.drop();
  });

  function opened(options: Partial<PostgresOptions> = {}): Store {
    const store = schema.open(options);
    stores.push(store);
    return store;
  }

  it("are made once by many that start at the same time", async () => {
    await Promise.all(Array.from({ length: 8 }, (_, n) => created(opened(), `run ${n}`)));
    expect((await opened().find({ limit: 99 })).length).toBe(8);
    expect((await schema.pool.query(`select number from ${schema.name}.deflow_migration`)).rows).toEqual([{ number: 1 }, { number: 2 }, { number: 3 }, { number: 4 }]);
  });

  it("may be in a schema of any name, beside others", async () => {
    const odd = `Ünï "x'; drop--${schema.name}`;
    const [one, other] = [opened({ schema: odd }), opened()];
    await created(one, "a", { frame: "one" });
    await created(other, "a", { frame: "other" });
    expect([(await loaded(one, "a")).frame, (await loaded(other, "a")).frame]).toEqual(["one", "other"]);
    await schema.pool.query(`drop schema "${odd.replaceAll("\"", "\"\"")}" cascade`);
  });

  it("can be made by hand, of the SQL that is printed", async () => {
    await expect(opened({ migrate: "check" }).load("a")).rejects.toMatchObject({ code: "STORE_MISSING", message: expect.stringContaining(schema.name) });
    await schema.pool.query(migrationsSql(schema.name));
    const store = opened({ migrate: "check" });
    await created(store, "a");
    expect((await loaded(store, "a")).version).toBe(1);
  });

  it("of another version are told of", async () => {
    await created(opened(), "a");
    const set = (sql: string): Promise<unknown> => schema.pool.query(sql.replaceAll("$", `${schema.name}.deflow_migration`));
    await set("insert into $ values (99)");
    await expect(opened().load("a")).rejects.toMatchObject({ code: "STORE_NEWER" });
    await set("delete from $");
    await expect(opened({ migrate: "check" }).load("a")).rejects.toMatchObject({ code: "STORE_OLDER", message: expect.stringContaining("are at 0, this version needs 4") });
  });

  it("are not made over somebody else's, and are missed when they are gone", async () => {
    await schema.pool.query(`create schema ${schema.name}; create table ${schema.name}.deflow_run (mine text)`);
    await expect(opened().load("a")).rejects.toMatchObject({ code: "STORE_FOREIGN" });
    await schema.pool.query(`drop table ${schema.name}.deflow_run`);
    const store = opened();
    await created(store, "a");
    await schema.pool.query(`drop schema ${schema.name} cascade`);
    await expect(store.load("a")).rejects.toMatchObject({ code: "STORE_MISSING" });
  });

  it("that another version has changed meanwhile are told of, and nothing is written", async () => {
    const store = opened();
    await created(store, "a");
    await schema.pool.query(`alter table ${schema.name}.deflow_seen drop column ats`);
    await expect(store.deliver([delivered("a", "e1")])).rejects.toMatchObject({ code: "STORE_CHANGED" });
    expect(await loaded(store, "a")).toMatchObject({ version: 1, delivered: 0 });
  });

  it("need no more rights than are documented", async () => {
    await created(opened(), "a");
    const role = `role_${schema.name}`;
    await schema.pool.query(`create role ${role} login password 'x'; grant usage on schema ${schema.name} to ${role}; grant select on all tables in schema ${schema.name} to ${role}`);
    const url = new URL(schema.url);
    Object.assign(url, { username: role, password: "x" });
    const store = opened({ pool: undefined as never, connectionString: url.href });
    try {
      expect((await loaded(store, "a")).version).toBe(1);
      await expect(created(store, "b")).rejects.toMatchObject({ code: "STORE_DENIED" });
      await schema.pool.query(`grant insert, update, delete on all tables in schema ${schema.name} to ${role}; grant usage on all sequences in schema ${schema.name} to ${role}`);
      await created(store, "b");
    } finally {
      await store.close();
      await schema.pool.query(`drop owned by ${role}; drop role ${role}`);
    }
  });

  it("show frames to people as text", async () => {
    await created(opened(), "a", { frame: "{\"é\":1}" });
    expect((await schema.pool.query(`select id, frame from ${schema.name}.deflow_frame`)).rows).toEqual([{ id: "a", frame: "{\"é\":1}" }]);
  });
});
