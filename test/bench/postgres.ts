// What the engine costs on Postgres beside the same rows written by hand, on a server of its own whose commits wait for the disk.
//
// By hand means: the same texts by the same driver, on a connection of the same kind. Both sides are measured in turns.
//
//   npm run bench postgres

import { randomUUID } from "node:crypto";
import pg from "pg";
import { z } from "zod";
import { countedShapes } from "../../cli/stored.ts";
import type * as Root from "../../runtime/index.ts";
import type * as Engine from "../../runtime/engine/engine.ts";
import type * as Internal from "../../runtime/internal.ts";
import type { Store, StoredRun } from "../../runtime/store.ts";
import type * as Postgres from "../../runtime/stores/postgres.ts";
import { ownPool } from "../../runtime/stores/postgres/connection.ts";
import { startServer } from "../postgres/server.ts";
import { flowsOf, waiting } from "./flows.ts";
import { median, type Row, rowOf } from "./row.ts";
import { Sent } from "./sent.ts";
import { shipped } from "./shipped.ts";
import { timed } from "./timed.ts";

const modules = await shipped({ root: "runtime/index.ts", internal: "runtime/internal.ts", engine: "runtime/engine/engine.ts", postgres: "runtime/stores/postgres.ts" });
const { createEngine } = modules["engine"] as typeof Engine;
const { postgresStore } = modules["postgres"] as typeof Postgres;
const root = modules["root"] as typeof Root;
const internal = modules["internal"] as typeof Internal;
const word = root.context("word", z.string());
const { greeting: hello, counting: loop } = flowsOf(root, internal, waiting, { word }) as { greeting: Root.Flow<[string], string>; counting: Root.Flow<[], number> };

/** The goals; that for one at a time is 1.5, or 0.3 ms more. */
const [oneLimit, batchLimit, wholeLimit] = [1.5, 2.5, 1 / 0.35];
/** Of runs that have dozens. Of those that have few each is in a row almost of its own: 28 bytes before anything is in it, 48 for two arrays, and an index that finds it. */
const seenLimit = 1;
/** The goal is 20 ms: the run is read, and looked through, whatever of it has changed. */
const unchangedLimit = 5;

const quiet = (): void => {};
const logger = { debug: quiet, info: quiet, warn: quiet, error: console.error };

interface Bench {
  readonly pool: pg.Pool;
  readonly store: Store;
  readonly engine: Engine.Engine;
  readonly url: string;
}

export async function postgresRows(): Promise<Row[]> {
  const server = await startServer({ fsync: true });
  const pool = new pg.Pool({ connectionString: server.url, max: 16 });
  const store = postgresStore({ connectionString: server.url, connections: 16 });
  const engine = createEngine({ store, flows: { hello, loop }, logger });
  const bench = { pool, store, engine, url: server.url };
  try {
    await warm(bench);
    return [
      await continueRow(bench), ...await longRows(bench), await batchRow(bench), ...await wholeRunsRows(bench), ...await writtenRows(bench), ...await unchangedRows(bench), ...await seenRows(bench),
      ...await manyRows(bench),
    ];
  } finally {
    await engine.close();
    await store.close();
    await pool.end();
    await server.stop();
  }
}

/** As a server is after its first seconds. */
async function warm({ engine }: Bench): Promise<void> {
  const ids = await Promise.all(Array.from({ length: 32 }, async () => (await engine.start(loop, [])).id));
  for (let round = 0; round < 100; round++) await Promise.all(ids.map((id) => engine.continue(id, word, "x")));
  for (let event = 0; event < 300; event++) await engine.continue(ids[0] ?? "", word, "x");
}

/** One event, no step, one at a time: load, check, turn, commit. */
async function continueRow({ pool, store, engine }: Bench): Promise<Row> {
  const { id } = await engine.start(loop, []);
  const { frame, state } = await store.load(id) as StoredRun;
  await pool.query("create table bare (id text primary key, version bigint, state text, frame text)");
  await pool.query("insert into bare values ('a', 1, $1, $2)", [state, frame]);
  const client = await pool.connect();
  const update = { name: "bare", text: "update bare set version = version + 1, state = $2, frame = $3 where id = $1", values: ["a", state, frame] };
  const pairs: [number, number][] = [];
  for (let round = 0; round < 400; round++) {
    const pair: [number, number] = [await timed(() => client.query(update)), await timed(() => engine.continue(id, word, "x"))];
    if (round >= 100) pairs.push(pair);
  }
  client.release();
  const floor = median(pairs.map(([plain]) => plain));
  return rowOf("continue on Postgres, no step, beside an update of one row, ms", Math.max(oneLimit, (floor + 0.3) / floor), pairs);
}

