// What a store knows of runs: their parts are not read again, what it gives is what is stored, whoever changed it, and what it recalls is told from what is.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Change, PartsChange, Store } from "../../runtime/store.ts";
import type { PgPool } from "../../runtime/stores/postgres.ts";
import { changeOf, created, delivered, loaded, now } from "../../runtime/testing/store-fixture.ts";
import { newSchema, type Schema } from "../postgres/schema.ts";
import { describePostgres } from "../postgres/shared.ts";
import { through, watched } from "../postgres/watched.ts";

describePostgres("runs that are known", () => {
  let schema: Schema;
  let store: Store;
  /** Its answers come from the tables: it is opened for each. */
  const stored = async (only?: readonly string[]) => {
    const other = schema.open();
    const run = await other.load("a", undefined, only);
    await other.close();
    return run;
  };
  let reads = 0;
  beforeAll(async () => {
    schema = await newSchema();
  });
  beforeEach(async () => {
    await schema.empty();
    store = schema.open({ pool: watched(schema.pool, (text) => void (reads += /as what, ord/.test(text) ? 1 : 0)) });
    await created(store, "a", { parts: parts({ "frame/one": "1", "frame/two": "2", "log/1": "a line" }) });
    await loaded(store, "a");
    reads = 0;
  });
  afterEach(() => store.close());
  afterAll(() => schema?.drop());

  function parts(put: Record<string, string>, ...drop: string[]): PartsChange {
    return { put: Object.entries(put), drop };
  }

  it("are not read at the next version, which this store made, and are as it made them", async () => {
    const changes: (PartsChange | undefined)[] = [undefined, parts({ "frame/two": "two", "frame/three": "3" }), parts({}, "frame/one"), undefined];
    for (const [at, change] of changes.entries()) {
      await store.commit([changeOf("a", at + 1, change === undefined ? {} : { parts: change })]);
      expect(await loaded(store, "a")).toEqual(await stored());
    }
    expect([...(await loaded(store, "a")).parts]).toEqual([["frame/two", "two"], ["log/1", "a line"], ["frame/three", "3"]]);
    expect(reads).toBe(0);
  });

  it("of some names are those of these names alone", async () => {
    const other = schema.open({ pool: watched(schema.pool, (text) => void (reads += /as what, ord/.test(text) ? 1 : 0)) });
    await other.load("a", undefined, ["frame"]);
    expect(reads).toBe(1);
    await other.commit([changeOf("a", 1, { parts: parts({ "frame/one": "I", "log/2": "another" }) })]);
    expect(await other.load("a", undefined, ["frame"])).toEqual(await stored(["frame"]));
    expect([reads, other.recall?.("a"), [...other.recall?.("a", ["frame"])?.parts.keys() ?? []]]).toEqual([1, undefined, ["frame/one", "frame/two"]]);
    expect(await loaded(other, "a")).toEqual(await stored());
    expect(reads).toBe(2);
    expect(await other.load("a", undefined, ["frame"])).toEqual(await stored(["frame"]));
    expect(reads).toBe(2);
    await other.close();
  });

  const elsewhere: Record<string, (other: Store) => Promise<unknown>> = {
    "changes them": (other) => other.commit([changeOf("a", 1, { parts: parts({ "frame/one": "theirs" }) })]),
    "changes the run and not them": (other) => other.commit([changeOf("a", 1)]),
    "removes the run and starts one under its id": async (other) => {
      await other.commit([changeOf("a", 1, { status: "completed" })]);
      await other.remove({ before: now + 1, limit: 9 });
      await created(other, "a", { parts: parts({ "frame/one": "another's" }) });
    },
  };
  it.each(Object.entries(elsewhere))("are read when another %s", async (_, change) => {
    const other = schema.open();
    await change(other);
    await other.close();
    const before = reads;
    expect(await loaded(store, "a")).toEqual(await stored());
    expect(reads).toBe(before + 1);
  });

  it("are those of the run while letters come, which do not make a version", async () => {
    const other = schema.open();
    await other.deliver([delivered("a", "e1")]);
    await other.close();
    expect(await loaded(store, "a")).toEqual(await stored());
    expect(reads).toBe(0);
  });

  it("are as they are stored when a commit is refused, and when one fails", async () => {
    const changed: Partial<Change> = { parts: parts({ "frame/one": "mine" }) };
    expect(await store.commit([changeOf("a", 7, changed)])).toEqual([{ applied: false, reason: "stale" }]);
    await expect(store.commit([changeOf("a", 1, { ...changed, state: null as unknown as string })])).rejects.toThrow();
    expect(await loaded(store, "a")).toEqual(await stored());
    expect((await loaded(store, "a")).parts.get("frame/one")).toBe("1");
  });

  it("are forgotten, the oldest first, when they come to millions of characters", async () => {
    const long = "x".repeat(9_000_000);
    for (const id of ["b", "c"]) {
      await created(store, id, { parts: parts({ "frame/long": long }) });
      await loaded(store, id);
    }
    reads = 0;
    expect((await loaded(store, "c")).parts.get("frame/long")).toBe(long);
    expect(reads).toBe(0);
    expect((await loaded(store, "b")).parts.get("frame/long")).toBe(long);
    expect(reads).toBe(1);
  });

  describe("recalled", () => {
    const statements: string[] = [];
    let pool: PgPool;
    let telling: Store;
    beforeAll(() => void (pool = watched(schema.pool, (text) => void statements.push(text))));
    beforeEach(async () => {
      telling = schema.open({ pool });
      await created(telling, "b", { waits: ["word"] });
      statements.length = 0;
    });
    afterEach(() => telling.close());
    const next = (version: number, rest: Partial<Change> = {}): Change => changeOf("b", version, { waits: ["word"], ...rest });

    it("nobody is asked: a run that was made here is changed by one statement after the other", async () => {
      for (let version = 1; version < 5; version++) {
        const run = telling.recall?.("b");
        expect(run?.version).toBe(version);
        await telling.commit([next(version, { mark: run?.mark })]);
      }
      expect(statements.length).toBe(4);
    });

    it("a run that others change as well is recalled no more, until nobody does", async () => {
      await store.load("b");
      const { mark } = telling.recall?.("b") ?? {};
      await store.commit([next(1)]);
      expect(await telling.commit([next(1, { mark })])).toEqual([{ applied: false, reason: "stale" }]);
      expect(telling.recall?.("b")).toBeUndefined();
      for (const version of [2, 4]) {
        await loaded(telling, "b");
        expect(telling.recall?.("b")).toBeUndefined();
        await telling.commit([next(version)]);
        await store.commit([next(version + 1)]);
      }
      await loaded(telling, "b");
      await telling.commit([next(6)]);
      expect(telling.recall?.("b")).toBeUndefined();
      // It is as this store left it: nobody else is at work on it.
      await loaded(telling, "b");
      expect(telling.recall?.("b")?.version).toBe(7);
    });

    it("a run is forgotten after the work of a transaction, and where what was changed was not known", async () => {
      await telling.transactions?.transact(() => next(1, { state: "by the work" }));
      expect(telling.recall?.("b")).toBeUndefined();
      await loaded(telling, "b");
      await store.commit([next(2, { state: "theirs", frame: "theirs" })]);
      await telling.commit([next(3, { state: "blind" })]);
      expect(telling.recall?.("b")).toBeUndefined();
      expect(await loaded(telling, "b")).toMatchObject({ version: 4, frame: "theirs", state: "blind" });
    });

    it("not what it sent a letter to, and not in a transaction of a caller's", async () => {
      await telling.deliver([delivered("b", "e1")]);
      expect(telling.recall?.("b")).toBeUndefined();
      const client = await schema.pool.connect();
      await client.query("begin");
      const joined = telling.transactions?.joined?.(client);
      await joined?.load("b");
      expect(joined?.recall?.("b")).toBeUndefined();
      await client.query("rollback");
      client.release();
    });
  
    it("an answer that comes late takes nothing back: a letter that was read is not forgotten", async () => {
      const { pool: slow, hold } = holding(schema.pool);
      const late = schema.open({ pool: slow });
      await loaded(late, "b");
      const [isHeld, release] = hold();
      const answer = late.load("b");
      await isHeld;
      await store.deliver([delivered("b", "e1")]);
      expect((await loaded(late, "b")).inbox).toHaveLength(1);
      release();
      await answer;
      await late.commit([next(1)]);
      await late.commit([next(2, { looked: 1 })]);
      expect(late.recall?.("b")?.inbox.length ?? 1).toBe(1);
      expect((await loaded(late, "b")).inbox).toHaveLength(1);
      await late.close();
    });

    it("nor where it comes between a commit and the next one", async () => {
      const { pool: slow, hold } = holding(schema.pool);
      const late = schema.open({ pool: slow });
      const [isHeld, release] = hold();
      const answer = late.load("b");
      await isHeld;
      await store.deliver([delivered("b", "e1")]);
      release();
      await answer;
      expect(await late.commit([next(1)])).toMatchObject([{ delivered: 1 }]);
      await late.commit([next(2, { looked: 1 })]);
      expect(late.recall?.("b")).toBeUndefined();
      await late.close();
    });

    it("a run whose creation was answered by nobody is loaded first", async () => {
      const { pool: lossy, lose } = losing(schema.pool);
      const other = schema.open({ pool: lossy });
      await other.load("nobody");
      lose(/insert into .*deflow_run/u);
      await created(other, "c", { waits: ["word"] });
      expect(other.recall?.("c")).toBeUndefined();
      await other.commit([changeOf("c", 1, { waits: ["word"], eventId: "e1" })]);
      expect(await other.commit([changeOf("c", 2, { waits: ["word"], eventId: "e1" })])).toEqual([{ applied: false, reason: "duplicate" }]);
      await other.close();
    });

    it("an index counts too: of runs with large ones not all are remembered", async () => {
      for (let n = 0; n < 20; n++) await created(telling, `large ${n}`, { index: { k: `${n}`.padEnd(1_000_000, "x") } });
      expect([telling.recall?.("large 0"), telling.recall?.("large 19")?.id]).toEqual([undefined, "large 19"]);
    });
  });
});

