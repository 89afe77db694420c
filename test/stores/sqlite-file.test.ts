// What is SQLite's own: settings, two starters, files that cannot be used, transactions that form by themselves.

import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SqliteStore, sqlite } from "../../runtime/stores/sqlite.ts";
import { forgetSql } from "../../runtime/stores/sqlite/commit.ts";
import { connect, type Database } from "../../runtime/stores/sqlite/driver.ts";
import { dueOf, groupsOf, nextOf } from "../../runtime/stores/sqlite/leases.ts";
import { open } from "../../runtime/stores/sqlite/open.ts";
import { Writer } from "../../runtime/stores/sqlite/writer.ts";
import { changeOf, created, delivered } from "../../runtime/testing/store-fixture.ts";
import { observed, readsRun } from "./observed.ts";

let folder: string;
let path: string;
const opened: { close(): unknown }[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "deflow-"));
  path = join(folder, "runs.db");
});

afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
  rmSync(folder, { recursive: true });
});

function keep<T extends { close(): unknown }>(one: T): T {
  opened.push(one);
  return one;
}

/** A store, and the connection it uses. */
function inside(options = {}): { store: SqliteStore; database: Database } {
  const database = open(path, options);
  return { store: keep(new SqliteStore(database, path)), database };
}

describe("settings", () => {
  it("make a commit durable, in every connection", () => {
    for (let starter = 0; starter < 2; starter++) {
      const { database } = inside();
      const read = (pragma: string) => Object.values(database.prepare(`pragma ${pragma}`).get() ?? {})[0];
      expect(["journal_mode", "synchronous", "foreign_keys", "trusted_schema", "busy_timeout"].map(read)).toEqual(["wal", 2, 1, 0, 10_000]);
    }
  });
});

describe("opening", () => {
  it("twice at the same time leaves one set of tables", async () => {
    const [first, second] = [keep(sqlite(path)), keep(sqlite(path))];
    await created(first, "a");
    expect((await second.load("a"))?.id).toBe("a");
  });

  it("a file with tables of the application keeps them", async () => {
    const database = connect(path);
    database.exec("create table run (mine text); insert into run values ('kept')");
    database.close();
    await created(keep(sqlite(path)), "a");
    const again = keep(connect(path));
    expect(again.prepare("select mine from run").get()).toEqual({ mine: "kept" });
  });

  it("a file that is no database says so and leaves it", () => {
    writeFileSync(path, "A letter, long enough to be looked at as a header of a database file, which has a hundred bytes. ".repeat(3));
    expect(() => sqlite(path)).toThrow(expect.objectContaining({ code: "STORE_FOREIGN", hint: expect.any(String) }));
  });

  it("a file with someone else's `deflow_run` says so", () => {
    const database = connect(path);
    database.exec("create table deflow_run (mine text)");
    database.close();
    expect(() => sqlite(path)).toThrow(expect.objectContaining({ code: "STORE_FOREIGN" }));
  });

  it("a file of a newer version says so", () => {
    const { database } = inside();
    database.exec("insert into deflow_migration (number) values (99)");
    expect(() => sqlite(path)).toThrow(expect.objectContaining({ code: "STORE_NEWER" }));
  });

  it("a file in a directory that is not there says so", () => {
    expect(() => sqlite(join(folder, "no", "runs.db"))).toThrow(expect.objectContaining({ code: "STORE_UNREACHABLE" }));
    expect(existsSync(join(folder, "no"))).toBe(false);
  });

  it("a file that another process locks says so", async () => {
    const other = keep(connect(path));
    other.exec("begin immediate; create table t (x)");
    expect(() => sqlite(path, { busyTimeout: 10 })).toThrow(expect.objectContaining({ code: "STORE_LOCKED" }));
    other.exec("rollback");
    await created(keep(sqlite(path)), "a");
  });
});

