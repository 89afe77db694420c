// What Postgres, pg and the network report, as errors of deflow's; and what becomes of calls whose answer is lost.

import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { DeflowError } from "../../runtime/errors/error.ts";
import type { Store } from "../../runtime/store.ts";
import { type PostgresOptions, postgresStore } from "../../runtime/stores/postgres.ts";
import { failure, isLost } from "../../runtime/stores/postgres/failures.ts";
import { changeOf, claimed, created, delivered, loaded, now } from "../../runtime/testing/store-fixture.ts";
import { postgresDispatcher } from "../../runtime/dispatchers/postgres.ts";
import { type Cut, Proxy } from "../postgres/proxy.ts";
import { newSchema, type Schema } from "../postgres/schema.ts";
import { startServer } from "../postgres/server.ts";
import { describePostgres } from "../postgres/shared.ts";

const codes = {
  STORE_DENIED: ["28P01", "28000", "42501"], STORE_UNREACHABLE: ["3D000", "ECONNREFUSED", "ENOTFOUND", "08006", "57P01", "57P03"], STORE_MISSING: ["3F000", "42P01"], STORE_CHANGED: ["42703", "42P10"],
  STORE_READ_ONLY: ["25006"], STORE_CONFLICT: ["40001", "40P01"], STORE_FULL: ["53100"], STORE_BUSY: ["53300"], STORE_TIMEOUT: ["57014", "55P03"],
  STORE_DISK: ["58030"], STORE_CORRUPT: ["XX001"],
} as const;

it.each(Object.entries(codes).flatMap(([code, own]) => own.map((one) => [one, code] as const)))("%s is %s", (own, code) => {
  const cause = Object.assign(new Error("x"), { code: own });
  expect(failure(cause, "postgres://host/app", "deflow")).toMatchObject({ code, message: expect.stringContaining("`postgres://host/app`"), cause, hint: expect.any(String) });
});

it("what is not the database's stays as it is", () => {
  const error = new TypeError("x");
  expect(failure(error, "x", "deflow")).toBe(error);
  expect(isLost(error)).toBe(false);
});