/** `hold`: the answer of the next load is there, and is given when it is released. */
function holding(pool: PgPool): { readonly pool: PgPool; hold(): readonly [isHeld: Promise<void>, release: () => void] } {
  let held: { readonly is: () => void; readonly until: Promise<void> } | undefined;
  return {
    pool: through(pool, async ({ text }, ask) => {
      const hold = text.includes("as letters") ? held : undefined;
      if (hold !== undefined) held = undefined;
      const answer = await ask();
      hold?.is();
      await hold?.until;
      return answer;
    }),
    hold() {
      let [is, release] = [(): void => {}, (): void => {}];
      const isHeld = new Promise<void>((resolve) => (is = resolve));
      const until = new Promise<void>((resolve) => (release = resolve));
      held = { is, until };
      return [isHeld, release];
    },
  };
}

/** `lose`: the next such statement is carried out, and its connection breaks before the answer. */
function losing(pool: PgPool): { readonly pool: PgPool; lose(which: RegExp): void } {
  let lost: RegExp | undefined;
  return {
    pool: through(pool, async ({ text }, ask) => {
      const answer = await ask();
      if (lost?.test(text) !== true) return answer;
      lost = undefined;
      throw Object.assign(new Error("Connection terminated unexpectedly"), { code: "ECONNRESET" });
    }),
    lose: (which) => void (lost = which),
  };
}
