// The campaign: as many schedules as there is time for.
//
//   tsx test/engine/simulation/cli.ts [--from 0] [--schedules 100000] [--seed N (that one alone)]
//
// Prints how far it is, and the seed of each schedule that went wrong; --from goes on where an earlier one ended.

import { parseArgs } from "node:util";
import { type Figures, schedule } from "./schedule.ts";

// A third of the time would go into stacks that nobody reads.
if (!process.argv.includes("--seed")) Error.stackTraceLimit = 0;
const { values } = parseArgs({ options: { from: { type: "string", default: "0" }, schedules: { type: "string", default: "100000" }, seed: { type: "string" } } });
const from = Number(values.seed ?? values.from);
const count = values.seed === undefined ? Number(values.schedules) : 1;
const sum: Record<keyof Figures, number> = { commits: 0, calls: 0, crashes: 0, failures: 0, repeated: 0, runs: 0 };
const wrong: number[] = [];
const began = performance.now();

for (let seed = from; seed < from + count; seed++) {
  try {
    for (const [name, figure] of Object.entries(await schedule(seed))) sum[name as keyof Figures] += figure;
  } catch (error) {
    wrong.push(seed);
    console.log(`seed ${seed}: ${(error as Error).message}`);
    if (count === 1) console.log([(error as Error).stack, ...(error as { story: string[] }).story].join("\n"));
  }
  if ((seed - from + 1) % 1000 === 0) {
    const done = seed - from + 1;
    console.log(`${done} of ${count} schedules (seeds ${from}–${seed}), ${wrong.length} wrong, ${((performance.now() - began) / done).toFixed(1)} ms each`);
  }
}
console.log(`${count} schedules from seed ${from}: ${wrong.length} wrong. ${Object.entries(sum).map(([name, figure]) => `${figure} ${name}`).join(", ")}`);
process.exitCode = wrong.length > 0 ? 1 : 0;
