// Event ids in buckets: each counts once, whoever meets whom, and however many a run has.

import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import type { Delivery, Store } from "../../runtime/store.ts";
import type { PgPool } from "../../runtime/stores/postgres.ts";
import { changeOf, created, delivered, now } from "../../runtime/testing/store-fixture.ts";
import { newSchema, type Schema } from "../postgres/schema.ts";
import { describePostgres } from "../postgres/shared.ts";
import { watched } from "../postgres/watched.ts";

describePostgres("event ids in Postgres", () => {
  let schema: Schema;
  let store: Store;
  let pool: PgPool;
  /** Statements that may put event ids. */
  let statements: number;
  let failsAt: number;
  beforeAll(async () => {
    schema = await newSchema();
    pool = watched(schema.pool, (text) => {
      if (/insert into \S+deflow_seen"? as s/.test(text) && ++statements >= failsAt) throw new Error("it fails");
    });
  });
  beforeEach(async () => {
    await schema.empty();
    store = schema.open({ pool });
    failsAt = Infinity;
    await created(store, "a");
    statements = 0;
  });
  afterEach(() => store.close());
  afterAll(() => schema?.drop());

  const messages = (ids: readonly string[], to = "a"): Delivery[] => ids.map((id) => delivered(to, id));
  const names = (count: number, what = "e"): string[] => Array.from({ length: count }, (_, n) => `${what} ${n}`);
  const resultsOf = async (ids: readonly string[]): Promise<readonly string[]> => (await store.deliver(messages(ids))).map(({ result }) => result);
  const seen = async (ids: readonly string[]): Promise<boolean[]> => await Promise.all(ids.map(async (id) => (await store.load("a", id))?.seen === true));
  const buckets = async (): Promise<{ ids: number; ats: number; oldest: number }[]> =>
    (await schema.pool.query(`select cardinality(ids) as ids, cardinality(ats) as ats, (select min(at)::float from unnest(ats) at) as oldest from ${schema.name}.deflow_seen`)).rows;

  /** What a transaction does that has locked the run, and what a call comes to that began before it was over. */
  async function meeting<T>(first: (joined: Store) => Promise<unknown>, second: () => Promise<T>): Promise<T> {
    const caller = await schema.begin();
    await first(store.transactions?.joined?.(caller.client) as Store);
    const [result] = await Promise.all([second(), schema.waits().then(() => caller.end("commit"))]);
    return result;
  }

  it.each([["the first ones of a run", 0], ["when buckets are full", 300]])("deliveries that meet, %s: one id is accepted once, two are both kept", async (_, before) => {
    if (before > 0) await store.deliver(messages(names(before, "before")));
    const rivals = names(40);
    const results = await meeting((joined) => joined.deliver(messages(rivals)), () => store.deliver(messages([...rivals.slice(30), ...names(10, "f")])));
    expect(results.map(({ result }) => result)).toEqual([...names(10).map(() => "duplicate"), ...names(10).map(() => "delivered")]);
    const all = [...rivals, ...names(10, "f"), ...names(before, "before")];
    expect(new Set(await seen(all))).toEqual(new Set([true]));
    expect((await store.load("a"))?.inbox.map(({ eventId, seq }) => [eventId, seq]).slice(before)).toEqual([...rivals, ...names(10, "f")].map((id, at) => [id, before + at + 1]));
    expect((await buckets()).reduce((sum, { ids }) => sum + ids, 0)).toBe(all.length);
  });

  it("a commit that waits for a delivery of its event id is a duplicate, also when the run is known and the id was new", async () => {
    for (const id of ["blind", "asked"]) {
      if (id === "asked") expect((await store.load("a", id))?.seen).toBe(false);
      expect(await meeting((joined) => joined.deliver(messages([id])), () => store.commit([changeOf("a", 1, { eventId: id })]))).toEqual([{ applied: false, reason: "duplicate" }]);
    }
    expect((await store.load("a"))?.version).toBe(1);
  });

  it("a commit that waits for a delivery of another event id applies, and both ids are kept", async () => {
    for (const [at, id] of ["blind", "asked"].entries()) {
      if (id === "asked") await store.load("a", id);
      const results = await meeting((joined) => joined.deliver(messages([`not ${id}`])), () => store.commit([changeOf("a", at + 1, { eventId: id, looked: at })]));
      expect(results).toEqual([{ applied: true, version: at + 2, delivered: at + 1 }]);
    }
    expect(await seen(["blind", "not blind", "asked", "not asked", "none"])).toEqual([true, true, true, true, false]);
  });

  it("what a commit of many finds changed is judged anew, and the others are not made again", async () => {
    for (const id of ["b", "c"]) await created(store, id);
    const results = await meeting((joined) => joined.deliver(messages(["e"], "b")), () => store.commit(["a", "b", "c"].map((id) => changeOf(id, 1, { eventId: "e" }))));
    expect(results).toEqual([{ applied: true, version: 2, delivered: 0 }, { applied: false, reason: "duplicate" }, { applied: true, version: 2, delivered: 0 }]);
  });

  it("a message of the outbox stays there until its delivery is judged", async () => {
    await store.commit([changeOf("a", 1, { outbox: [{ to: "a", kind: "event", eventId: "e", body: "" }] })]);
    const [row] = await store.outbox(1);
    const delivery = { ...delivered("a", "e"), outbox: row?.id as number };
    failsAt = statements + 2;
    await expect(meeting((joined) => joined.commit([changeOf("a", 2)]), () => store.deliver([delivery]))).rejects.toThrow("it fails");
    expect((await store.outbox(9)).length).toBe(1);
    failsAt = Infinity;
    expect(await meeting((joined) => joined.commit([changeOf("a", 3)]), () => store.deliver([delivery]))).toEqual([{ result: "delivered", seq: 1, leased: false }]);
    expect((await store.outbox(9)).length).toBe(0);
  });

  it("a delivery that waits for a delivery is not sent back, and one of several for a run is, once", async () => {
    const before = statements;
    expect(await meeting((joined) => joined.deliver(messages(["one"])), () => store.deliver(messages(["two"])))).toMatchObject([{ seq: 2 }]);
    expect(await meeting((joined) => joined.deliver(messages(["three"])), () => store.deliver(messages(["three"])))).toEqual([{ result: "duplicate" }]);
    expect(statements - before).toBe(3);
    expect(await meeting((joined) => joined.deliver(messages(["four"])), () => store.deliver(messages(["five", "four"])))).toMatchObject([{ seq: 5 }, { result: "duplicate" }]);
    expect(statements - before).toBe(5);
  });

  it("forgetting what came meanwhile is exact", async () => {
    await store.deliver(messages(["old"]));
    const young = { ...delivered("a", "young"), now: now + 5 };
    const results = await meeting((joined) => joined.deliver([delivered("a", "old too"), young]), () => store.commit([changeOf("a", 1, { eventId: "e", now: now + 9, forget: now + 5 })]));
    expect(results).toEqual([{ applied: true, version: 2, delivered: 3 }]);
    expect(await seen(["old", "old too", "young", "e"])).toEqual([false, false, true, true]);
  });

  it("of hundreds of ids those before the time are forgotten, and no row is left of them", async () => {
    const ids = names(600);
    for (let at = 0; at < 600; at += 100) await store.deliver(ids.slice(at, at + 100).map((id, n) => ({ ...delivered("a", id), now: now + at + n })));
    const before = (await buckets()).length;
    for (const [at, change] of [{ forget: now + 250 }, { forget: now + 400, eventId: "e" }, { forget: now + 590, eventId: ids[0] as string }].entries()) {
      if (at === 2) await store.load("a", change.eventId);
      expect(await store.commit([changeOf("a", at + 1, { now: now + 600, ...change })])).toMatchObject([{ applied: true }]);
      const left = await buckets();
      expect(left.every(({ ids: some, ats, oldest }) => some > 0 && some === ats && oldest >= change.forget)).toBe(true);
      const first = change.forget - now;
      expect(await seen([ids[first - 1], ids[first], ids[599]] as string[])).toEqual([false, true, true]);
    }
    expect((await buckets()).length).toBeLessThan(before);
    expect((await buckets()).reduce((sum, { ids: some }) => sum + some, 0)).toBe(10 + 2);
    expect(await resultsOf([...ids.slice(0, 3), "e", ids[595] as string])).toEqual(["duplicate", "delivered", "delivered", "duplicate", "duplicate"]);
    expect(await store.commit([changeOf("a", 4, { now: now + 900, eventId: "last", forget: now + 900, looked: 602 })])).toMatchObject([{ applied: true }]);
    expect(await buckets()).toEqual([{ ids: 1, ats: 1, oldest: now + 900 }]);
  });

  it("thousands of a run are in a few hundred rows, none of which is much larger than the others", async () => {
    const ids = names(3_000);
    expect(new Set(await resultsOf([...ids, ...ids]))).toEqual(new Set(["delivered", "duplicate"]));
    for (const id of names(200, "one")) await store.deliver(messages([id]));
    const all = await buckets();
    expect(all.reduce((sum, { ids: some }) => sum + some, 0)).toBe(3_200);
    expect(all.length).toBeLessThan(320);
    expect(Math.max(...all.map(({ ids: some }) => some))).toBeLessThan(100);
  });

  it("what is rolled back was not seen", async () => {
    const caller = await schema.begin();
    const joined = store.transactions?.joined?.(caller.client) as Store;
    await joined.deliver(messages(["kept"]));
    await caller.client.query("savepoint s");
    await joined.load("a", "later");
    await joined.commit([changeOf("a", 1, { eventId: "gone" })]);
    await joined.load("a", "later");
    await caller.client.query("rollback to savepoint s");
    expect((await joined.deliver(messages(["kept"])))).toEqual([{ result: "duplicate" }]);
    await joined.commit([changeOf("a", 1, { eventId: "later" })]);
    await caller.end("commit");
    expect(await seen(["kept", "gone", "later"])).toEqual([true, false, true]);
  });

  it("a statement that met nobody is sent once", async () => {
    await store.deliver(messages(names(50)));
    await store.commit([changeOf("a", 1, { eventId: "e" })]);
    await store.load("a", "f");
    await store.commit([changeOf("a", 2, { eventId: "f" })]);
    expect(statements).toBe(3);
  });

  it("of runs that are known an event id goes with their rows, unless they have it", async () => {
    for (const id of ["b", "c"]) await created(store, id);
    await store.deliver(messages(["e", "f"], "c"));
    await store.commit([changeOf("c", 1, { looked: 2 })]);
    for (const id of ["a", "b", "c"]) await store.load(id);
    statements = 0;
    const change = { looked: 2, eventId: "e" };
    expect(await store.commit([changeOf("a", 1, change), changeOf("b", 1, { looked: 2 })])).toEqual([{ applied: true, version: 2, delivered: 0 }, { applied: true, version: 2, delivered: 0 }]);
    expect(statements).toBe(1);
    expect(await store.commit([changeOf("a", 2, change), changeOf("b", 2, change), changeOf("c", 2, change)]))
      .toEqual([{ applied: false, reason: "duplicate" }, { applied: true, version: 3, delivered: 0 }, { applied: false, reason: "duplicate" }]);
    // The two that the first one leaves are judged each by itself.
    expect(statements).toBe(4);
    const known = store.recall?.("b");
    expect(await store.commit([changeOf("b", 3, { ...change, mark: known?.mark }), changeOf("a", 2, { looked: 2, eventId: "g", mark: store.recall?.("a")?.mark })]))
      .toMatchObject([{ applied: false }, { applied: true, version: 3 }]);
    expect([(await store.load("a", "e"))?.seen, (await store.load("b", "e"))?.seen, (await store.load("a", "g"))?.seen, (await store.load("b", "g"))?.seen]).toEqual([true, true, true, false]);
  });

  it("a run that comes after one of its name has none of its ids, nor their places", async () => {
    await store.deliver(messages(["e"]));
    await store.load("a", "f");
    await schema.pool.query(`delete from ${schema.name}.deflow_run; delete from ${schema.name}.deflow_wake; delete from ${schema.name}.deflow_seen`);
    await created(store, "a");
    await store.deliver(messages(["g"]));
    expect(await store.commit([changeOf("a", 1, { eventId: "f", looked: 1 })])).toMatchObject([{ applied: true }]);
    expect(await seen(["e", "f", "g"])).toEqual([false, true, true]);
  });
});