describe("a write that fails", () => {
  it("because of a lock is reported and can be repeated", async () => {
    const { store } = inside({ busyTimeout: 10 });
    await created(store, "a");
    const other = keep(connect(path));
    other.exec("begin immediate");
    await expect(store.commit([changeOf("a", 1, { frame: "new" })])).rejects.toMatchObject({ code: "STORE_LOCKED" });
    expect((await store.load("a"))?.version).toBe(1);
    other.exec("rollback");
    expect(await store.commit([changeOf("a", 1, { frame: "new" })])).toEqual([{ applied: true, version: 2, delivered: 0 }]);
  });

  it("because the file is read-only is reported, and reading goes on", async () => {
    const { store, database } = inside();
    await created(store, "a");
    database.exec("pragma query_only = on");
    await expect(store.commit([changeOf("a", 1)])).rejects.toMatchObject({ code: "STORE_READ_ONLY" });
    await expect(store.deliver([delivered("a")])).rejects.toMatchObject({ code: "STORE_READ_ONLY" });
    expect((await store.load("a"))?.version).toBe(1);
    database.exec("pragma query_only = off");
    await created(store, "b");
  });

  it("because the disk is full is reported, and loses nothing", async () => {
    const { store, database } = inside();
    await created(store, "a", { frame: "kept" });
    const pages = Number(database.prepare("pragma page_count").get()?.["page_count"]);
    database.exec(`pragma max_page_count = ${pages + 2}`);
    await expect(store.commit([changeOf("a", 1, { frame: "x".repeat(100_000) })])).rejects.toMatchObject({ code: "STORE_FULL" });
    expect((await store.load("a"))?.frame).toBe("kept");
    expect(await store.commit([changeOf("a", 1, { frame: "small" })])).toEqual([{ applied: true, version: 2, delivered: 0 }]);
  });

  it("takes no other with it that came in the same round", async () => {
    const { store, database } = inside();
    await created(store, "a");
    const pages = Number(database.prepare("pragma page_count").get()?.["page_count"]);
    database.exec(`pragma max_page_count = ${pages + 2}`);
    const results = await Promise.allSettled([
      store.commit([changeOf("big", 0, { frame: "x".repeat(100_000) })]),
      store.commit([changeOf("a", 1, { frame: "small" })]),
    ]);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
    expect((await store.load("a"))?.frame).toBe("small");
  });
});

it("a client that cannot be asked fails the writes that wait for it, and not the process", async () => {
  const writer = new Writer(keep(open(path, {})), path);
  writer.leaveTo({ get isOpen(): boolean { throw new Error("no answer"); } });
  expect(await Promise.allSettled([writer.write(() => 1), writer.alone(() => 2)])).toMatchObject([{ reason: { message: "no answer" } }, { reason: { message: "no answer" } }]);
});

describe("writes of one round of the event loop", () => {
  it("share one transaction", async () => {
    const database = open(path, {});
    let commits = 0;
    const counting: Database = {
      exec: (sql) => database.exec(sql),
      close: () => database.close(),
      prepare(sql) {
        const statement = database.prepare(sql);
        if (sql !== "commit") return statement;
        return { get: statement.get, all: statement.all, run: () => (commits++, statement.run()) };
      },
    };
    const store = keep(new SqliteStore(counting, path));
    await Promise.all(Array.from({ length: 50 }, (_, n) => created(store, `run ${n}`)));
    expect(commits).toBe(1);
    await Promise.all([store.commit([changeOf("run 1", 1)]), store.deliver([delivered("run 2")]), store.remove({ before: 0, limit: 1 })]);
    expect(commits).toBe(2);
  });

  it("are written when the store closes", async () => {
    const { store } = inside();
    const write = created(store, "a");
    await store.close();
    await write;
    expect((await keep(sqlite(path)).load("a"))?.id).toBe("a");
  });
});

describe("drivers", () => {
  it("a missing one says what to do", () => {
    if (process.getBuiltinModule("node:sqlite" as "fs")) return;
    expect(() => sqlite(path, { driver: "node:sqlite" })).toThrow(expect.objectContaining({ code: "STORE_DRIVER_MISSING" }));
  });
});

it("one that is opened to be read is read while others write it, and writes nothing itself", async () => {
  const { store } = inside();
  const reader = keep(sqlite(path, { readOnly: true }));
  await created(store, "a");
  expect((await reader.load("a"))?.id).toBe("a");
  await expect(created(reader, "b")).rejects.toMatchObject({ code: "STORE_READ_ONLY" });
  expect(await reader.load("b")).toBeUndefined();
});

it("a closed store says so", async () => {
  const { store } = inside();
  await store.close();
  await expect(store.load("a")).rejects.toMatchObject({ code: "STORE_CLOSED" });
});

