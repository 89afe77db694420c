// Many runs at once on one SQLite writer, beside the same rows written by hand in the same transactions.
//
// By hand means: rows of the same texts, the same driver and durability, as many rows in a transaction as the engine has there, and
// no engine. Both sides are measured in turns, in one file.
//
//   npm run bench batches

import { z } from "zod";
import * as root from "../../runtime/index.ts";
import * as internal from "../../runtime/internal.ts";
import { SqliteStore } from "../../runtime/stores/sqlite.ts";
import type { StoredRun } from "../../runtime/store.ts";
import type { Database } from "../../runtime/stores/sqlite/driver.ts";
import { open } from "../../runtime/stores/sqlite/open.ts";
import { observed } from "../stores/observed.ts";
import { flowsOf, waiting } from "./flows.ts";
import { median, type Row, rowOf } from "./row.ts";
import { inFolder, timed } from "./timed.ts";

const { createEngine } = root;
const word = root.context("word", z.string());
const { greeting: hello, counting: loop } = flowsOf(root, internal, waiting, { word }) as { greeting: root.Flow<[string], string>; counting: root.Flow<[], number> };

const writers = 32;
const rounds = 150;
/** As a server is after its first seconds. */
const warmUp = 500;

/** Milliseconds in which 32 transitions are 10,000 in a second: fast enough on any disk. */
const enough = writers / 10;

const runs = 1_000;
const runRounds = 40;
/**
 * The goal is 3; 2.8 to 3.2 as it is. In time of the processor the rows of a run by hand are 23 µs, and its two turns 65: the store 30, the collector 9,
 * frames and states as text 10, the rest the turns. To remember rows that were written spares the store a read, and costs the collector more than that.
 */
const wholeRunsLimit = 3.4;

export async function batchRows(): Promise<Row[]> {
  return [await inFolder(groupRow), await inFolder(wholeRunsRow)];
}

async function groupRow(path: string): Promise<Row> {
  const { engine, store, database } = opened(path);
  const ids = await Promise.all(Array.from({ length: writers }, async () => (await engine.start(loop, [])).id));
  await Promise.all(ids.map((id) => engine.continue(id, word, "x")));
  const after = await store.load(ids[0] ?? "") as StoredRun;
  const hand = byHand(database);
  const own = ids.map((_, at) => `hand ${at}`);
  hand.create(own, after);
  const pairs: [number, number][] = [];
  for (let round = 0; round < warmUp + rounds; round++) {
    const pair = [await timed(async () => hand.change(own, after)), await timed(() => Promise.all(ids.map((id) => engine.continue(id, word, "x"))))] as const;
    if (round >= warmUp) pairs.push([...pair]);
  }
  await engine.close();
  await store.close();
  return rowOf("32 runs continued at once, beside a batch of 32 by hand, ms", Math.max(2, enough / median(pairs.map(([floor]) => floor))), pairs);
}

async function wholeRuns(engine: root.Engine): Promise<void> {
  const begun = await Promise.all(Array.from({ length: runs }, () => engine.start(hello, ["Ann"])));
  await Promise.all(begun.map(({ id }) => engine.continue(id, word, "x")));
}

/** How many of them the engine stores in a transaction, on average. */
async function runsTogether(): Promise<number> {
  let commits = 0;
  const store = new SqliteStore(observed(open(":memory:", {}), (sql) => void (commits += sql === "commit" ? 1 : 0)), ":memory:");
  const engine = createEngine({ store, flows: { hello } });
  await wholeRuns(engine);
  await engine.close();
  await store.close();
  return Math.ceil((2 * runs) / commits);
}

async function wholeRunsRow(path: string): Promise<Row> {
  const together = await runsTogether();
  const { engine, store, database } = opened(path);
  await engine.start(hello, ["Ann"], { id: "pattern" });
  const waiting = await store.load("pattern") as StoredRun;
  await engine.continue("pattern", word, "x");
  const ended = await store.load("pattern") as StoredRun;
  const hand = byHand(database);
  const pairs: [number, number][] = [];
  for (let round = 0; round < runRounds + 3; round++) {
    const own = Array.from({ length: runs }, (_, at) => `hand ${round} ${at}`);
    const floor = await timed(async () => {
      for (let from = 0; from < runs; from += together) hand.create(own.slice(from, from + together), waiting);
      for (let from = 0; from < runs; from += together) hand.change(own.slice(from, from + together), ended);
    });
    const ours = await timed(() => wholeRuns(engine));
    if (round >= 3) pairs.push([floor, ours]);
  }
  await engine.close();
  await store.close();
  return rowOf("1,000 runs with one wait started and finished, beside the same batches by hand, ms", wholeRunsLimit, pairs);
}

/** One transaction for all rows; each is read before it is changed, as it must be to know its version. */
function byHand(database: Database) {
  const [begin, commit] = [database.prepare("begin immediate"), database.prepare("commit")];
  const insert = database.prepare(`insert into deflow_run (id, flow, queue, priority, status, version, looked, waits, state, frame, created_at, updated_at)
    values (?, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?) returning place`);
  const wait = database.prepare("insert into deflow_wait (run, context) values (?, ?)");
  const unwait = database.prepare("delete from deflow_wait where run = ?");
  const read = database.prepare("select * from deflow_run where id = ?");
  const write = database.prepare(`update deflow_run set version = version + 1, status = ?, looked = ?, waits = ?, state = ?,
    updated_at = ?, frame = ? where id = ? and version = ?`);
  const together = (ids: readonly string[], one: (id: string) => void): void => {
    begin.run();
    ids.forEach(one);
    commit.run();
  };
  return {
    create(ids: readonly string[], { flow, queue, priority, status, looked, waits, state, frame }: StoredRun): void {
      together(ids, (id) => {
        const row = insert.get(id, flow, queue, priority, status, looked, JSON.stringify(waits), state, frame, Date.now(), Date.now());
        for (const context of waits) wait.run(Number(row?.["place"]), context);
      });
    },
    change(ids: readonly string[], { status, looked, waits, state, frame }: StoredRun): void {
      const rows = new Map(ids.map((id) => [id, read.get(id) as { place: number; version: number; waits: string }]));
      together(ids, (id) => {
        const before = rows.get(id) as { place: number; version: number; waits: string };
        write.run(status, looked, JSON.stringify(waits), state, Date.now(), frame, id, before.version);
        if (JSON.stringify(waits) !== before.waits) unwait.run(before.place);
      });
    },
  };
}

function opened(path: string) {
  const database = open(path, {});
  const store = new SqliteStore(database, path);
  return { engine: createEngine({ store, flows: { hello, loop } }), store, database };
}
