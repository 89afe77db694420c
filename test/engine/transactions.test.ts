// step.tx: the application's rows and the run in one commit.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { begin, createEngine, deflow, FatalError, isDeflowError, listen, memory, step, type Engine } from "deflow";
import { sqlite } from "deflow/sqlite";
import { SimulatedClock, testEngine } from "deflow/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Change, Store } from "../../runtime/store.ts";
import { connect, type Database } from "../../runtime/stores/sqlite/driver.ts";

interface Client {
  prepare(sql: string): { run(...parameters: unknown[]): unknown; all(...parameters: unknown[]): unknown[] };
  exec(sql: string): unknown;
}

/** Outside the runs: how often functions were called, what they do at which attempt. */
const world = { calls: 0, before: (_client: Client, _attempt: number): unknown => undefined, kept: undefined as Client | undefined };

const book = deflow(async function book(seat: string) {
  return await step.tx("book", (db: Client, { key, attempt }) => {
    world.calls++;
    db.prepare("insert into booking (seat, key) values (?, ?)").run(seat, key);
    world.before(db, attempt);
    return { seat, key };
  }, { retry: { attempts: 3, delay: 1000, jitter: false } });
});

const three = deflow(async function three() {
  const booked: string[] = [];
  for (const seat of ["1a", "1b", "1c"]) {
    booked.push(await step.tx("book", (db: Client) => {
      db.prepare("insert into booking (seat) values (?)").run(seat);
      return seat;
    }));
  }
  return booked;
});

const caught = deflow(async function caught(kind: string) {
  try {
    return await step.tx("odd", (db: Client) => {
      world.calls++;
      db.prepare("insert into booking (seat) values ('odd')").run();
      if (kind === "promise") return Promise.resolve(1);
      if (kind === "unstorable") return new WeakMap();
      if (kind === "ends" || kind === "ends and throws") db.exec("commit");
      if (kind === "ends and throws") throw new Error("no");
      if (kind === "deferred") db.prepare("insert into guest (seat) values ('none')").run();
      if (kind === "fatal") throw new FatalError("sold out");
      world.kept = db;
      return 1;
    }, { retry: 5 });
  } catch (error) {
    return isDeflowError(error) ? error.code : "another";
  }
});

const asyncTx = deflow(async function asyncTx() {
  try {
    return await step.tx("late", async (db: Client) => {
      world.calls++;
      db.prepare("insert into booking (seat) values ('late')").run();
    });
  } catch (error) {
    return (error as Error).message;
  }
});

const mixed = deflow(async function mixed() {
  const all = await Promise.all([
    step("slow", async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return "slow";
    }),
    step.tx("one", (db: Client) => void db.prepare("insert into booking (seat) values ('one')").run()),
    step.tx("two", (db: Client) => db.prepare("select seat from booking").all().length),
  ]);
  return [...all, await listen("word")];
});

const lost = deflow(async function lost() {
  const won = await Promise.race(["ready", step.tx("late", (db: Client) => void db.prepare("insert into booking (seat) values ('late')").run())]);
  await listen("word");
  return won;
});

const flows = { asyncTx, book, caught, lost, mixed, three };