/** A run that has taken 5,000 events beside one that has taken 1; nothing is remembered of either. */
async function longRows({ store, engine }: Bench): Promise<Row[]> {
  const cold = createEngine({ store: forgetful(store), flows: { hello, loop }, logger });
  const old = (await engine.start(loop, [])).id;
  const size = async (id: string): Promise<number> => {
    const { frame, state, inbox, parts } = await store.load(id) as StoredRun;
    return Buffer.byteLength(frame + state + JSON.stringify([...parts, ...inbox]));
  };
  await engine.continue(old, word, "x");
  const bytesAfterOne = await size(old);
  for (let event = 1; event < 1_000; event++) await engine.continue(old, word, "x");
  const bytesAfterMany = await size(old);
  for (let event = 1_000; event < 5_000; event++) await engine.continue(old, word, "x");
  const pairs: [number, number][] = [];
  for (let round = 0; round < 200; round++) {
    const { id } = await engine.start(loop, []);
    await engine.continue(id, word, "x");
    pairs.push([await timed(() => cold.continue(id, word, "x")), await timed(() => cold.continue(old, word, "x"))]);
  }
  await cold.close();
  return [
    rowOf("the 5,000th event on Postgres beside the 2nd, nothing remembered, ms", 1.2, pairs),
    { name: "bytes after 1,000 events beside after 1", floor: bytesAfterOne, ours: bytesAfterMany, ratio: bytesAfterMany / bytesAfterOne, limit: 1.2 },
  ];
}

