// Behind a pooler that gives each transaction another connection: the laws hold, and nothing is left on connections that others get.
//
//   DEFLOW_TEST_POOLER=postgres://…   one that runs instead, in front of the server of DEFLOW_TEST_POSTGRES

import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Store } from "../../runtime/store.ts";
import type { PostgresOptions } from "../../runtime/stores/postgres.ts";
import { changeOf, created, loaded } from "../../runtime/testing/store-fixture.ts";
import { storeSuite } from "../../runtime/testing/store-suite.ts";
import { type Pooler, startPooler } from "../postgres/pooler.ts";
import { Schema } from "../postgres/schema.ts";
import { describePostgres, sharedServer } from "../postgres/shared.ts";

describePostgres("behind a pooler", async () => {
  const given = process.env["DEFLOW_TEST_POOLER"];
  let pooler: Pooler;
  let schema: Schema;
  beforeAll(async () => {
    pooler = given === undefined ? await startPooler(await sharedServer()) : { url: given, close: async () => {} };
    schema = new Schema(pooler.url);
  });
  afterAll(async () => {
    await schema?.drop();
    await pooler?.close();
  });
  const open: Record<string, () => Store> = {
    "connections of the store's own": () => schema.open({ pool: undefined, connectionString: pooler.url } as unknown as PostgresOptions),
    "a pool": () => schema.open(),
  };

  it.skipIf(given !== undefined)("is one: names of statements meet those of others, and options are refused", async () => {
    const clients = [new pg.Client(pooler.url), new pg.Client(pooler.url), new pg.Client(pooler.url), new pg.Client(pooler.url)];
    for (const client of clients) await client.connect();
    const named = { name: "named", text: "select 1" };
    await expect(Promise.all(clients.map((client) => client.query(named)))).rejects.toMatchObject({ code: "42P05" });
    await expect(new pg.Client({ connectionString: pooler.url, options: "-c jit=off" }).connect()).rejects.toMatchObject({ code: "08P01" });
    for (const client of clients) await client.end();
  });

  for (const [name, make] of Object.entries(open)) {
    it(`${name}: many at once, statements of all kinds`, async () => {
      await schema.empty();
      const stores = Array.from({ length: 4 }, make);
      await Promise.all(Array.from({ length: 12 }, async (_, n) => {
        const [store, id] = [stores[n % 4] as Store, `r${n}`];
        await created(store, id, { wake: 1 });
        for (let version = 1; version < 5; version++) {
          await loaded(store, id);
          const change = changeOf(id, version, { state: `at ${version}`, eventId: `e${version}`, wake: 1, force: true });
          const results = version % 3 === 0 ? [await store.transactions?.transact(() => change)] : await store.commit([change]);
          expect(results).toMatchObject([{ applied: true }]);
          await store.deliver([{ to: id, kind: "k", body: "", now: 1 }]);
          await store.claim({ owner: `w${n} ${version}`, now: 2, duration: 1, limit: 1 });
        }
        expect(await loaded(store, id)).toMatchObject({ version: 5, delivered: 4, state: "at 4" });
      }));
      for (const store of stores) await store.close();
    });

    await storeSuite(name, {
      async open() {
        await schema.empty();
        const [first, second] = [make(), make()];
        return { first, second, begin: () => schema.begin(), close: async () => void (await Promise.all([first.close(), second.close()])) };
      },
    });
  }

  it("leaves its settings to nobody", async () => {
    for (let n = 0; n < 6; n++) {
      const { rows } = await schema.pool.query("select current_setting('enable_seqscan') as seqscan, current_setting('plan_cache_mode') as plans");
      expect(rows).toEqual([{ seqscan: "on", plans: "auto" }]);
    }
  });
});
