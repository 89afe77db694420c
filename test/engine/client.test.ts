// client: what the engine stores is committed or rolled back with the caller's own rows.

import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { callback, createEngine, deflow, type Engine, type EngineOptions, listen, memory, respond, run as running, start, step } from "deflow";
import { sqlite } from "deflow/sqlite";
import { SimulatedClock } from "deflow/testing";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Store } from "../../runtime/store.ts";
import { connect, type Database } from "../../runtime/stores/sqlite/driver.ts";

const acted: string[] = [];

const order = deflow(async function clientOrder(item: string) {
  respond("accepted", item);
  const number = await step("reserve", ({ attempt }) => acted.push(`reserve ${item} ${attempt}`));
  await step.tx("book", (db: Database) => void db.prepare("insert into mine values (?)").run(`booked ${item}`));
  return number;
});

const talk = deflow(async function clientTalk() {
  running.index({ kind: "talk" });
  const heard: unknown[] = [];
  for (;;) {
    const word = await listen("word");
    heard.push(word);
    respond(...heard);
    if (word === "act") await step("act", () => acted.push("act"));
    if (word === "end") return heard;
  }
});

const asked = deflow(async function clientAsked() {
  const answer = callback<string>();
  respond(answer.token);
  return await answer;
});

const child = deflow(async function clientChild() {
  return await listen("word");
});

const parent = deflow(async function clientParent() {
  const handle = await start(child, [], { id: "child" });
  return await handle.result();
});

const unstorable = deflow(async function clientUnstorable() {
  await listen("word");
  const socket = new WeakMap();
  await listen("more");
  return socket;
});

const during = { tx: (_client: object): void => {} };

const lends = deflow(async function clientLends() {
  await step.tx("lend", (client: object) => during.tx(client));
});

const realImmediate = setImmediate;

const flows = { asked, child, lends, order, parent, talk, unstorable };
const ends = ["commit", "rollback"] as const;

