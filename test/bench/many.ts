// What runs cost while they wait: nothing in the process, and nothing to those that are woken. Two files, with 100 runs and with
// 10,000 and then 100,000, each of which listens and has a timer.
//
//   npm run bench many

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { listen } from "../../runtime/api/listen.ts";
import { createEngine, type Engine } from "../../runtime/engine/engine.ts";
import { sqlite } from "../../runtime/stores/sqlite.ts";
import { flow, word } from "../engine/flows.ts";
import { type Row, rowOf } from "./row.ts";
import { timed } from "./timed.ts";

const few = 100;
const some = 10_000;
const many = 100_000;
const atOnce = 500;
const wakings = 300;
const warmUp = 50;

/** async (timeout) => await listen(word, { timeout, default: null }) */
const waiter = flow<[timeout: number], unknown>("waiter", {
  "": (args) => ({ at: "listen:word", on: listen(word, { timeout: (args as [number])[0], default: null }), locals: {} }),
  "listen:word": (said) => ({ result: said }),
});

export async function manyRows(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "deflow-bench-"));
  const stores = [sqlite(join(folder, "few.db")), sqlite(join(folder, "many.db"))] as const;
  const [small, large] = stores.map((store) => createEngine({ store, flows: { waiter }, logger: { debug() {}, info() {}, warn() {}, error: console.error } })) as [Engine, Engine];
  try {
    await fill(small, 0, few);
    await fill(large, 0, some);
    const before = memory();
    await fill(large, some, many);
    const after = memory();
    return [
      { name: "process memory with 100,000 runs waiting beside 10,000, MB", floor: before.rss, ours: after.rss, ratio: after.rss / before.rss, limit: 1.15 },
      { name: "heap with 100,000 runs waiting beside 10,000, MB", floor: before.heap, ours: after.heap, ratio: after.heap / before.heap, limit: 1.1 },
      await continuedRow(small, large),
      await timerRow(small, large),
    ];
  } finally {
    for (const engine of [small, large]) await engine.close();
    for (const store of stores) await store.close();
    rmSync(folder, { recursive: true });
  }
}

const idOf = (number: number): string => `run ${number}`;
const month = 30 * 86_400_000;

async function fill(engine: Engine, from: number, to: number): Promise<void> {
  for (let at = from; at < to; at += atOnce) {
    await Promise.all(Array.from({ length: Math.min(atOnce, to - at) }, (_, more) => engine.start(waiter, [month], { id: idOf(at + more) })));
  }
}

/** In turns the latest, and any of those that wait; of 100 runs there are not enough for that. */
async function continuedRow(small: Engine, large: Engine): Promise<Row> {
  const pairs: [number, number][] = [];
  for (let round = 0; round < warmUp + wakings; round++) {
    const woken = async (engine: Engine, count: number): Promise<number> => {
      const { id } = await engine.start(waiter, [month], { id: `continued ${round}` });
      const one = round % 2 === 0 || count === few ? id : idOf(Math.floor((round / (warmUp + wakings)) * count));
      return await timed(() => engine.continue(one, word, "x"));
    };
    const pair: [number, number] = [await woken(small, few), await woken(large, many)];
    if (round >= warmUp) pairs.push(pair);
  }
  return rowOf("one of 100,000 runs continued beside one of 100, ms", 1.2, pairs);
}

async function timerRow(small: Engine, large: Engine): Promise<Row> {
  const pairs: [number, number][] = [];
  for (let round = 0; round < warmUp + wakings; round++) {
    const woken = async (engine: Engine): Promise<number> => {
      await engine.start(waiter, [1], { id: `timer ${round}` });
      await new Promise((resolve) => setTimeout(resolve, 3));
      return await timed(() => engine.tick());
    };
    const pair: [number, number] = [await woken(small), await woken(large)];
    if (round >= warmUp) pairs.push(pair);
  }
  return rowOf("one of 100,000 runs woken by its timer beside one of 100, ms", 1.2, pairs);
}

/** In megabytes, after a full collection. */
function memory(): { rss: number; heap: number } {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  for (let time = 0; time < 4; time++) collect();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss: rss / 2 ** 20, heap: (heapUsed + external) / 2 ** 20 };
}
