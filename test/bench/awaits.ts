// What an await costs in memory: a compiled flow beside the native function it was written as.
//
//   node --import tsx test/bench/awaits.ts

import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { compile } from "../../compiler/index.ts";
import { printed, type Row, rowOf } from "./row.ts";
import { shippedFiles } from "./shipped.ts";

const count = 100_000;
// Each process has its own luck with the collector and the optimiser, which a longer measurement in one does not even out.
const processes = 5;

const programs: readonly (readonly [name: string, limit: number, source: string])[] = [
  ["100,000 awaits of a promise, ms", 1.3, `async function awaits(work) {
    let sum = 0;
    for (let i = 0; i < ${count}; i++) sum += await work(i);
    return sum;
  }`],
  ["100,000 awaits in try, three locals, ms", 1.3, `async function guarded(work) {
    let sum = 0, last = 0, seen = null;
    for (let i = 0; i < ${count}; i++) {
      try {
        last = await work(i);
        sum += last;
      } catch (error) {
        seen = error;
      }
    }
    return sum + last + (seen ? 1 : 0);
  }`],
  ["100,000 awaits in a hundred strands, ms", 2, `async function strands(work) {
    const one = async (from) => {
      let sum = 0;
      for (let i = 0; i < ${count / 100}; i++) sum += await work(from + i);
      return sum;
    };
    return (await Promise.all(Array.from({ length: 100 }, (_, i) => one(i)))).length;
  }`],
  ["a loop of 300,000 turns, an await in each thousandth, ms", Infinity, `async function counted(work) {
    let hash = 1;
    for (let i = 0; i < 300_000; i++) {
      if (i % 1_000 === 0) await work(i);
      for (let j = 0; j < 8; j++) hash ^= (Math.imul(hash, 31) + i) << j;
    }
    return hash;
  }`],
  ["300,000 turns without an await, between two awaits, ms", 1.1, `async function between(work) {
    let hash = await work(1);
    for (let i = 0; i < 300_000; i++) for (let j = 0; j < 8; j++) hash ^= (Math.imul(hash, 31) + i) << j;
    return hash + await work(2);
  }`],
  ["100,000 calls of a nested async function, ms", Infinity, `async function nested(work) {
    const one = async (n) => await work(n) + 1;
    let sum = 0;
    for (let i = 0; i < ${count}; i++) sum += await one(i);
    return sum;
  }`],
];

export async function awaitRows(): Promise<Row[]> {
  const folder = await shippedFiles({ root: "runtime/index.ts", internal: "runtime/internal.ts", rounds: "test/bench/awaits-rounds.ts" });
  const rows: Row[] = [];
  for (const [name, limit, source] of programs) rows.push(rowOf(name, limit, await measured(folder, source)));
  return rows;
}

/** As a user runs it: a module that imports the package, in a process that does nothing else. */
async function measured(folder: string, source: string): Promise<Pairs> {
  const compiled = compile(`import { deflow } from "deflow";\nexport const main = deflow(${source});`, { fileName: "bench.js" })?.code ?? "";
  const module = join(folder, "flow.mjs");
  writeFileSync(module, `${compiled.replace('"deflow/internal"', '"./internal.mjs"').replace('"deflow"', '"./root.mjs"')}\nexport const native = ${source};\n`);
  const pairs: Pairs = [];
  for (let process = 0; process < processes; process++) pairs.push(...await roundsOf(folder, module));
  return pairs;
}

type Pairs = [floor: number, ours: number][];

async function roundsOf(folder: string, module: string): Promise<Pairs> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(folder, "rounds.mjs"), module]);
  return JSON.parse(stdout) as Pairs;
}

if (process.argv[1] !== undefined && import.meta.filename === process.argv[1]) printed(await awaitRows());
