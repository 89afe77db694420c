// The tables: made once, in the schema asked for, by whoever comes first; and what is told of those that do not fit.

import { readFileSync } from "node:fs";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { DeflowError } from "../../runtime/errors/error.ts";
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

  it("of an older version are brought to the newest by hand, of the rest of that SQL", async () => {
    const older = readFileSync(new URL("../../fixtures/stores/postgres-3.sql", import.meta.url), "utf8").replaceAll("golden", schema.name);
    await schema.pool.query(older);
    const rest = `migrationsSql("${schema.name}", { from: 3 })`;
    await expect(opened({ migrate: "check" }).load("a")).rejects.toMatchObject({ code: "STORE_OLDER", message: expect.stringContaining(rest) });
    const client = await schema.pool.connect();
    await expect(client.query(migrationsSql(schema.name, { from: 2 }))).rejects.toThrow("The tables of deflow are at 3, not at 2");
    await client.query("rollback");
    client.release();
    await schema.pool.query(migrationsSql(schema.name, { from: 3 }));
    const store = opened({ migrate: "check" });
    expect((await loaded(store, "waits")).version).toBe(2);
    expect(await store.deliver([delivered("waits", "e0"), delivered("waits", "new")])).toMatchObject([{ result: "duplicate" }, { result: "delivered" }]);
    expect((await schema.pool.query(`select max(number) as number, count(*)::int as count from ${schema.name}.deflow_migration`)).rows).toEqual([{ number: 4, count: 4 }]);
  });

  it("of the newest version need none of it, and there is none after a number that is no migration's", async () => {
    await created(opened(), "a");
    await schema.pool.query(migrationsSql(schema.name, { from: 4 }));
    expect((await loaded(opened({ migrate: "check" }), "a")).version).toBe(1);
    for (const from of [-1, 5, 1.5, Number.NaN, "3" as never]) expect(() => migrationsSql(schema.name, { from })).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT", message: expect.stringContaining("`from`") }));
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

  it("that another version has changed meanwhile are told of, and nothing is written; what is as it was goes on, until this version is started again", async () => {
    const store = opened();
    await created(store, "a");
    await schema.pool.query(`alter table ${schema.name}.deflow_seen drop column ats; insert into ${schema.name}.deflow_migration values (5)`);
    await expect(store.deliver([delivered("a", "e1")])).rejects.toMatchObject({ code: "STORE_CHANGED", message: expect.stringContaining("column") });
    expect(await loaded(store, "a")).toMatchObject({ version: 1, delivered: 0 });
    await created(store, "b");
    for (const migrate of ["apply", "check"] as const) await expect(opened({ migrate }).load("a")).rejects.toMatchObject({ code: "STORE_NEWER", message: expect.stringContaining("are at 5") });
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

  it("that a user may not make or change are somebody else's to make: the refusal says what to run, and then `check` is enough", async () => {
    const role = `role_${schema.name}`;
    await schema.pool.query(`create role ${role} login password 'x'`);
    const url = new URL(schema.url);
    Object.assign(url, { username: role, password: "x" });
    const [, host] = /@([^/]+)/.exec(url.href) as unknown as [string, string];
    const as = (migrate: "apply" | "check"): Store => opened({ pool: undefined as never, connectionString: url.href, migrate });
    const refused = async (migrate: "apply" | "check"): Promise<DeflowError> => await as(migrate).load("a").then(() => expect.unreachable(), (error: DeflowError) => error);
    const rightsOn = async (what: string): Promise<unknown> => await schema.pool.query(`grant ${what} schema ${schema.name} to ${role}`);
    try {
      expect(await refused("check")).toMatchObject({ code: "STORE_MISSING", hint: expect.stringContaining(`migrationsSql("${schema.name}")`) });
      expect(await refused("apply")).toMatchObject({
        code: "STORE_DENIED", message: expect.stringMatching(`^\`postgres://${host}/.*\` denies access: permission denied for database`),
        hint: expect.stringMatching(`migrationsSql\\("${schema.name}"\\), and use { migrate: "check" }`),
      });
      const older = readFileSync(new URL("../../fixtures/stores/postgres-3.sql", import.meta.url), "utf8").replaceAll("golden", schema.name);
      await schema.pool.query(older);
      for (const migrate of ["apply", "check"] as const) expect(await refused(migrate)).toMatchObject({ code: "STORE_DENIED", message: expect.stringContaining("permission denied for schema") });
      await rightsOn("usage on");
      await rightsOn("select, insert, update, delete on all tables in");
      await rightsOn("usage on all sequences in");
      const rest = `migrationsSql("${schema.name}", { from: 3 })`;
      expect(await refused("apply")).toMatchObject({ code: "STORE_DENIED", message: expect.stringContaining("must be owner of"), hint: expect.stringContaining(rest) });
      expect(await refused("check")).toMatchObject({ code: "STORE_OLDER", message: expect.stringContaining(rest) });
      await schema.pool.query(migrationsSql(schema.name, { from: 3 }));
      for (const migrate of ["apply", "check"] as const) expect((await loaded(as(migrate), "waits")).version).toBe(2);
      await created(as("check"), "b");
    } finally {
      for (const store of stores.splice(0)) await store.close();
      await schema.pool.query(`drop owned by ${role}; drop role ${role}`);
    }
  });

  it("show frames to people as text", async () => {
    await created(opened(), "a", { frame: "{\"é\":1}" });
    expect((await schema.pool.query(`select id, frame from ${schema.name}.deflow_frame`)).rows).toEqual([{ id: "a", frame: "{\"é\":1}" }]);
  });
});