/** The same store, which has to ask for each run. */
function forgetful(store: Store): Store {
  return new Proxy(store, {
    get(target, name: keyof Store) {
      const value = name === "recall" ? undefined : target[name];
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

const atOnce = 64;

/** By hand: the same texts, read and written by two statements for all of them. */
async function batchRow({ pool, store, engine }: Bench): Promise<Row> {
  const ids = await Promise.all(Array.from({ length: atOnce }, async () => (await engine.start(loop, [])).id));
  const after = await store.load(ids[0] ?? "") as StoredRun;
  const own = ids.map((_, at) => `hand ${at}`);
  const hand = byHand(pool);
  await hand.create(own, after);
  const pairs: [number, number][] = [];
  for (let round = 0; round < 300; round++) {
    const pair: [number, number] = [await timed(() => hand.change(own, after)), await timed(() => Promise.all(ids.map((id) => engine.continue(id, word, "x"))))];
    if (round >= 100) pairs.push(pair);
  }
  const floor = median(pairs.map(([plain]) => plain));
  return rowOf(`${atOnce} runs continued at once, beside a batch by hand, ms`, Math.max(batchLimit, atOnce / 10 / floor), pairs);
}

const runs = 1_000;

/** The statements that the engine sends are kept, and sent once more without it, for other runs, on connections of the same kind. */
async function wholeRunsRows({ pool, store, engine, url }: Bench): Promise<Row[]> {
  await engine.start(hello, ["Ann"], { id: "pattern" });
  const waiting = await store.load("pattern") as StoredRun;
  await engine.continue("pattern", word, "x");
  const ended = await store.load("pattern") as StoredRun;
  const hand = byHand(pool, "whole");
  await pool.query("create table single (id int primary key, version bigint) with (fillfactor = 50)");
  await pool.query("insert into single select n, 1 from generate_series(1, 1000) n");
  // As many statements at once as the store has under way.
  const same = ownPool(url, 4);
  const send = async (statement: unknown): Promise<void> => {
    const client = await same.connect();
    await client.query(statement);
    client.release();
  };
  const pairs: { readonly single: [number, number]; readonly byHand: [number, number]; readonly same: [number, number] }[] = [];
  const commits: number[] = [];
  for (let round = 0; round < 20; round++) {
    const own = Array.from({ length: runs }, (_, at) => `hand ${round} ${at}`);
    const ofOneTable = await timed(async () => {
      for (let at = 0; at < runs; at += 200) await hand.create(own.slice(at, at + 200), waiting);
      for (let at = 0; at < runs; at += 200) await hand.change(own.slice(at, at + 200), ended);
    });
    const singly = await timed(() => Promise.all(own.map((_, at) => pool.query({ name: "single", text: "update single set version = version + 1 where id = $1", values: [at + 1] }))));
    const sent = new Sent();
    let ids: readonly string[] = [];
    const ours = await timed(async () => {
      ids = (await Promise.all(own.map(() => engine.start(hello, ["Ann"])))).map(({ id }) => id);
      sent.next();
      await Promise.all(ids.map((id) => engine.continue(id, word, "x")));
    });
    const phases = sent.ofOthers(ids);
    const withoutEngine = await timed(async () => {
      for (const statements of phases) await Promise.all(statements.map(send));
    });
    const { rows: [found] } = await pool.query<{ ended: string }>("select count(*) as ended from deflow.deflow_run where id = any($1) and status = 'completed'", [sent.others]);
    if (Number(found?.ended) !== runs) throw new Error(`without the engine ${found?.ended} runs ended`);
    if (round < 8) continue;
    pairs.push({ single: [singly, ours], byHand: [ofOneTable, ours], same: [withoutEngine, ours] });
    commits.push(phases.flat().length);
  }
  await same.end();
  const what = "1,000 runs on Postgres with one wait started and finished, beside";
  return [
    rowOf(`${what} the same statements without the engine, ms`, wholeLimit, pairs.map((pair) => pair.same)),
    { name: "commits of 1,000 runs with one wait, started and finished at once, of 2,000", floor: 2 * runs, ours: median(commits), ratio: median(commits) / (2 * runs), limit: 0.05 },
    // The goal is 3,000 runs where one could make 8,000 commits.
    rowOf(`${what} 1,000 commits of one row each over 16 connections, ms`, 8 / 3, pairs.map((pair) => pair.single)),
    rowOf(`${what} batches of 200 of one table by hand, ms`, Infinity, pairs.map((pair) => pair.byHand)),
  ];
}

/** Without what a server does now and then for all of its tables. */
async function alone<T>(pool: pg.Pool, work: () => Promise<T>): Promise<T> {
  await pool.query("alter system set full_page_writes = off");
  await pool.query("alter system set autovacuum = off");
  await pool.query("select pg_reload_conf()");
  await new Promise((resolve) => setTimeout(resolve, 200));
  try {
    return await work();
  } finally {
    await pool.query("alter system reset all");
    await pool.query("select pg_reload_conf()");
  }
}

/** Bytes of log that `work` makes. */
async function logged(pool: pg.Pool, work: () => Promise<void>): Promise<number> {
  return await alone(pool, async () => {
    const { rows: [begin] } = await pool.query<{ lsn: string }>("select pg_current_wal_insert_lsn() as lsn");
    await work();
    const { rows: [made] } = await pool.query<{ bytes: string }>("select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), $1) as bytes", [begin?.lsn]);
    return Number(made?.bytes);
  });
}

const megabyte = `Array.from({ length: 10_000 }, (_, id) => ({ id, name: "row number " + id, price: id * 1.5, tags: ["a", "b", "some longer tag " + id], ok: id % 2 === 0 }))`;

/** A run with a local of a megabyte that stays as it is. */
async function unchangedRows({ pool, store }: Bench): Promise<Row[]> {
  const { unchanged } = flowsOf(root, internal, `
    const unchanged = deflow(async function unchanged() {
      const rows = ${megabyte};
      for (let n = 0; n < rows.length; n++) await listen("word");
    });`) as { unchanged: Root.Flow<[], void> };
  const engine = createEngine({ store, flows: { unchanged }, logger });
  const { id } = await engine.start(unchanged, []);
  // oxlint-disable-next-line no-new-func -- the same as the flow makes
  const text = JSON.stringify(new Function(`return ${megabyte}`)());
  if (text.length < 9e5) throw new Error(`the local is of ${text.length} characters`);
  const pairs: [number, number][] = [];
  const events = 40;
  for (let event = 0; event < events; event++) await engine.continue(id, "word", "x");
  const bytes = await logged(pool, async () => {
    for (let event = 0; event < events; event++) pairs.push([await timed(async () => JSON.stringify(JSON.parse(text))), await timed(() => engine.continue(id, "word", "x"))]);
  }) / events;
  await engine.close();
  return [
    { name: "bytes of log for an event beside 1 MB that is as it was, of 1,024", floor: 1_024, ours: bytes, ratio: bytes / 1_024, limit: 1 },
    rowOf("an event beside 1 MB that is as it was, and JSON read and written of it, ms", unchangedLimit, pairs),
  ];
}

/** What an event's id takes while it may come again, indexes and free space included: the growth of the table, by the number of ids. */
async function seenRows({ pool, engine }: Bench): Promise<Row[]> {
  const size = async (): Promise<number> => Number((await pool.query<{ size: string }>("select pg_total_relation_size('deflow.deflow_seen') as size")).rows[0]?.size);
  const each = async (count: number, rounds: number): Promise<number> => {
    const before = await size();
    const ids = await Promise.all(Array.from({ length: count }, async () => (await engine.start(loop, [])).id));
    for (let round = 0; round < rounds; round++) await Promise.all(ids.map((id) => engine.continue(id, word, "x", { eventId: randomUUID() })));
    return (await size() - before) / (rounds * count);
  };
  const [many, few] = [await each(atOnce, 60), await each(1_000, 3)];
  return [
    { name: "bytes of an event's id within its window, with the indexes, of 64", floor: 64, ours: many, ratio: many / 64, limit: seenLimit },
    { name: "bytes of an event's id of runs that have three, with the indexes, of 64", floor: 64, ours: few, ratio: few / 64, limit: Infinity },
  ];
}

/** What goes to the log, and whether updates touch no index. */
async function writtenRows({ pool, store, engine }: Bench): Promise<Row[]> {
  const id = (await engine.start(loop, [])).id;
  const { version, state, waits } = await store.load(id) as StoredRun;
  const frame = JSON.stringify({ text: Array.from({ length: 120 }, (_, n) => (n * 2654435761).toString(36)).join("").slice(0, 1_000) });
  const saves = 200;
  const save = (n: number) => store.commit([{ id, version: version + n, now: Date.now(), status: "waiting", frame, state, waits, looked: 0, wake: null }]);
  const perSave = await logged(pool, async () => {
    for (let n = 0; n < saves; n++) await save(n);
  }) / saves;
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  const { rows: [stats] } = await pool.query<{ all: string; hot: string }>("select n_tup_upd as all, n_tup_hot_upd as hot from pg_stat_user_tables where relname = 'deflow_run'");
  const [all, hot] = [Number(stats?.all), Number(stats?.hot)];
  return [
    { name: "bytes of log for a save of a frame of 1 KB, of 2,048", floor: 2_048, ours: perSave, ratio: perSave / 2_048, limit: 1 },
    { name: "updates of the run table, and those that touch no index", floor: hot, ours: all, ratio: all / hot, limit: 1.002 },
  ];
}

/**
 * A claim of one due run, and one woken by its timer, among those that wait for a time far off, each of one of twenty shapes; and all of them counted by shape.
 * Few and many are in schemas of their own, and measured in turns: what the server does meanwhile for a table of a million meets both.
 */
async function manyRows({ pool, store, url }: Bench): Promise<Row[]> {
  const fewStore = postgresStore({ connectionString: url, schema: "few", connections: 4 });
  const [few, many] = [await waitingFor(fewStore, pool, "few", 1_000), await waitingFor(store, pool, "deflow", 1_000_000)];
  const claims: [number, number][] = [];
  for (let n = 0; n < 60; n++) claims.push([await few.claim(n), await many.claim(n)]);
  const wakings: [number, number][] = [];
  for (let n = 0; n < 60; n++) wakings.push([await few.waking(), await many.waking()]);
  let counted = 0;
  const counting = await timed(async () => {
    for await (const { runs } of countedShapes(store)) counted += runs;
  });
  if (counted < 1_000_000) throw new Error(`only ${counted} runs were counted`);
  await few.engine.close();
  await many.engine.close();
  await fewStore.close();
  return [
    { name: "1,000,000 waiting runs counted by shape, as check does, ms, of 10,000", floor: 10_000, ours: counting, ratio: counting / 10_000, limit: 1 },
    rowOf("a claim among 1,000,000 waiting runs beside one among 1,000, ms", 1.5, claims.slice(20)),
    rowOf("a run woken by its timer among 1,000,000 beside one among 1,000, ms", 1.5, wakings.slice(20)),
  ];
}

interface Waiting {
  readonly engine: Engine.Engine;
  /** Both in milliseconds. */
  claim(n: number): Promise<number>;
  waking(): Promise<number>;
}

async function waitingFor(store: Store, pool: pg.Pool, schema: string, count: number): Promise<Waiting> {
  const { due } = flowsOf(root, internal, `const due = deflow(async function due() { await sleep(1); });`, { sleep: root.sleep }) as { due: Root.Flow<[], void> };
  const engine = createEngine({ store, flows: { due }, logger: { ...logger, warn: quiet } });
  const { id: pattern } = await engine.start(due, []);
  const shape = (await store.load(pattern))?.shape;
  await engine.tick();
  await pool.query(`insert into ${schema}.deflow_shape (key, flow, atoms) select 'shape ' || n, 'due', 'point due wait' || n from generate_series(1, 19) n`);
  await pool.query(`with r as (insert into ${schema}.deflow_run (id, flow, queue, priority, status, version, save_token, waits, tags, state, frame, created_at, updated_at)
      select 'many ' || n, 'due', 'many', 0, 'waiting', 1, gen_random_uuid(), '[]', '{}', '', '', 0, 0 from generate_series(1, ${count}) n returning place)
    insert into ${schema}.deflow_wake (run, queue, flow, priority, at, shape) select place, 'many', 'due', 0, ${Date.now() + 1e10} + place, case place % 20 when 0 then $1 else 'shape ' || place % 20 end from r`, [shape]);
  return {
    engine,
    async claim(n) {
      const id = `due ${n}`;
      await store.commit([{ id, version: 0, now: Date.now(), origin: { flow: "due", queue: "many", priority: 0 }, status: "waiting", state: "", waits: [], looked: 0, wake: 1 }]);
      return await timed(() => store.claim({ owner: id, now: Date.now(), duration: 1e9, limit: 10, flows: ["due"], queues: ["many"] }));
    },
    async waking() {
      const { id } = await engine.start(due, []);
      await new Promise((resolve) => setTimeout(resolve, 3));
      const time = await timed(() => engine.tick());
      if ((await engine.get(id)).status !== "completed") throw new Error("A tick has not woken the run that was due");
      return time;
    },
  };
}

function byHand(pool: pg.Pool, table = "hand") {
  const ready = pool.query(`create table ${table} (id text primary key, flow text, queue text, status text, version bigint, waits text, state text, frame text) with (fillfactor = 60)`);
  return {
    async create(ids: readonly string[], { flow, queue, status, waits, state, frame }: StoredRun): Promise<void> {
      await ready;
      const each = (value: string): string[] => ids.map(() => value);
      await pool.query({
        name: `create ${table}`, text: `insert into ${table} select id, flow, queue, status, 1, waits, state, frame
          from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[]) as x (id, flow, queue, status, waits, state, frame)`,
        values: [ids, each(flow), each(queue), each(status), each(JSON.stringify(waits)), each(state), each(frame)],
      });
    },
    async change(ids: readonly string[], { status, waits, state, frame }: StoredRun): Promise<void> {
      const { rows } = await pool.query<{ id: string; version: string }>({ name: `read ${table}`, text: `select * from ${table} where id = any($1)`, values: [ids] });
      const each = (value: string): string[] => rows.map(() => value);
      await pool.query({
        name: `change ${table}`, text: `update ${table} t set version = t.version + 1, status = x.status, waits = x.waits, state = x.state, frame = x.frame
          from unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[]) as x (id, version, status, waits, state, frame) where t.id = x.id and t.version = x.version`,
        values: [rows.map(({ id }) => id), rows.map(({ version }) => version), each(status), each(JSON.stringify(waits)), each(state), each(frame)],
      });
    },
  };
}
