// The long kill loop, and its controls.
//
//   tsx test/engine/kill/cli.ts [--kills 1000] [--workers 4] [--lease 5000] [--seed 1] [--controls]
//
// With --controls it runs over stores that each lack one law; every one of them must be found.

import { parseArgs } from "node:util";
import { controls, killLoop } from "./loop.ts";

const { values } = parseArgs({ options: {
  kills: { type: "string", default: "1000" }, workers: { type: "string", default: "4" }, lease: { type: "string", default: "5000" },
  seed: { type: "string", default: "1" }, controls: { type: "boolean", default: false },
} });
const [kills, workers, lease, seed] = [values.kills, values.workers, values.lease, values.seed].map(Number) as [number, number, number, number];

if (values.controls) {
  for (const [broken, at] of Object.entries(controls) as [keyof typeof controls, (typeof controls)[keyof typeof controls]][]) {
    const { wrong, kills: killed, stops } = await killLoop({ seed, kills, workers, lease, runs: 40, words: 2, broken, at, stepTime: 40 });
    console.log(`${broken}: ${wrong.length > 0 ? `found after ${killed} kills and ${stops} stops, e.g. ${wrong[0]}` : `NOT FOUND in ${killed} kills and ${stops} stops`}`);
    if (wrong.length === 0) process.exitCode = 1;
  }
} else {
  let told = 0;
  const tell = (line: string): void => void (++told % 20 === 0 && console.log(line));
  const { wrong, hit, ...figures } = await killLoop({ seed, kills, workers, lease, runs: Math.max(40, kills / 5), words: 10, tell });
  for (const line of wrong) console.log(line);
  console.log(`seed ${seed}: ${JSON.stringify(figures)}, ${wrong.length} wrong`);
  console.log([...hit].toSorted().map(([point, times]) => `${point} ${times}`).join(", "));
  process.exitCode = wrong.length > 0 ? 1 : 0;
}