it("options that cannot be meant are refused at once", () => {
  const bad: PostgresOptions[] = [
    {}, { connectionString: "mysql://host/db" }, { connectionString: "nonsense" }, { connectionString: "postgres://host/db", schema: "" },
    { connectionString: "postgres://host/db", schema: "pg_mine" }, { connectionString: "postgres://host/db", schema: "x".repeat(64) },
  ];
  for (const options of bad) expect(() => postgresStore(options)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
});

it("options are refused in words that say which, and why it may be so", () => {
  const thrown = (options: object): DeflowError => {
    try {
      postgresStore(options as PostgresOptions);
    } catch (error) {
      return error as DeflowError;
    }
    return expect.unreachable();
  };
  expect(thrown({ connectionString: undefined })).toMatchObject({ message: "`connectionString` of postgresStore() is undefined; it must be postgres://user:password@host:port/database", hint: expect.stringContaining("environment") });
  expect(thrown({ pool: undefined })).toMatchObject({ message: "`pool` of postgresStore() is undefined; it must be a Pool of pg" });
  expect(thrown({})).toMatchObject({ message: expect.stringContaining("without a database") });
  expect(thrown({ pool: new pg.Pool(), connectionString: "postgres://host/db" })).toMatchObject({ message: expect.stringContaining("two databases") });
  expect(thrown({ connectionString: "postgres://host/db", migrate: "none" })).toMatchObject({ message: "`migrate` is \"none\"; it must be \"apply\" or \"check\"" });
  expect(thrown({ connectionString: "postgres://host/db", leaseClock: true })).toMatchObject({ message: "`leaseClock` is of type boolean; it must be \"database\" or \"caller\"" });
});

it.each<[pg.PoolConfig, string]>([
  [{ connectionString: "postgres://ann:secret@localhost:1/app?password=secret" }, "postgres://localhost:1/app"],
  [{ host: "127.0.0.1", port: 1, user: "ann", password: "secret", database: "app" }, "postgres://127.0.0.1:1/app"],
  [{ host: "/no/such/folder", database: "app" }, "postgres://%2Fno%2Fsuch%2Ffolder/app"],
  [{ port: 1, user: "ann", password: "secret" }, "the database of the pool"],
])("a pool that cannot connect is named by its options, as far as they go, and never by a password: %o", async (options, name) => {
  const pool = new pg.Pool(options);
  const error: DeflowError = await postgresStore({ pool }).load("a").then(() => expect.unreachable(), (thrown: DeflowError) => thrown);
  expect(error).toMatchObject({ code: "STORE_UNREACHABLE", message: expect.stringMatching(/^`[^`]*` cannot be opened: .*(?:ECONNREFUSED|ENOENT)/u) });
  expect(error.message).toContain(`\`${name}\``);
  expect(`${error.message} ${error.hint}`).not.toContain("secret");
  await pool.end();
});

describePostgres("a store on Postgres", () => {
  let schema: Schema;
  const stores: Store[] = [];
  beforeAll(async () => {
    schema = await newSchema();
  });
  beforeEach(() => schema.empty());
  afterEach(async () => {
    for (const store of stores.splice(0)) await store.close();
  });
  afterAll(() => schema?.drop());

  function opened(options: Partial<PostgresOptions> = {}): Store {
    const store = schema.open(options);
    stores.push(store);
    return store;
  }

  /** With connections of its own. */
  function own(change: (url: URL) => void, options: Partial<PostgresOptions> = {}): Store {
    const url = new URL(schema.url);
    change(url);
    return opened({ pool: undefined as never, connectionString: url.href, ...options });
  }

  describe("that cannot be used says so", () => {
    it.each([
      ["the password is wrong", (url: URL): void => { url.password = "wrong"; }, "STORE_DENIED", "password authentication failed for user", "Check user and password"],
      ["there is no password", (url: URL): void => { url.password = ""; }, "STORE_DENIED", "password", "Check user and password"],
      ["the database is not there", (url: URL): void => { url.pathname = "/nothing"; }, "STORE_UNREACHABLE", "database \"nothing\" does not exist", "Create the database"],
      ["nobody answers", (url: URL): void => { url.port = "1"; }, "STORE_UNREACHABLE", "ECONNREFUSED", "The server must run"],
      ["the host is not known", (url: URL): void => { url.hostname = "no.such.host.invalid"; }, "STORE_UNREACHABLE", "no.such.host.invalid", "The server must run"],
    ] as const)("when %s", async (_when, change, code, reason, hint) => {
      const store = own(change);
      const error: unknown = await store.load("a").catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code, message: expect.stringContaining(reason), hint: expect.stringContaining(hint) });
      expect(String(error)).not.toContain(new URL(schema.url).password + "@");
    });

    it("when the server may lose what was committed", async () => {
      const [row] = (await schema.pool.query<{ fsync: string }>("select current_setting('fsync') as fsync")).rows;
      const store = opened({ durable: true });
      if (row?.fsync === "on") await created(store, "a");
      else await expect(store.load("a")).rejects.toMatchObject({ code: "STORE_NOT_DURABLE", message: expect.stringContaining("fsync") });
    });

    it("when a statement takes longer than it may", async () => {
      const store = opened({ pool: limited({ options: "-c statement_timeout=300" }) });
      await created(store, "a");
      const caller = await schema.begin();
      await caller.client.query(`select from ${schema.name}.deflow_run for update`);
      await expect(store.commit([changeOf("a", 1)])).rejects.toMatchObject({ code: "STORE_TIMEOUT" });
      await caller.end("rollback");
      expect(await store.commit([changeOf("a", 1)])).toMatchObject([{ applied: true, version: 2 }]);
    });

    it("when the pool has no connection to spare", async () => {
      const pool = limited({ max: 1, connectionTimeoutMillis: 100 });
      const store = opened({ pool });
      await created(store, "a");
      const taken = await pool.connect();
      await expect(store.load("a")).rejects.toMatchObject({ code: "STORE_BUSY" });
      await expect(store.commit([changeOf("a", 1)])).rejects.toMatchObject({ code: "STORE_BUSY" });
      taken.release();
      expect(await store.commit([changeOf("a", 1)])).toMatchObject([{ applied: true }]);
    });

    it("when the transactions of its user only read, or may not write", async () => {
      await created(opened(), "a");
      const store = opened({ pool: limited({ options: "-c default_transaction_read_only=on" }) });
      expect((await loaded(store, "a")).version).toBe(1);
      await expect(store.commit([changeOf("a", 1)])).rejects.toMatchObject({ code: "STORE_READ_ONLY" });
    });
  });

  function limited(options: pg.PoolConfig): pg.Pool {
    const pool = new pg.Pool({ connectionString: schema.url, ...options });
    pool.on("error", () => {});
    stores.push({ close: () => pool.end() } as Store);
    return pool;
  }

  it("a call in the caller's transaction needs no connection beside the caller's, once the store is open", async () => {
    const pool = limited({ max: 1, connectionTimeoutMillis: 1_000 });
    const store = opened({ pool });
    await created(store, "a");
    for (const at of [1, 2]) {
      const client = await pool.connect();
      await client.query("begin");
      expect(await store.transactions?.joined?.(client).commit([changeOf("a", at)])).toMatchObject([{ applied: true }]);
      await client.query("commit");
      // The next one is another client.
      client.release(true);
    }
  });

  it("connections of a pool that listens for no errors may end", async () => {
    const pool = new pg.Pool({ connectionString: schema.url });
    stores.push({ close: () => pool.end() } as Store);
    const store = opened({ pool });
    await created(store, "a");
    const gone = new Promise((resolve) => pool.once("remove", resolve));
    await schema.pool.query("select pg_terminate_backend(pid) from pg_stat_activity where pid = $1", [(await pool.query<{ pid: number }>("select pg_backend_pid() as pid")).rows[0]?.pid]);
    await gone;
    expect(await loaded(store, "a")).toMatchObject({ version: 1 });
  });

  it("who calls one thing after the other needs one connection", async () => {
    const pool = limited({});
    const store = opened({ pool });
    await created(store, "a", { parts: { put: [["p", "text"]], drop: [] } });
    await opened().commit([changeOf("a", 1)]);
    for (let n = 0; n < 3; n++) {
      await loaded(store, "a");
      await store.find({ limit: 9 });
      await store.queue("default", now, { paused: false });
      await store.commit([changeOf("a", 2 + n)]);
    }
    expect(pool.totalCount).toBe(1);
  });

  it("one change that cannot be written takes no other with it that came in the same round", async () => {
    const store = opened();
    const tooLong = Array.from({ length: 9000 }, (_, n) => String.fromCharCode(0x4e00 + ((n * 7919) % 20000))).join("");
    const results = await Promise.allSettled([created(store, "a"), created(store, tooLong), created(store, "b")]);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect((await store.find({ limit: 9 })).map(({ id }) => id).toSorted()).toEqual(["a", "b"]);
  });

  it("long keys of parts and values of the index are kept and found", async () => {
    const store = opened();
    const long = Array.from({ length: 1000 }, (_, n) => String.fromCharCode(0x4e00 + ((n * 7919) % 20000))).join("");
    await created(store, "a", { index: { k: long }, parts: { put: [[long, "1"], [`${long.slice(1)}x`, "2"], ["short", "3"]], drop: [] } });
    expect(Object.fromEntries((await loaded(store, "a")).parts)).toEqual({ [long]: "1", [`${long.slice(1)}x`]: "2", short: "3" });
    expect((await store.find({ index: { k: long }, limit: 9 })).map(({ id, index }) => [id, index["k"]])).toEqual([["a", long]]);
    await store.commit([changeOf("a", 1, { parts: { put: [], drop: [long] } })]);
    expect([...(await loaded(store, "a")).parts.keys()].toSorted()).toEqual(["short", `${long.slice(1)}x`].toSorted());
  });

  describe("over a connection that breaks", () => {
    let proxy: Proxy;
    let store: Store;
    beforeEach(async () => {
      proxy = new Proxy(schema.url);
      store = opened({ pool: undefined as never, connectionString: await proxy.open(), connections: 1 });
      await created(store, "a", { wake: now });
    });
    afterEach(() => proxy.close());

    const cuts: readonly Cut[] = ["request", "answer"];

    it.each(cuts)("a commit is applied once: %s lost", async (cut) => {
      proxy.cut(cut);
      expect(await store.commit([changeOf("a", 1, { frame: "new", outbox: [{ to: "b", kind: "k", eventId: "1", body: "" }] })])).toEqual([{ applied: true, version: 2, delivered: 0 }]);
      expect([proxy.waits, (await loaded(store, "a")).version, (await store.outbox(9)).length]).toEqual([false, 2, 1]);
    });

    it("one that the server ends as soon as it is made harms nobody: a store's own, a dispatcher's, one of a pool", async () => {
      const fresh = opened({ pool: undefined as never, connectionString: await proxy.open(), connections: 1 });
      proxy.cut("ready");
      // With the first one it says what the server allows; the next is the one that was asked for.
      await expect(fresh.load("a").catch(() => loaded(fresh, "a"))).resolves.toMatchObject({ version: 1 });
      expect(proxy.waits).toBe(false);
      const pool = new pg.Pool({ connectionString: await proxy.open() });
      for (const connection of [{ connectionString: await proxy.open() }, { pool }]) {
        const dispatcher = postgresDispatcher({ ...connection, delay: 0 });
        proxy.cut("ready");
        await dispatcher.ring({ run: "a" })?.catch(() => dispatcher.ring({ run: "a" }));
        expect(proxy.waits).toBe(false);
        await dispatcher.close();
      }
      await pool.end();
    });

    it.each(cuts)("a commit of what was read is applied once: %s lost", async (cut) => {
      await loaded(store, "a");
      proxy.cut(cut);
      expect(await store.commit([changeOf("a", 1, { frame: "new" })])).toEqual([{ applied: true, version: 2, delivered: 0 }]);
      expect([proxy.waits, await loaded(store, "a")]).toMatchObject([false, { version: 2, frame: "new" }]);
    });

    it.each(cuts)("a run is created once: %s lost", async (cut) => {
      proxy.cut(cut);
      expect(await store.commit([changeOf("b", 0), changeOf("a", 0)])).toEqual([{ applied: true, version: 1, delivered: 0 }, { applied: false, reason: "stale" }]);
      expect(proxy.waits).toBe(false);
    });

    it.each(cuts)("a change that is refused is refused still: %s lost", async (cut) => {
      proxy.cut(cut);
      expect(await store.commit([changeOf("a", 7), changeOf("nobody", 1)])).toEqual([{ applied: false, reason: "stale" }, { applied: false, reason: "missing" }]);
      expect((await loaded(store, "a")).version).toBe(1);
    });

    it("a commit that others have gone on from is said to be unknown, and not to be refused", async () => {
      const other = opened();
      proxy.cut("answer");
      const commit = store.commit([changeOf("a", 1)]).catch((error: unknown) => error);
      while ((await loaded(other, "a")).version === 1) await new Promise((resolve) => setImmediate(resolve));
      const went = await other.commit([changeOf("a", 2)]);
      const result = await commit;
      // The store may have been faster.
      if (Array.isArray(result)) expect(result).toMatchObject([{ applied: true, version: 2 }]);
      else expect([went[0]?.applied, result]).toMatchObject([true, { code: "STORE_OUTCOME_UNKNOWN" }]);
    });

    it.each(cuts)("a message with an event id is delivered once: %s lost", async (cut) => {
      proxy.cut(cut);
      expect((await store.deliver([delivered("a", "e1")]))[0]?.result).toBe(cut === "answer" ? "duplicate" : "delivered");
      expect((await loaded(store, "a")).inbox.length).toBe(1);
    });

    it.each(cuts)("of one without it is not known: %s lost", async (cut) => {
      proxy.cut(cut);
      await expect(store.deliver([delivered("a")])).rejects.toMatchObject({ code: "STORE_OUTCOME_UNKNOWN" });
      expect((await loaded(store, "a")).inbox.length).toBe(cut === "answer" ? 1 : 0);
    });

    it.each(cuts)("a claim has what it took: %s lost", async (cut) => {
      proxy.cut(cut);
      expect(await claimed(store, "w")).toEqual(["a"]);
      expect((await loaded(store, "a")).wake).toEqual({ at: now + 100, owner: "w", attempt: 0 });
    });

    it.each(cuts)("reading and heartbeats are repeated: %s lost", async (cut) => {
      await claimed(store, "w");
      proxy.cut(cut);
      expect((await loaded(store, "a")).version).toBe(1);
      proxy.cut(cut);
      expect(await store.extend([{ id: "a", owner: "w" }], { now: now + 50, duration: 100 })).toEqual([{ held: true, delivered: 0 }]);
      proxy.cut(cut);
      expect((await store.find({ limit: 9 })).length).toBe(1);
    });

    it("a transaction of step.tx whose commit was not answered is looked up", async () => {
      const { transactions } = store;
      // begin, savepoint, release, the change, commit
      proxy.cut("answer", 4);
      expect(await transactions?.transact(() => changeOf("a", 1))).toMatchObject({ applied: true, version: 2 });
      proxy.cut("request", 4);
      await expect(transactions?.transact(() => changeOf("a", 2))).rejects.toMatchObject({ code: "STORE_UNREACHABLE" });
      expect([proxy.waits, (await loaded(store, "a")).version]).toEqual([false, 2]);
    });
  });
});

describePostgres("a server that goes and comes back", () => {
  it("is told of at once, and used again, with all that was committed", async () => {
    const server = await startServer();
    const store = postgresStore({ connectionString: server.url, durable: false, leaseClock: "caller" });
    try {
      await created(store, "a");
      const writes = Promise.allSettled(Array.from({ length: 30 }, async (_, n) => {
        await new Promise((resolve) => setTimeout(resolve, n * 10));
        return await created(store, `run ${n}`);
      }));
      await server.restart();
      const results = await writes;
      const there = new Set((await store.find({ limit: 100 })).map(({ id }) => id));
      for (const [n, result] of results.entries()) {
        if (result.status === "fulfilled") expect(there).toContain(`run ${n}`);
        else expect(result.reason).toMatchObject({ code: "STORE_UNREACHABLE" });
      }
      expect(await store.commit([changeOf("a", 1)])).toMatchObject([{ applied: true, version: 2 }]);
    } finally {
      await store.close();
      await server.stop();
    }
    await expect(store.load("a")).rejects.toMatchObject({ code: "STORE_CLOSED" });
  });
});
