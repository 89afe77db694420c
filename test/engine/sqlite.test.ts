// A store that cannot write refuses the turn; the run is as it was and goes on when the store can.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createEngine, type Engine } from "../../runtime/engine/engine.ts";
import { SqliteStore } from "../../runtime/stores/sqlite.ts";
import { connect, type Database } from "../../runtime/stores/sqlite/driver.ts";
import { open } from "../../runtime/stores/sqlite/open.ts";
import { approve, decision, loop, paid, word } from "./flows.ts";

let folder: string;
let path: string;
let database: Database;
let store: SqliteStore;
let engine: Engine;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "deflow-"));
  path = join(folder, "runs.db");
  database = open(path, { busyTimeout: 10 });
  store = new SqliteStore(database, path);
  engine = createEngine({ store, flows: { approve, loop } });
});

afterEach(async () => {
  await engine.close();
  await store.close();
  rmSync(folder, { recursive: true });
});

/** Makes all writes fail; gives what makes them work again. */
const troubles: Record<string, () => () => void> = {
  STORE_LOCKED: () => {
    const other = connect(path);
    other.exec("begin immediate");
    return () => {
      other.exec("rollback");
      other.close();
    };
  },
  STORE_READ_ONLY: () => {
    database.exec("pragma query_only = on");
    return () => void database.exec("pragma query_only = off");
  },
  STORE_FULL: () => {
    // Frames that fit into no page that is there.
    const pages = Number(database.prepare("pragma page_count").get()?.["page_count"]);
    database.exec(`pragma max_page_count = ${pages}`);
    return () => void database.exec("pragma max_page_count = 1000000");
  },
};

describe.each(Object.keys(troubles))("%s", (code) => {
  it("refuses start, continue and send; no step runs; afterwards all is as before", async () => {
    paid.length = 0;
    const run = await engine.start(approve, [1]);
    const looping = await engine.start(loop, []);
    const before = await store.load(run.id);
    const end = troubles[code]?.() ?? expect.unreachable();
    const big = "x".repeat(200_000);
    await expect(engine.start(approve, [1, big], { queue: "q" })).rejects.toMatchObject({ code, hint: expect.any(String) });
    if (code !== "STORE_FULL") await expect(engine.continue(run, decision, { ok: true })).rejects.toMatchObject({ code });
    await expect(engine.send(looping, word, big)).rejects.toMatchObject({ code });
    expect(paid).toEqual([]);
    expect(await store.load(run.id)).toEqual(before);
    expect(await engine.get(looping)).toMatchObject({ status: "waiting", turn: 1 });
    end();
    expect(await engine.continue(run, decision, { ok: true })).toMatchObject({ status: "completed", value: "paid" });
    await engine.send(looping, word, "x");
    expect(await engine.get(looping)).toMatchObject({ turn: 2 });
  });
});

it("a worker says that the store fails, and goes on when it works", async () => {
  const said: string[] = [];
  const logger = { debug() {}, info() {}, warn() {}, error: (message: string) => void said.push(message) };
  const other = createEngine({ store, flows: { approve, loop }, logger });
  const worker = other.work({ poll: 10 });
  const end = troubles["STORE_LOCKED"]?.() ?? expect.unreachable();
  await expect.poll(() => said.length, { timeout: 5_000 }).toBeGreaterThan(0);
  end();
  const run = await other.start(loop, [], { queue: "q" });
  await expect.poll(async () => (await other.get(run)).status, { timeout: 5_000 }).toBe("waiting");
  await worker.stop();
  await other.close();
});
