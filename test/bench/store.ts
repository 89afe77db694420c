// What the engine costs on SQLite beside the same rows written by hand, and what a long life of a run costs.
//
// By hand means: the same tables, the same text sizes, the same driver and durability, one transaction and so one fsync. Both
// sides are measured in turns, so that whatever else the disk does falls on both.
//
//   npm run bench store

import { pathToFileURL } from "node:url";
import { z } from "zod";
import * as root from "../../runtime/index.ts";
import * as internal from "../../runtime/internal.ts";
import { sqlite, SqliteStore } from "../../runtime/stores/sqlite.ts";
import type { Database } from "../../runtime/stores/sqlite/driver.ts";
import { open } from "../../runtime/stores/sqlite/open.ts";
import { flowsOf, waiting } from "./flows.ts";
import type { Row } from "./row.ts";
import { inFolder, timed } from "./timed.ts";

const { createEngine } = root;
const word = root.context("word", z.string());
const { counting: loop } = flowsOf(root, internal, waiting, { word }) as { counting: root.Flow<[], number> };

const rounds = 1_000;
const warmUp = 100;

export async function storeRows(): Promise<Row[]> {
  return [await inFolder(continueRow), ...await inFolder(growthRows), await inFolder(togetherRow)];
}

/** One continue without a step: load, check, turn, one commit. */
async function continueRow(path: string): Promise<Row> {
  const { engine, store, database } = opened(path);
  const run = await engine.start(loop, []);
  const byHand = handWriter(database, (await store.load(run.id))?.frame ?? "", (await store.load(run.id))?.state ?? "");
  await warm();
  for (let round = 0; round < warmUp; round++) {
    byHand();
    await engine.continue(run.id, word, "x");
  }
  const hand: number[] = [];
  const ours: number[] = [];
  for (let round = 0; round < rounds; round++) {
    hand.push(await timed(async () => byHand()));
    ours.push(await timed(() => engine.continue(run.id, word, "x")));
  }
  await engine.close();
  await store.close();
  const floor = median(hand);
  return row("continue on SQLite, no step, ms", floor, median(ours), Math.max(1.3, (floor + 0.25) / floor));
}

/** As a server is after its first seconds; in memory, so that the disk is spared. */
async function warm(): Promise<void> {
  const store = sqlite(":memory:");
  const engine = createEngine({ store, flows: { loop } });
  const run = await engine.start(loop, []);
  for (let event = 0; event < 5_000; event++) await engine.continue(run.id, word, "x");
  await engine.close();
  await store.close();
}

/** The thousandth event of a looping flow beside the first, and what is stored. */
async function growthRows(path: string): Promise<Row[]> {
  const { engine, store } = opened(path);
  const first: number[] = [];
  const last: number[] = [];
  // Many runs, so that one slow fsync does not decide; the first event of a new run in turns with the thousandth of an old one.
  const old = await Promise.all(Array.from({ length: 20 }, () => engine.start(loop, [])));
  const size = async (id: string): Promise<number> => {
    const stored = await store.load(id);
    return Buffer.byteLength((stored?.frame ?? "") + (stored?.state ?? "") + JSON.stringify(stored?.inbox));
  };
  const id = old[0]?.id ?? "";
  await engine.continue(id, word, "x");
  const bytesAfterOne = await size(id);
  for (let event = 2; event < 990; event++) await Promise.all(old.map((run) => engine.continue(run.id, word, "x")));
  for (let event = 990; event <= 1_000; event++) {
    for (const run of old) {
      const fresh = await engine.start(loop, []);
      first.push(await timed(() => engine.continue(fresh.id, word, "x")));
      last.push(await timed(() => engine.continue(run.id, word, "x")));
    }
  }
  const bytes = await size(id);
  await engine.close();
  await store.close();
  return [
    row("the 1,000th event beside the 1st, ms", median(first), median(last), 1.2),
    row("bytes after 1,000 events beside after 1", bytesAfterOne, bytes, 1.2),
  ];
}

/** Fifty runs continued at once share their fsync; by hand each has its own. */
async function togetherRow(path: string): Promise<Row> {
  const { engine, store, database } = opened(path);
  const runs = await Promise.all(Array.from({ length: 50 }, () => engine.start(loop, [])));
  const byHand = handWriter(database, (await store.load(runs[0]?.id ?? ""))?.frame ?? "", "");
  const hand: number[] = [];
  const ours: number[] = [];
  for (let round = 0; round < 60; round++) {
    hand.push(await timed(async () => runs.forEach(byHand)));
    ours.push(await timed(() => Promise.all(runs.map((run) => engine.continue(run.id, word, "x")))));
  }
  await engine.close();
  await store.close();
  return row("50 runs continued at once beside one by one by hand, ms", median(hand), median(ours), 1);
}

function opened(path: string): { engine: root.Engine; store: SqliteStore; database: Database } {
  const database = open(path, {});
  const store = new SqliteStore(database, path);
  return { engine: createEngine({ store, flows: { loop } }), store, database };
}

/** Reads a run's row and writes it changed, as the engine does, with nothing in between. */
function handWriter(database: Database, frame: string, state: string): () => void {
  database.exec(`insert into deflow_run (id, flow, queue, priority, status, version, looked, waits, state, frame, created_at, updated_at)
    values ('by hand', 'hand', 'default', 0, 'waiting', 1, 0, '["word"]', '${state}', '${frame}', 0, 0)`);
  const [begin, commit] = [database.prepare("begin immediate"), database.prepare("commit")];
  const read = database.prepare("select * from deflow_run where id = ?");
  const write = database.prepare(`update deflow_run set version = version + 1, looked = ?, state = ?,
    updated_at = ?, frame = ? where id = ? and version = ?`);
  return () => {
    const { version, looked } = read.get("by hand") as { version: number; looked: number };
    begin.run();
    write.run(looked, state, Date.now(), frame, "by hand", version);
    commit.run();
  };
}

function row(name: string, floor: number, ours: number, limit: number): Row {
  return { name, floor, ours, ratio: ours / floor, limit };
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((one, other) => one - other)[numbers.length >> 1] ?? Number.NaN;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const { name, floor, ours, ratio, limit } of await storeRows()) {
    console.log(`${name.padEnd(56)} floor ${floor.toFixed(3)}   ours ${ours.toFixed(3)}   ratio ${ratio.toFixed(2)} of ${limit.toFixed(2)}   ${ratio <= limit ? "ok" : "too slow"}`);
  }
}
