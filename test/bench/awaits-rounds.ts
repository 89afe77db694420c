// One process of the benchmark of awaits: a module's flow `main` and the function `native` it was written as, in turns. Prints the
// pairs of milliseconds as JSON.
//
//   node rounds.mjs flow.mjs

import { pathToFileURL } from "node:url";
import type { CompiledFlow } from "../../runtime/internal.ts";
import { startRun } from "../../runtime/run/start.ts";
import { timed } from "./timed.ts";

type Work = (n: number) => Promise<number>;

// A round takes about ten milliseconds: the median must not be of rounds that something else interrupted.
const rounds = 31;
const work: Work = (n) => Promise.resolve(n & 3);

const { main, native } = await import(pathToFileURL(process.argv[2] ?? "").href) as { main: CompiledFlow; native: (work: Work) => Promise<number> };

async function ours(): Promise<unknown> {
  const run = startRun(main, [work], { now: () => 0, random: (size) => new Uint8Array(size) });
  await run.quiet();
  return run.root.value;
}

if (await native(work) !== await ours()) throw new Error("not the same result");
const pairs: [number, number][] = [];
// Whoever comes second clears away after the first: by turns.
for (let round = 0; round < rounds; round++) {
  if (round % 2 === 0) pairs.push([await timed(() => native(work)), await timed(ours)]);
  else {
    const second = await timed(ours);
    pairs.push([await timed(() => native(work)), second]);
  }
}
console.log(JSON.stringify(pairs));
