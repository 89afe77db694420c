// All benchmarks: one table, and the rows in results/latest.json. Exits with 1 where a limit is passed.
//
//   npm run bench            all of them
//   npm run bench compiler   one, without the results
//   npm run bench:readme     the results of the last full run in the README

import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import type * as Batches from "./batches.ts";
import type * as Codec from "./codec.ts";
import type * as Many from "./many.ts";
import type * as Migrate from "./migrate.ts";
import { printed, type Row } from "./row.ts";
import { shipped } from "./shipped.ts";
import type * as Store from "./store.ts";

const benches: Record<string, () => Promise<Row[]>> = {
  compiler: async () => {
    const { compilerRows, pieceRow } = await import("./compiler.ts");
    return [...compilerRows(), pieceRow()];
  },
  typed: async () => (await import("./typed.ts")).typedRows(),
  awaits: async () => (await import("./awaits.ts")).awaitRows(),
  codec: async () => (await asShipped<typeof Codec>("codec")).codecRows(),
  store: async () => await (await asShipped<typeof Store>("store")).storeRows(),
  batches: async () => await (await asShipped<typeof Batches>("batches")).batchRows(),
  migrate: async () => await (await asShipped<typeof Migrate>("migrate")).migrateRows(),
  many: async () => await (await asShipped<typeof Many>("many")).manyRows(),
  large: async () => await (await import("./large.ts")).largeRows(),
  postgres: async () => await (await import("./postgres.ts")).postgresRows(),
};

/** The benchmark and what it measures, bundled: those two import the sources directly. */
async function asShipped<T>(name: string): Promise<T> {
  return (await shipped({ [name]: `test/bench/${name}.ts` }))[name] as T;
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in benches));
if (unknown.length > 0) throw new Error(`no benchmark ${unknown.join(", ")}; there are ${Object.keys(benches).join(", ")}`);

const results: Record<string, Row[]> = {};
for (const [name, rows] of Object.entries(benches)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  if (wanted.length !== 1) {
    results[name] = await inProcess(name);
    continue;
  }
  results[name] = await rows();
  console.log(`\n${name}`);
  printed(results[name]);
  process.send?.(results[name]);
}

const all = Object.values(results).flat();
if (wanted.length === 0) {
  const folder = join(import.meta.dirname, "results");
  mkdirSync(folder, { recursive: true });
  const machine = { node: process.version, processors: cpus().length, model: cpus()[0]?.model };
  const rows = Object.fromEntries(Object.entries(results).map(([name, list]) => [name, list.map(rounded)]));
  writeFileSync(join(folder, "latest.json"), `${JSON.stringify({ machine, ...rows }, null, 2)}\n`);
}
process.exitCode = all.every(({ ratio, limit }) => ratio <= limit) ? 0 : 1;

/** Each in a process of its own: what one has loaded, compiled and left to the collector is no part of another. */
async function inProcess(name: string): Promise<Row[]> {
  const child = fork(import.meta.filename, [name], { serialization: "advanced" });
  let rows: Row[] | undefined;
  child.on("message", (message) => (rows = message as Row[]));
  await once(child, "exit");
  if (rows === undefined) throw new Error(`the benchmark ${name} has no result`);
  return rows;
}

/** JSON has no Infinity: a row without a promise has no limit there. */
function rounded({ name, floor, ours, ratio, limit }: Row): object {
  const figure = (number: number): number => Number(number.toPrecision(4));
  return { name, floor: figure(floor), ours: figure(ours), ratio: figure(ratio), ...(limit === Infinity ? {} : { limit: figure(limit) }) };
}
