// What a turn costs the disk: with WAL and synchronous=full, which `open` insists on, each SQLite transaction that wrote is one fsync.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEngine, deflow, type Engine, listen, sleep, step } from "deflow";
import { SimulatedClock } from "deflow/testing";
import { afterEach, beforeEach, expect, it } from "vitest";
import { SqliteStore } from "../../runtime/stores/sqlite.ts";
import type { Database } from "../../runtime/stores/sqlite/driver.ts";
import { open } from "../../runtime/stores/sqlite/open.ts";
import { changeOf } from "../../runtime/testing/store-fixture.ts";
import { observed } from "../stores/observed.ts";

const talk = deflow(async function fsyncTalk() {
  for (let n = 0; ; n++) if (await listen("word") === "end") return n;
});

const steps = deflow(async function fsyncSteps(count: number) {
  for (let n = 0; n < count; n++) await step("act", () => n);
});

const wide = deflow(async function fsyncWide(count: number) {
  await Promise.all(Array.from({ length: count }, (_, n) => step("act", () => n)));
});

const nap = deflow(async function fsyncNap() {
  await sleep("1 day");
});

let folder: string;
let database: Database;
let store: SqliteStore;
let engine: Engine;
let fsyncs = 0;
const clock = new SimulatedClock(1_700_000_000_000);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "deflow-"));
  const path = join(folder, "runs.db");
  database = open(path, {});
  // What changed nothing leaves nothing to bring to the disk.
  let before = 0;
  store = new SqliteStore(observed(database, (sql) => {
    const changes = Number(database.prepare("select total_changes() as changes").get()?.["changes"]);
    if (sql === "commit" && changes > before) fsyncs++;
    if (sql === "commit") before = changes;
  }), path);
  engine = createEngine({ store, flows: { nap, steps, talk, wide }, clock });
});

afterEach(async () => {
  await engine.close();
  await store.close();
  rmSync(folder, { recursive: true });
});

/** How many fsyncs it took. */
async function cost(work: () => Promise<unknown>): Promise<number> {
  const before = fsyncs;
  await work();
  await engine.idle();
  return fsyncs - before;
}

it("is read where it is set: a commit is an fsync", () => {
  expect([database.prepare("pragma synchronous").get(), database.prepare("pragma journal_mode").get()]).toEqual([{ synchronous: 2 }, { journal_mode: "wal" }]);
});

it("a turn without steps is one", async () => {
  expect(await cost(() => engine.start(talk, [], { id: "r" }))).toBe(1);
  expect(await cost(() => engine.continue("r", "word", "x"))).toBe(1);
  expect(await cost(() => engine.continue("r", "word", "x", { eventId: "e" }))).toBe(1);
  expect(await cost(() => engine.continue("r", "word", "x", { eventId: "e" }))).toBe(0);
  expect(await cost(() => engine.continue("r", "other", "x").catch(() => {}))).toBe(0);
  expect(await cost(() => engine.get("r"))).toBe(0);
  expect(await cost(() => engine.continue("r", "word", "end"))).toBe(1);
});

it("a letter is one, and its turn another", async () => {
  await engine.start(talk, [], { id: "r" });
  expect(await cost(() => engine.send("r", "word", "x"))).toBe(2);
});

it("a timer's turn is one, and the claim that found it another", async () => {
  await engine.start(nap, [], { id: "r" });
  await clock.advance(86_400_000);
  expect(await cost(() => engine.tick())).toBe(2);
  expect(await cost(() => engine.tick())).toBe(0);
});

it.each([0, 1, 2, 7])("%i steps in a row are one more", async (count) => {
  expect(await cost(() => engine.start(steps, [count]))).toBe(count + 1);
});

it("steps that end together share one", async () => {
  expect(await cost(() => engine.start(wide, [20]))).toBe(2);
});

it("turns of many runs at once share theirs", async () => {
  const ids = Array.from({ length: 32 }, (_, n) => `r${n}`);
  expect(await cost(() => Promise.all(ids.map((id) => engine.start(talk, [], { id }))))).toBeLessThanOrEqual(2);
  expect(await cost(() => Promise.all(ids.map((id) => engine.continue(id, "word", "x"))))).toBeLessThanOrEqual(2);
});

it("messages between runs are delivered many to an fsync", async () => {
  const outbox = Array.from({ length: 250 }, (_, n) => ({ to: `nobody ${n}`, kind: "event", eventId: `e${n}`, body: '{"v":1,"context":"word","data":1}' }));
  await store.commit([changeOf("ended", 0, { status: "completed", outbox })]);
  expect(await cost(() => engine.tick())).toBe(3);
  expect(await store.outbox(1)).toEqual([]);
});
