// A database of every released version of the tables opens, with its runs as they were. The dumps in fixtures/stores are never edited.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { Store } from "../../runtime/store.ts";
import { sqlite } from "../../runtime/stores/sqlite.ts";
import { connect } from "../../runtime/stores/sqlite/driver.ts";
import { changeOf, delivered, loaded, now } from "../../runtime/testing/store-fixture.ts";
import { newSchema } from "../postgres/schema.ts";
import { describePostgres } from "../postgres/shared.ts";

const folder = new URL("../../fixtures/stores/", import.meta.url);
const dumps = (store: string): string[] => readdirSync(folder).filter((name) => name.startsWith(`${store}-`));
const text = (name: string): string => readFileSync(new URL(name, folder), "utf8");

/** What each dump was filled with. */
async function check(store: Store): Promise<void> {
  const rows = (await store.find({ limit: 9 })).map(({ id, status, version, wake, shape }) => [id, status, version, wake?.owner ?? null, shape]);
  expect(rows).toEqual([["waits", "waiting", 2, null, null], ["due", "waiting", 1, null, null], ["later", "waiting", 1, null, null], ["leased", "running", 1, "w", null], ["done", "completed", 1, null, null]]);
  const { frame, parts, index, waits } = await loaded(store, "waits");
  expect([frame, [...parts], index, waits]).toEqual(["in parts", [["frame/1", "one"]], { customer: 7 }, ["decision"]]);
  expect((await loaded(store, "leased")).inbox).toMatchObject([{ seq: 1, eventId: "e1", body: "hello" }]);
  expect([(await store.load("waits", "e0"))?.seen, (await store.load("waits", "e1"))?.seen]).toEqual([true, false]);
  expect(await store.deliver(["e1", "e0"].map((id) => delivered("leased", id)))).toMatchObject([{ result: "duplicate" }, { result: "delivered", seq: 2 }]);
  // Runs of no known shape are anybody's.
  const request = { owner: "v", now, duration: 10, limit: 9, shapes: [] };
  expect((await store.claim(request)).runs).toEqual([{ id: "due", attempt: 0 }]);
  expect((await store.claim({ ...request, now: now + 100 })).runs.map(({ id }) => id)).toContain("leased");
  const shape = { key: "k", flow: "flow", atoms: "point flow p" };
  expect(await store.commit([changeOf("later", 1, { shape, holder: "v" }), changeOf("waits", 2, { shape: null })])).toMatchObject([{ applied: true }, { applied: true }]);
  expect(await store.shapes({ limit: 9 })).toEqual([{ ...shape, runs: 1 }]);
  expect((await store.find({ shapes: ["k"], limit: 9 })).map(({ id }) => id)).toEqual(["later"]);
}

it.each(dumps("sqlite"))("%s", async (name) => {
  const temporary = mkdtempSync(join(tmpdir(), "deflow-"));
  const database = connect(join(temporary, "runs.db"));
  database.exec(text(name));
  database.close();
  const store = sqlite(join(temporary, "runs.db"));
  try {
    await check(store);
  } finally {
    await store.close();
    rmSync(temporary, { recursive: true });
  }
});

describePostgres("in Postgres", () => {
  it.each(dumps("postgres"))("%s", async (name) => {
    const schema = await newSchema();
    const store = schema.open();
    try {
      await schema.pool.query(text(name).replaceAll("golden", schema.name));
      await check(store);
    } finally {
      await store.close();
      await schema.drop();
    }
  });

  it("with thousands of event ids of a run: each is known still, and no other", async () => {
    const schema = await newSchema();
    const store = schema.open();
    const ids = (what: string): readonly string[] => Array.from({ length: 5_000 }, (_, n) => `${what} é ${n}`);
    const results = async (what: string): Promise<readonly string[]> => (await store.deliver(ids(what).filter((_, n) => n % 10 === 0).map((id) => delivered("due", id)))).map(({ result }) => result);
    try {
      await schema.pool.query(text("postgres-3.sql").replaceAll("golden", schema.name));
      await schema.pool.query(`insert into ${schema.name}.deflow_seen select place, e, $1 from ${schema.name}.deflow_run, unnest($2::text[]) e where id = 'due'`, [now, ids("old")]);
      expect(new Set(await results("old"))).toEqual(new Set(["duplicate"]));
      expect(new Set(await results("new"))).toEqual(new Set(["delivered"]));
      const { rows } = await schema.pool.query(`select count(*)::int as buckets, sum(cardinality(ids))::int as ids from ${schema.name}.deflow_seen s join ${schema.name}.deflow_run r on r.place = s.run where r.id = 'due'`);
      expect(rows).toEqual([{ buckets: expect.toSatisfy((count: number) => count < 500), ids: 5_500 }]);
    } finally {
      await store.close();
      await schema.drop();
    }
  });
});