describe.each([["node:sqlite", false], ["better-sqlite3", false], ["better-sqlite3", true]] as const)("step.tx on %s, dev %s", (driver, dev) => {
  let folder: string;
  let store: Store;
  let own: Database;
  const engines: Engine[] = [];
  const clock = new SimulatedClock(1_700_000_000_000);

  beforeEach((context) => {
    if (driver === "node:sqlite" && process.getBuiltinModule?.("node:sqlite") === undefined) return context.skip();
    folder = mkdtempSync(join(tmpdir(), "deflow-"));
    const file = join(folder, "app.db");
    own = connect(file, driver);
    own.exec("create table booking (seat text not null unique, key text)");
    own.exec("create table guest (seat text references booking (seat) deferrable initially deferred)");
    store = sqlite(file, { driver });
    Object.assign(world, { calls: 0, before: () => undefined, kept: undefined });
  });

  afterEach(async () => {
    for (const engine of engines.splice(0)) await engine.close();
    await store?.close();
    own?.close();
    if (folder) rmSync(folder, { recursive: true });
  });

  function engine(over: Store = store): Engine {
    const made = createEngine({ store: over, flows, clock, dev });
    engines.push(made);
    return made;
  }

  const seats = (): string[] => own.prepare("select seat from booking order by seat").all().map((row) => (row as { seat: string }).seat);

  /** The store, which stops before or after a commit: what a crash there leaves. */
  function dying(after: boolean): Store {
    const { transactions, ...rest } = Object.fromEntries([...["load", "commit", "deliver", "claim", "extend", "outbox", "find", "remove", "queue", "shapes", "close"] as const]
      .map((name) => [name, (...given: never[]) => (store[name] as (...all: never[]) => unknown)(...given)])) as unknown as Store;
    expect(transactions).toBeUndefined();
    return {
      ...rest,
      transactions: {
        synchronous: true,
        async transact(work) {
          const cut = (client: unknown): Change => {
            const change = work(client) as Change;
            if (!after) throw new Error("the process ends");
            return change;
          };
          await store.transactions?.transact(cut);
          throw new Error("the process ends");
        },
      },
    };
  }

  it("stores rows and result together: m of them are m + 1 commits", async () => {
    const run = await engine().start(three, []);
    expect(run).toMatchObject({ status: "completed", value: ["1a", "1b", "1c"] });
    expect(seats()).toEqual(["1a", "1b", "1c"]);
    expect((await store.load(run.id))?.version).toBe(4);
  });

  it("what throws is rolled back, tried again as `retry` says, and then thrown into the flow", async () => {
    world.before = (_client, attempt) => {
      if (attempt < 3) throw new Error(`no ${attempt}`);
    };
    const run = await engine().start(book, ["2a"]);
    expect(run).toMatchObject({ status: "waiting" });
    expect((await store.load(run.id))?.wake?.owner).toBeNull();
    expect(seats()).toEqual([]);
    for (const after of [1000, 2000]) {
      await clock.advance(after);
      await engine().tick();
    }
    expect(await engine().get(run.id)).toMatchObject({ status: "completed", value: { seat: "2a", key: `${run.id}:1` } });
    expect([seats(), world.calls]).toEqual([["2a"], 3]);
    expect(await engine().start(caught, ["fatal"])).toMatchObject({ status: "completed", value: "FATAL" });
    expect(seats()).toEqual(["2a"]);
  });

  it("a refusal of the database is the step's error", async () => {
    own.exec("insert into booking (seat) values ('2a')");
    expect(await engine().start(caught, ["no"])).toMatchObject({ value: 1 });
    expect(await engine().start(caught, ["no"])).toMatchObject({ status: "waiting" });
    expect(seats()).toEqual(["2a", "odd"]);
  });

  it("refuses promises, results that cannot be stored, and commits of its own, and keeps the client to itself", async () => {
    expect(await engine().start(caught, ["promise"])).toMatchObject({ value: "INVALID_TX" });
    expect(await engine().start(caught, ["unstorable"])).toMatchObject({ value: "NOT_SERIALIZABLE" });
    expect(seats()).toEqual([]);
    expect(world.calls).toBe(2);
    expect(await engine().start(asyncTx, [])).toMatchObject({ value: "step.tx(late) is an async function, so it was not called" });
    expect(world.calls).toBe(2);
    expect(await engine().start(caught, ["ends"])).toMatchObject({ value: "INVALID_TX" });
    expect(seats()).toEqual(["odd"]);
    own.exec("delete from booking");
    expect(await engine().start(caught, ["fine"])).toMatchObject({ value: 1 });
    expect(() => world.kept?.exec("delete from booking")).toThrow("revoked");
  });

  it("tells a commit of its own that is followed by an error, and does not make it again", async () => {
    expect(await engine().start(caught, ["ends and throws"])).toMatchObject({ status: "completed", value: "INVALID_TX" });
    expect([seats(), world.calls]).toEqual([["odd"], 1]);
  });

  it("what only the commit refuses is the step's error, and the run goes on", async () => {
    const run = await engine().start(caught, ["deferred"]);
    expect(run).toMatchObject({ status: "waiting" });
    for (const after of [2000, 4000, 8000, 16_000]) {
      await clock.advance(after);
      await engine().tick();
    }
    expect(await engine().get(run.id)).toMatchObject({ status: "completed", value: "TX_REFUSED" });
    expect([seats(), world.calls]).toEqual([[], 5]);
    expect(await engine().start(caught, ["fine"])).toMatchObject({ value: 1 });
  });

  it("goes with other steps", async () => {
    const run = await engine().start(mixed, []);
    expect(await engine().continue(run, "word", "w")).toMatchObject({ value: ["slow", undefined, 1, "w"] });
  });

  it("is not made when nobody can observe it", async () => {
    expect(await engine().start(lost, [])).toMatchObject({ status: "waiting", waits: [{ kind: "listen" }] });
    expect(seats()).toEqual([]);
  });

  it.each([[false, 2], [true, 1]])("a crash that comes after its commit: %s; it has happened once", async (after, calls) => {
    const { id } = await engine().start(book, ["9z"], { queue: "q" });
    await expect(engine(dying(after)).tick()).rejects.toThrow("the process ends");
    expect(seats()).toEqual(after ? ["9z"] : []);
    await clock.advance(30_000);
    await engine().tick();
    expect(await engine().get(id)).toMatchObject({ status: "completed", value: { seat: "9z" } });
    expect([seats(), world.calls]).toEqual([["9z"], calls]);
  });

  it("of two that make it at once one does", async () => {
    const { id } = await engine().start(book, ["5c"], { queue: "q" });
    const row = await store.load(id);
    let meanwhile: Promise<unknown> | undefined;
    world.before = () => {
      meanwhile ??= Promise.resolve();
    };
    await Promise.all([engine().tick(), engine().tick()]);
    expect(row?.version).toBe(1);
    expect(await engine().get(id)).toMatchObject({ status: "completed" });
    expect(seats()).toEqual(["5c"]);
  });
});

describe("step.tx without transactions", () => {
  it("says what to do", async () => {
    const engine = createEngine({ store: memory(), flows });
    expect(await engine.start(caught, ["no"])).toMatchObject({ status: "completed", value: "STORE_WITHOUT_TX" });
    expect(await begin(caught, ["no"])).toMatchObject({ status: "completed", value: "NEEDS_ENGINE" });
    await engine.close();
  });

  it("has stand-ins in tests", async () => {
    const t = testEngine({ flows: { book }, steps: { book: ({ key, attempt }) => ({ seat: "x", key, attempt }) } });
    expect(await t.start(book, ["1a"], { id: "r" })).toMatchObject({ status: "completed", value: { seat: "x", key: "r:1", attempt: 1 } });
    expect(t.steps("book")).toMatchObject([{ attempt: 1, status: "completed" }]);
    await t.close();
    const bare = testEngine({ flows: { caught } });
    expect(await bare.start(caught, ["no"])).toMatchObject({ value: "STORE_WITHOUT_TX" });
    await bare.close();
  });
});