describe.each([["node:sqlite", false], ["better-sqlite3", false], ["better-sqlite3", true]] as const)("client on %s, dev %s", (driver, dev) => {
  const clock = new SimulatedClock(1_700_000_000_000);
  const engines: Engine[] = [];
  let folder: string;
  let file: string;
  let stores: Store[];
  let store: Store;
  let db: Database;

  beforeEach((context) => {
    if (driver === "node:sqlite" && process.getBuiltinModule?.("node:sqlite") === undefined) return context.skip();
    acted.length = 0;
    folder = mkdtempSync(join(tmpdir(), "deflow-"));
    file = join(folder, "app.db");
    stores = [];
    store = opened();
    db = connect(file, driver);
    db.exec("create table mine (word text)");
  });

  afterEach(async () => {
    db?.close();
    for (const engine of engines.splice(0)) await engine.close();
    for (const one of stores ?? []) await one.close();
    if (folder) rmSync(folder, { recursive: true });
  });

  function opened(busyTimeout = 10_000): Store {
    const made = sqlite(file, { driver, busyTimeout });
    stores.push(made);
    return made;
  }

  function engine(options: Partial<EngineOptions> = {}): Engine {
    const made = createEngine({ store, flows, clock, dev, ...options });
    engines.push(made);
    return made;
  }

  /** A row of the caller's, and what it asks of the engine, in one transaction. */
  async function together<T>(end: "commit" | "rollback", work: () => Promise<T>): Promise<T> {
    db.exec("begin immediate");
    db.prepare("insert into mine values ('own')").run();
    const result = await work();
    db.exec(end);
    return result;
  }

  const mine = (): unknown[] => db.prepare("select word from mine").all().map(({ word }) => word);

  describe.each(ends)("after a %s", (end) => {
    const committed = end === "commit";
    const own = committed ? ["own"] : [];

    it("start: the run and the rows are there, or neither; no step begins before", async () => {
      const e = engine();
      const other = engine({ store: opened() });
      const run = await together(end, async () => {
        const started = await e.start(order, ["book"], { client: db });
        expect(started).toMatchObject({ status: "running", responses: ["accepted", "book"] });
        await expect(other.get(started)).rejects.toMatchObject({ code: "NOT_FOUND" });
        expect(acted).toEqual([]);
        return started;
      });
      expect([mine(), acted]).toEqual([own, []]);
      if (!committed) return void await expect(e.get(run)).rejects.toMatchObject({ code: "NOT_FOUND" });
      expect(await store.load(run.id)).toMatchObject({ version: 1, status: "running", wake: { owner: null, attempt: 0 } });
      expect(await e.tick()).toMatchObject({ done: 1 });
      expect(await e.get(run)).toMatchObject({ status: "completed", value: 1, turn: 1, responses: ["accepted", "book"] });
      expect([mine(), acted]).toEqual([["own", "booked book"], ["reserve book 1"]]);
      expect(await run.result()).toBe(1);
    });

    it("continue: the turn and the rows, or neither", async () => {
      const e = engine();
      const run = await e.start(talk, []);
      const before = await store.load(run.id);
      const after = await together(end, () => e.continue(run, "word", "one", { client: db }));
      expect(after).toMatchObject({ status: "waiting", responses: ["one"] });
      expect(mine()).toEqual(own);
      if (!committed) expect(await store.load(run.id)).toEqual(before);
      expect(await e.continue(run, "word", "two")).toMatchObject({ responses: committed ? ["one", "two"] : ["two"] });
    });

    it("continue: the steps that follow begin afterwards", async () => {
      const e = engine();
      const run = await e.start(talk, []);
      expect(await together(end, () => e.continue(run, "word", "act", { client: db }))).toMatchObject({ status: "running", turn: 2 });
      expect(acted).toEqual([]);
      expect(await e.tick()).toMatchObject({ done: committed ? 1 : 0 });
      expect(acted).toEqual(committed ? ["act"] : []);
      expect(await e.get(run)).toMatchObject({ status: "waiting", turn: committed ? 2 : 1 });
    });

    it("send: the letter and the rows, or neither; the turn is a worker's", async () => {
      const e = engine();
      const run = await e.start(talk, []);
      expect(await together(end, () => e.send(run, "word", "sent", { client: db, eventId: "1" }))).toEqual({ duplicate: false });
      expect((await store.load(run.id))?.inbox).toHaveLength(committed ? 1 : 0);
      expect(await e.get(run)).toMatchObject({ turn: 1 });
      await e.tick();
      expect((await e.get(run)).responses).toEqual(committed ? ["sent"] : []);
      expect(await e.send(run, "word", "sent", { eventId: "1" })).toEqual({ duplicate: committed });
    });

    it("settle: the answer and the rows, or neither; a token is used up only by a commit", async () => {
      const e = engine();
      const run = await e.start(asked, []);
      const token = String(run.responses[0]);
      expect(await together(end, () => e.settle(token, "yes", { client: db }))).toMatchObject({ status: "completed", value: "yes" });
      expect((await e.get(run)).status).toBe(committed ? "completed" : "waiting");
      if (committed) await expect(e.settle(token, "again")).rejects.toMatchObject({ code: "UNKNOWN_TOKEN" });
      else expect(await e.settle(token, "again")).toMatchObject({ value: "again" });
    });

    it("several calls see each other", async () => {
      const e = engine();
      await together(end, async () => {
        const run = await e.start(talk, [], { client: db, id: "r" });
        expect(await e.start(talk, [], { client: db, id: "r" })).toMatchObject({ duplicate: true });
        expect(await e.continue(run, "word", "one", { client: db, eventId: "1" })).toMatchObject({ responses: ["one"] });
        expect(await e.continue(run, "word", "one", { client: db, eventId: "1" })).toMatchObject({ responses: ["one"], duplicate: true });
        await Promise.all([e.continue(run, "word", "two", { client: db }), e.continue(run, "word", "three", { client: db }), e.start(talk, [], { client: db, id: "s" })]);
      });
      expect((await e.find({ index: { kind: "talk" } })).runs.map(({ id, turn }) => [id, turn])).toEqual(committed ? [["r", 4], ["s", 1]] : []);
    });

    it("start with a queue", async () => {
      const e = engine();
      await together(end, () => e.start(talk, [], { client: db, id: "r", queue: "q" }));
      expect(await e.tick({ queues: ["q"] })).toMatchObject({ done: committed ? 1 : 0 });
    });

    it("runs that start others, and wait for them", async () => {
      const e = engine();
      await together(end, () => e.start(parent, [], { client: db, id: "parent" }));
      await e.tick();
      await e.idle();
      if (!committed) return void expect((await e.find()).runs).toEqual([]);
      await together("commit", () => e.continue("child", "word", "done", { client: db }));
      expect(await e.get("parent")).toMatchObject({ status: "waiting" });
      await e.tick();
      expect(await e.get("parent")).toMatchObject({ status: "completed", value: "done" });
    });

    it("nobody is told of what may be rolled back", async () => {
      const told: unknown[] = [];
      const e = engine();
      e.on("commit", ({ runId, version }) => told.push([runId, version]));
      await together(end, () => e.start(order, ["x"], { client: db, id: "r" }));
      expect(told).toEqual([]);
      await e.tick();
      expect(told[0]).toEqual(committed ? ["r", 2] : undefined);
    });
  });

  it.each([["before", "rollback"], ["after", "commit"]] as const)("a process that dies %s the commit", async (_when, end) => {
    const dying = engine({ store: opened() });
    db.exec("begin immediate");
    db.prepare("insert into mine values ('own')").run();
    await dying.start(order, ["x"], { client: db, id: "r" });
    if (end === "commit") db.exec("commit");
    db.close();
    db = connect(file, driver);
    const other = engine();
    await other.tick();
    expect(mine()).toEqual(end === "commit" ? ["own", "booked x"] : []);
    expect(acted).toEqual(end === "commit" ? ["reserve x 1"] : []);
  });

  it("a worker of the same program waits for the transaction, and so do other calls, without stopping it", async () => {
    const e = engine();
    const worker = e.work({ poll: 1 });
    const other = await e.start(talk, []);
    let late: Promise<unknown> = Promise.resolve();
    await together("commit", async () => {
      await e.start(order, ["x"], { client: db, id: "r" });
      late = e.continue(other, "word", "meanwhile");
      for (let round = 0; round < 50; round++) await new Promise((resolve) => setImmediate(resolve));
      expect(acted).toEqual([]);
      expect(await e.get(other)).toMatchObject({ turn: 1 });
    });
    expect(await late).toMatchObject({ responses: ["meanwhile"] });
    await expect.poll(async () => {
      await clock.advance(1_000);
      return (await e.get("r")).status;
    }).toBe("completed");
    await worker.stop();
  });

  it("a transaction that stays open locks others out after their busyTimeout", async () => {
    const e = engine({ store: opened(20) });
    db.exec("begin immediate");
    await e.start(talk, [], { client: db, id: "r" });
    await expect(e.start(talk, [])).rejects.toMatchObject({ code: "STORE_LOCKED" });
    db.exec("commit");
    expect(await e.start(talk, [])).toMatchObject({ status: "waiting" });
  });

  it("a call that is refused leaves the transaction as it was", async () => {
    const e = engine();
    const run = await e.start(unstorable, []);
    await together("commit", async () => {
      const client = db;
      await expect(e.continue(run, "other", 1, { client })).rejects.toMatchObject({ code: "NOT_LISTENING" });
      await expect(e.continue(run, "word", 1, { client })).rejects.toMatchObject({ code: "NOT_SERIALIZABLE" });
      await expect(e.send("nobody", "word", 1, { client })).rejects.toMatchObject({ code: "NOT_FOUND" });
      await expect(e.settle("no token", 1, { client })).rejects.toMatchObject({ code: "UNKNOWN_TOKEN" });
      expect(mine()).toEqual(["own"]);
    });
    expect([mine(), await e.get(run)]).toMatchObject([["own"], { status: "waiting", turn: 1 }]);
  });

  it("a run that a worker holds, and one with letters to read, takes its input later", async () => {
    const e = engine();
    const [held, lettered] = [await e.start(talk, []), await e.start(talk, [])];
    await together("commit", async () => {
      await e.send(lettered, "word", "first", { client: db });
      expect(await e.continue(lettered, "word", "second", { client: db })).toMatchObject({ accepted: true, turn: 1 });
    });
    await store.deliver([{ to: held.id, kind: "event", body: '{"v":1,"context":"none","data":1}', now: clock.now(), lease: { owner: "somebody", duration: 1_000 } }]);
    await together("commit", async () => expect(await e.continue(held, "word", "x", { client: db })).toMatchObject({ accepted: true, turn: 1 }));
    await clock.advance(1_000);
    await e.tick();
    expect(await e.get(lettered)).toMatchObject({ turn: 3, responses: ["first", "second"] });
    expect(await e.get(held)).toMatchObject({ turn: 2, responses: ["x"] });
  });

  it("says what is wrong with a client", async () => {
    const e = engine();
    const started = async (client: object, of = e): Promise<string> => of.start(talk, [], { client }).then(() => "started", ({ code, message }: { code: string; message: string }) => `${code} ${message}`);
    expect(await started(db)).toMatch(/^INVALID_CLIENT .*in no transaction/u);
    const other = connect(join(folder, "other.db"), driver);
    other.exec("begin");
    expect(await started(other)).toMatch(/^INVALID_CLIENT .*other\.db`, and the store is `.*app\.db`/u);
    other.close();
    expect(await started(other)).toMatch(/^INVALID_CLIENT .*not an open connection/u);
    expect(await started({})).toMatch(/^INVALID_CLIENT .*not an open connection/u);
    expect(await started({ prepare: () => ({ get: () => ({}) }) })).toMatch(/^INVALID_CLIENT .*not a connection/u);
    db.exec("begin");
    expect(await started(db, engine({ store: memory() }))).toMatch(/^INVALID_CLIENT .*joins no transactions/u);
    db.exec("rollback");
    expect((await e.find()).runs).toEqual([]);
  });

  it.runIf(process.getBuiltinModule?.("node:sqlite"))("refuses a connection of the other driver, whose library knows nothing of the locks of the store's", async () => {
    const other = connect(file, driver === "node:sqlite" ? "better-sqlite3" : "node:sqlite");
    other.exec("begin immediate");
    await expect(engine().start(talk, [], { client: other })).rejects.toMatchObject({
      code: "INVALID_CLIENT", message: expect.stringContaining(`the library of the store's own connection, ${driver}`) as string,
    });
    other.exec("rollback");
    other.close();
  });

  it.runIf(driver === "better-sqlite3")("refuses a connection of another copy of the driver, and takes one of a class made from the store's", async () => {
    const require = createRequire(import.meta.url);
    const Same = require("better-sqlite3") as new (path: string) => Database;
    const loaded = Object.entries(require.cache).filter(([name]) => name.includes("better-sqlite3"));
    for (const [name] of loaded) Reflect.deleteProperty(require.cache, name);
    const Other = require("better-sqlite3") as new (path: string) => Database;
    for (const [name, own] of loaded) require.cache[name] = own;
    const e = engine();
    const started = async (client: Database): Promise<unknown> => {
      client.exec("begin immediate");
      return await e.start(talk, [], { client }).then(() => "started", ({ code }) => code as unknown).finally(() => client.close());
    };
    expect(await started(new Other(file))).toBe("INVALID_CLIENT");
    expect(await started(new (class Mine extends Same {})(file))).toBe("started");
  });

  it("refuses what a step.tx is lent, while it is and afterwards", async () => {
    const refused: unknown[] = [];
    let lent: object = {};
    const e = engine();
    const ask = (): Promise<unknown> => e.send("other", "word", 1, { client: lent }).catch(({ code, message }) => refused.push(code, message));
    let asked: Promise<unknown> = Promise.resolve();
    during.tx = (client) => {
      lent = client;
      asked = ask();
    };
    await e.start(talk, [], { id: "other" });
    expect(await e.start(lends, [])).toMatchObject({ status: "completed" });
    await asked;
    await ask();
    expect(refused).toEqual(["INVALID_CLIENT", expect.stringContaining("step.tx"), "INVALID_CLIENT", expect.stringContaining("step.tx")]);
    expect(await e.get("other")).toMatchObject({ turn: 1 });
  });

  const saying = ["as it is", ...(driver === "node:sqlite" ? ["of a Node that does not say whether there is a transaction"] : [])];
  it.each(saying)("a client %s that is closed in the midst of its transaction keeps nobody from writing", async (kind) => {
    const silent = new Proxy(db, {
      get(target, name) {
        const value: unknown = name === "isTransaction" ? undefined : Reflect.get(target, name, target);
        return typeof value === "function" ? (value as () => unknown).bind(target) : value;
      },
    });
    const client = kind === "as it is" ? db : silent;
    const e = engine();
    db.exec("begin immediate");
    await e.start(talk, [], { client, id: "r" });
    db.close();
    expect(await e.start(talk, [], { id: "s" })).toMatchObject({ status: "waiting" });
    await expect(e.start(talk, [], { client })).rejects.toMatchObject({ code: "INVALID_CLIENT" });
    expect((await e.find()).runs.map(({ id }) => id)).toEqual(["s"]);
    db = connect(file, driver);
  });

  it("a client that is closed before the call has read says so, and not that the store is closed", async () => {
    const e = engine();
    for (const call of [() => e.start(talk, [], { client: db, id: "r" }), () => e.send("r", "word", 1, { client: db }), () => e.continue("r", "word", 1, { client: db })]) {
      db.exec("begin immediate");
      const called = call().catch(({ code, message }) => `${String(code)} ${String(message)}`);
      db.close();
      expect(await called).toMatch(/^INVALID_CLIENT .*(?:closed|taken out of it) before the call was over/u);
      db = connect(file, driver);
    }
    expect((await e.find()).runs).toEqual([]);
  });

  it("is waited for under a test's fake timers too", async () => {
    const e = engine();
    vi.useFakeTimers();
    try {
      let late: Promise<unknown> = Promise.resolve();
      await together("commit", async () => {
        await e.start(talk, [], { client: db });
        late = e.start(talk, [], { id: "late" });
        for (let round = 0; round < 5; round++) await new Promise((resolve) => realImmediate(resolve));
      });
      expect(await late).toMatchObject({ status: "waiting" });
    } finally {
      vi.useRealTimers();
    }
  });

  it("writes nothing when the transaction ends before the call", async () => {
    const e = engine();
    db.exec("begin immediate");
    const starting = e.start(talk, [], { client: db });
    db.exec("rollback");
    await expect(starting).rejects.toMatchObject({ code: "INVALID_CLIENT" });
    expect((await e.find()).runs).toEqual([]);
  });

  it("takes a connection that gives bigints, and one by another path", async () => {
    const e = engine();
    const odd = connect(join(folder, ".", "app.db"), driver) as Database & { defaultSafeIntegers?(on: boolean): void };
    odd.defaultSafeIntegers?.(true);
    odd.exec("begin immediate");
    const run = await e.start(talk, [], { client: odd });
    await e.continue(run, "word", "x", { client: odd });
    odd.exec("commit");
    odd.close();
    expect(await e.get(run)).toMatchObject({ turn: 2 });
  });

  it.runIf(driver === "node:sqlite")("takes a connection that gives rows as arrays", async () => {
    const { DatabaseSync } = process.getBuiltinModule("node:sqlite" as "fs") as unknown as { DatabaseSync: new (path: string, options: object) => Database };
    const odd = new DatabaseSync(file, { returnArrays: true, readBigInts: true });
    odd.exec("begin immediate");
    expect(await engine().start(talk, [], { client: odd })).toMatchObject({ status: "waiting" });
    odd.exec("commit");
    odd.close();
  });

  it("knows the store's file after the program has gone to another folder", async () => {
    const before = process.cwd();
    process.chdir(folder);
    const relative = sqlite("app.db", { driver });
    stores.push(relative);
    process.chdir(before);
    const e = engine({ store: relative });
    expect(await together("commit", () => e.start(talk, [], { client: db }))).toMatchObject({ status: "waiting" });
  });
});