describe("a run with parts", () => {
  const parts = (text: string) => ({ frame: text, parts: { put: [["a", text], ["b", text]] as const, drop: [] } });

  it("is read as one version, whatever another process commits meanwhile", async () => {
    const other = keep(sqlite(path));
    await created(other, "a", parts("1"));
    const writer = open(path, {});
    const database = open(path, {});
    let reads = 0;
    const store = keep(new SqliteStore(observed(database, (sql) => {
      if (readsRun(sql)) writer.exec(`update deflow_run set frame = ${++reads + 1}; update deflow_part set body = ${reads + 1}`);
    }), path));
    const run = await store.load("a");
    expect([run?.frame, ...(run?.parts.values() ?? [])]).toEqual(["2", "2", "2"]);
    expect(reads).toBe(2);
    await store.commit([changeOf("a", 1, parts("9"))]);
    writer.close();
  });

  it("is there after the tables were brought up to date", async () => {
    const { store, database } = inside();
    await created(store, "a", { frame: "old", waits: ["x", "x", "y"], wake: 5 });
    await created(store, "b", { wake: 3, origin: { flow: "g", queue: "q", priority: 0 } });
    database.exec("drop table deflow_part; alter table deflow_run drop column parted; drop table deflow_wait; drop table deflow_removed");
    database.exec("drop index deflow_run_status; drop index deflow_run_flow; drop index deflow_run_ended; delete from deflow_migration where number > 1");
    database.exec("drop index deflow_seen_at; drop index deflow_wake_due; drop index deflow_wake_leased; alter table deflow_wake drop column queue; alter table deflow_wake drop column flow");
    database.exec("alter table deflow_wake drop column shape; drop index deflow_run_shape; alter table deflow_run drop column shape; drop table deflow_shape");
    database.exec("create index deflow_wake_due on deflow_wake (priority, at); create index deflow_wake_leased on deflow_wake (at) where owner is not null");
    await store.close();
    opened.length = 0;
    const again = keep(sqlite(path));
    expect((await again.load("a"))?.frame).toBe("old");
    expect((await again.find({ context: "x", limit: 10 })).map(({ id }) => id)).toEqual(["a"]);
    expect((await again.claim({ owner: "w", now: 4, duration: 1, limit: 9, queues: ["q"], flows: ["g"] })).runs).toEqual([{ id: "b", attempt: 0 }]);
    await again.commit([changeOf("a", 1, parts("new"))]);
    expect([...((await again.load("a"))?.parts ?? [])]).toEqual([["a", "new"], ["b", "new"]]);
  });
});

describe("a process that began before the tables were brought up to date", () => {
  it("arms runs that the others claim", async () => {
    const { store, database } = inside();
    for (const id of ["a", "b"]) await created(store, id, { origin: { flow: "f", queue: "q", priority: 0 } });
    database.exec("insert into deflow_wake (run, priority, at) select place, priority, 5 from deflow_run");
    await store.deliver([delivered("b")]);
    const { runs, nextAt } = await store.claim({ owner: "w", now: 9, duration: 10, limit: 9, queues: ["q"], flows: ["f"] });
    expect([runs.map(({ id }) => id), nextAt]).toEqual([["a", "b"], 19]);
  });

  it("leaves waits that the next commit of another replaces", async () => {
    const { store, database } = inside();
    await created(store, "a", { waits: ["x"] });
    database.exec("update deflow_run set waits = '[]', version = 2");
    expect(await store.commit([changeOf("a", 2, { waits: ["x", "y"] })])).toMatchObject([{ applied: true }]);
    expect(await store.find({ context: "x", limit: 9 })).toHaveLength(1);
  });
});

it("event ids that are forgotten are found by their time, however many the run has", () => {
  const { database } = inside();
  expect(database.prepare(`explain query plan ${forgetSql}`).all(1, 1).map(({ detail }) => detail)).toEqual(["SEARCH deflow_seen USING COVERING INDEX deflow_seen_at (run=? AND at<?)"]);
});

describe("a claim", () => {
  it("looks at as many queues, flows, shapes and priorities as there are", async () => {
    const { store, database } = inside();
    database.exec(`with recursive n (i) as (select 1 union all select i + 1 from n where i < 200000) insert into deflow_run
      (place, id, flow, queue, priority, status, version, waits, state, created_at, updated_at) select i, i, 'f', 'q', i, 'waiting', 1, '[]', '', 0, 0 from n`);
    database.exec("insert into deflow_wake (run, queue, flow, priority, at) select place, queue, flow, priority, 1000 + place from deflow_run");
    expect(await store.claim({ owner: "w", now: 1, duration: 1, limit: 9 })).toEqual({ runs: [], nextAt: 1001, withheld: false, unknown: [] });
  });

  it("finds groups of runs, and the first of each, by the index alone", () => {
    const { database } = inside();
    const plan = (sql: string, ...values: (string | number)[]) => database.prepare(`explain query plan ${sql}`).all(...values).map(({ detail }) => String(detail));
    const index = "USING COVERING INDEX deflow_wake_due";
    expect(plan(nextOf, "q", "f", "", 0)).toEqual([`SEARCH deflow_wake ${index} (queue=? AND flow=? AND shape=? AND priority=?)`]);
    expect(plan(dueOf, "q", "f", "", 0, 1, 1)).toEqual(["SEARCH deflow_wake USING INDEX deflow_wake_due (queue=? AND flow=? AND shape=? AND priority=? AND at<?)"]);
    const groups = plan(groupsOf).filter((line) => /deflow_wake| n | w /.test(line));
    const seeks = ["queue=? AND flow=? AND shape=? AND priority>?", "queue=? AND flow=? AND shape>?", "queue=? AND flow>?", "queue>?"].map((by) => `SEARCH n USING COVERING INDEX deflow_wake_due (${by})`);
    expect(groups.filter((line) => !/rowid=\?/.test(line))).toEqual(["SCAN deflow_wake USING COVERING INDEX deflow_wake_due", ...seeks]);
  });
});
