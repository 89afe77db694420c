// What an await costs in memory: a compiled flow beside the native function it was written as.
//
//   node --import tsx test/bench/awaits.ts

import { compile } from "../../compiler/index.ts";
import type * as Root from "../../runtime/index.ts";
import type * as Internal from "../../runtime/internal.ts";
import type * as Start from "../../runtime/start.ts";
import { printed, type Row, rowOf } from "./row.ts";
import { shipped } from "./shipped.ts";

const modules = await shipped({ root: "runtime/index.ts", internal: "runtime/internal.ts", start: "runtime/start.ts" });
const { deflow } = modules["root"] as typeof Root;
const internal = modules["internal"] as typeof Internal;
const { startRun } = modules["start"] as typeof Start;

const count = 100_000;
// A round takes about ten milliseconds: the median must not be of rounds that something else interrupted.
const rounds = 61;

const programs: readonly (readonly [name: string, limit: number, source: string])[] = [
  ["100,000 awaits of a promise, ms", 1.5, `async function awaits(work) {
    let sum = 0;
    for (let i = 0; i < ${count}; i++) sum += await work(i);
    return sum;
  }`],
  ["100,000 awaits in try, three locals, ms", 1.5, `async function guarded(work) {
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

const work = (n: number): Promise<number> => Promise.resolve(n & 3);

type Program = (work: (n: number) => Promise<number>) => Promise<number>;

export async function awaitRows(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [name, limit, source] of programs) rows.push(await measured(name, limit, source));
  return rows;
}

async function measured(name: string, limit: number, source: string): Promise<Row> {
  const native = evaluate(`const main = ${source};`) as Program;
  const main = evaluate(compiledModule(source)) as Internal.CompiledFlow;
  const ours = async (): Promise<unknown> => {
    const run = startRun(main, [work], { now: () => 0, random: (size) => new Uint8Array(size) });
    await run.quiet();
    return run.root.value;
  };
  if ((await native(work)) !== (await ours())) throw new Error(`${name}: not the same result`);
  const pairs: [number, number][] = [];
  for (let round = 0; round < rounds; round++) pairs.push([await timed(() => native(work)), await timed(ours)]);
  return rowOf(name, limit, pairs);
}

function compiledModule(source: string): string {
  const result = compile(`import { deflow } from "deflow";\nconst main = deflow(${source});`, { fileName: "bench.js" });
  return result?.code.replace(/^.*from "deflow";$/gm, "") ?? "";
}

function evaluate(code: string): unknown {
  // oxlint-disable-next-line no-new-func -- the program under measurement
  return new Function("deflow", "$", `${code}\nreturn main;`)(deflow, internal);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - start) / 1e6;
}

if (process.argv[1] !== undefined && import.meta.filename === process.argv[1]) printed(await awaitRows());
