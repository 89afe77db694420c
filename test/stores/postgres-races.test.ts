// Meetings of transactions, stepped through by hand: one holds a lock, another call waits for it and then sees what became of it.

import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import type { Store } from "../../runtime/store.ts";
import { changeOf, claimed, created, delivered, loaded, now } from "../../runtime/testing/store-fixture.ts";
import { newSchema, type Schema } from "../postgres/schema.ts";
import { describePostgres } from "../postgres/shared.ts";

describePostgres("calls that meet", () => {
  let schema: Schema;
  let store: Store;
  beforeAll(async () => {
    schema = await newSchema();
  });
  beforeEach(async () => {
    await schema.empty();
    store = schema.open();
    await created(store, "a", { wake: now });
  });
  afterEach(() => store.close());
  afterAll(() => schema?.drop());

  /** What a caller's transaction does, and then what a call does that waits for it. */
  async function meeting<T>(first: (joined: Store, query: (sql: string) => Promise<unknown>) => Promise<unknown>, second: () => Promise<T>): Promise<T> {
    const caller = await schema.begin();
    const joined = store.transactions?.joined?.(caller.client) as Store;
    await first(joined, (sql) => caller.client.query(sql.replaceAll("$.", `${schema.name}.deflow_`)));
    const result = second();
    await schema.waits();
    await caller.end("commit");
    return await result;
  }

  it("runs are locked in the order of their ids, whatever their rows' places are and the planner joins by", async () => {
    const pool = new pg.Pool({ connectionString: schema.url, options: "-c enable_nestloop=off" });
    const hashing = schema.open({ pool });
    const ids = Array.from({ length: 1_000 }, (_, n) => `run ${1_999 - n}`);
    await store.commit(ids.map((id) => changeOf(id, 0)));
    for (const eventId of [undefined, "e1"]) {
      const version = eventId === undefined ? 1 : 2;
      const caller = await schema.begin();
      const lock = `select id from ${schema.name}.deflow_run where id = any($1) order by id for update`;
      await caller.client.query(lock, [["run 1000"]]);
      const result = hashing.commit(ids.filter((_, n) => n % 20 === 19).map((id) => changeOf(id, version, eventId === undefined ? {} : { eventId })));
      await schema.waits();
      // Those with higher ids are not locked while the lowest is waited for.
      const { rows } = await caller.client.query(`${lock} skip locked`, [["run 1500", "run 1980"]]);
      expect(rows).toEqual([{ id: "run 1500" }, { id: "run 1980" }]);
      await caller.end("commit");
      expect((await result).filter(({ applied }) => applied)).toHaveLength(50);
    }
    await hashing.close();
    await pool.end();
  });

  it("a message that is delivered while a commit waits for the run is not overlooked", async () => {
    const result = await meeting((joined) => joined.deliver([delivered("a", "e1")]), () => store.commit([changeOf("a", 1)]));
    expect(result).toEqual([{ applied: true, version: 2, delivered: 1 }]);
    expect(await claimed(store, "w")).toEqual(["a"]);
  });

  it("a lease that is taken while a commit waits for the run keeps it out", async () => {
    const lease = { owner: "v", duration: 100 };
    const result = await meeting((joined) => joined.deliver([{ ...delivered("a", "e1"), lease }]), () => store.commit([changeOf("a", 1)]));
    expect(result).toEqual([{ applied: false, reason: "leased" }]);
    expect((await loaded(store, "a")).wake).toEqual({ at: now + 100, owner: "v", attempt: 0 });
  });

  it("of two commits that meet the second is refused, and so is a message with its event id", async () => {
    const result = await meeting(
      (joined) => joined.commit([changeOf("a", 1, { eventId: "e1" })]),
      () => Promise.all([store.commit([changeOf("a", 1)]), store.deliver([delivered("a", "e1")])]),
    );
    expect(result).toEqual([[{ applied: false, reason: "stale" }], [{ result: "duplicate" }]]);
  });

  it("a heartbeat that waited for a commit does not shorten the lease that it took", async () => {
    await claimed(store, "w");
    const [result] = await meeting(
      (joined) => joined.commit([changeOf("a", 1, { now: now + 90, holder: "w", lease: { owner: "w", duration: 100 } })]),
      () => store.extend([{ id: "a", owner: "w", version: 1 }], { now: now + 40, duration: 100 }),
    );
    expect([result?.held, (await loaded(store, "a")).wake?.at]).toEqual([true, now + 190]);
  });

  it("a claim passes over what a commit is about to change, and waits for nobody", async () => {
    await created(store, "b", { wake: now });
    const caller = await schema.begin();
    await store.transactions?.joined?.(caller.client).commit([changeOf("a", 1, { wake: now })]);
    expect(await claimed(store, "w")).toEqual(["b"]);
    await caller.end("commit");
    expect(await claimed(store, "w")).toEqual(["a"]);
  });

  it("a claim that waited for a queue to be paused takes nothing of it", async () => {
    const result = await meeting((_joined, query) => query("update $.queue set paused = true where name = 'default'"), () => store.claim({ owner: "w", now, duration: 100, limit: 9 }));
    expect(result).toEqual({ runs: [], nextAt: null, withheld: true, unknown: [] });
  });

  it("who pauses a queue sees what a claim under way takes", async () => {
    const state = await meeting(
      (_joined, query) => query(`select from $.queue for share; update $.wake set owner = 'w', at = ${now + 100}`),
      () => store.queue("default", now, { paused: true }),
    );
    expect(state).toEqual({ paused: true, concurrency: null, leased: 1, due: 0 });
  });

  it("batches of two processes that change the same runs in other orders do not hinder each other", async () => {
    const other = schema.open();
    const ids = Array.from({ length: 40 }, (_, n) => `run ${n}`);
    await Promise.all(ids.map((id) => created(store, id)));
    for (let version = 1; version < 6; version++) {
      const results = await Promise.all([store.commit(ids.map((id) => changeOf(id, version))), other.commit(ids.toReversed().map((id) => changeOf(id, version)))]);
      expect(results.flat().filter(({ applied }) => applied)).toHaveLength(40);
    }
    await other.close();
  });

  it("at each isolation level a caller's transaction that has seen an older version is told so", async () => {
    for (const level of ["read committed", "repeatable read", "serializable"]) {
      const { version } = await loaded(store, "a");
      const caller = await schema.begin();
      await caller.client.query(`set transaction isolation level ${level}`);
      const joined = store.transactions?.joined?.(caller.client) as Store;
      expect((await loaded(joined, "a")).version).toBe(version);
      await store.commit([changeOf("a", version)]);
      expect(await joined.commit([changeOf("a", version)])).toEqual([{ applied: false, reason: "stale" }]);
      if (level !== "read committed") await expect(joined.deliver([delivered("a", level)])).rejects.toMatchObject({ code: "STORE_CONFLICT" });
      await caller.end("rollback");
    }
  });

  it("what is no transaction of this database's is refused", async () => {
    const [caller, foreign] = [await schema.begin(), await newSchema()];
    const elsewhere = foreign.open();
    await created(elsewhere, "a");
    await caller.client.query("commit");
    const { joined } = store.transactions ?? {};
    expect(() => joined?.(caller.client)).toThrow(expect.objectContaining({ code: "INVALID_CLIENT" }));
    expect(() => joined?.(schema.pool)).toThrow(expect.objectContaining({ code: "INVALID_CLIENT", message: expect.stringContaining("pool") }));
    await caller.client.query("begin");
    expect((await loaded(joined?.(caller.client) as Store, "a")).version).toBe(1);
    await expect(schema.open({ schema: "nowhere", migrate: "check" }).transactions?.joined?.(caller.client).load("a")).rejects.toMatchObject({ code: "STORE_MISSING" });
    await caller.end("rollback");
    await elsewhere.close();
    await foreign.drop();
  });
});
