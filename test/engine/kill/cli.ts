// The long kill loop, in rounds, and its controls.
//
//   tsx test/engine/kill/cli.ts [--store sqlite|postgres] [--kills 1000] [--workers 4] [--lease 5000] [--seed 1] [--report FILE] [--controls]
//
// With --report each round is a line of that file; begun again with the same file, it goes on after the last round in it, until
// there were so many kills in all. With --controls it runs over stores that each lack one law; every one of them must be found.

import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { controlOf, controls, killLoop } from "./loop.ts";
import { points } from "./points.ts";

const { values } = parseArgs({ options: {
  store: { type: "string", default: "sqlite" }, kills: { type: "string", default: "1000" }, workers: { type: "string", default: "4" }, lease: { type: "string", default: "5000" },
  seed: { type: "string", default: "1" }, report: { type: "string" }, controls: { type: "boolean", default: false },
} });
const [kills, workers, lease, seed] = [values.kills, values.workers, values.lease, values.seed].map(Number) as [number, number, number, number];

interface Round {
  readonly seed: number;
  readonly kills: number;
  readonly stops: number;
  readonly events: number;
  readonly effects: number;
  readonly repeated: number;
  readonly wrong: readonly string[];
  readonly hit: Readonly<Record<string, number>>;
  readonly shaken: Readonly<Record<string, number>>;
}

const store = values.store === "postgres" ? "postgres" : "sqlite";

const perRound = 100;

async function rounds(): Promise<void> {
  const { report } = values;
  const done: Round[] = report !== undefined && existsSync(report) ? readFileSync(report, "utf8").trim().split("\n").filter(Boolean).map((line) => JSON.parse(line) as Round) : [];
  const sum = (of: "kills" | "stops" | "events" | "effects" | "repeated"): number => done.reduce((all, round) => all + round[of], 0);
  while (sum("kills") < kills) {
    const next = Math.max(seed - 1, ...done.map((round) => round.seed)) + 1;
    const { hit, shaken, ...result } = await killLoop({ seed: next, store, kills: Math.min(perRound, kills), workers, lease, runs: perRound, words: 10 });
    const round: Round = { seed: next, ...result, hit: Object.fromEntries([...hit].toSorted()), shaken: Object.fromEntries(shaken) };
    done.push(round);
    if (report !== undefined) appendFileSync(report, `${JSON.stringify(round)}\n`);
    console.log(`seed ${next}: ${round.kills} kills, ${round.stops} stops, ${round.events} events, ${round.effects} effects, ${round.repeated} repeated, ${round.wrong.length} wrong`);
    for (const line of round.wrong) console.log(`  ${line}`);
  }
  const wrong = done.flatMap((round) => round.wrong);
  const of = (kind: RegExp): number => wrong.filter((line) => kind.test(line)).length;
  console.log(`${sum("kills")} kills and ${sum("stops")} stops in ${done.length} rounds, lease ${lease} ms, ${workers} processes: ${sum("events")} events, ${sum("effects")} effects`);
  console.log(`${of(/^lost/)} lost, ${of(/^twice/)} twice, ${of(/^stuck/)} stuck, ${sum("repeated")} steps repeated, ${of(/^(?:repeated|arguments)/)} of them without a reason, ${of(/^ended/)} processes that ended by themselves`);
  const shakes = ["connections ended", "server restarts"].map((what) => `${done.reduce((all, { shaken }) => all + (shaken[what] ?? 0), 0)} ${what}`);
  if (store === "postgres") console.log(shakes.join(", "));
  const hits = points.map((point) => [point, done.reduce((all, { hit }) => all + (hit[point] ?? 0), 0)] as const);
  console.log(hits.map(([point, times]) => `${point} ${times}`).join(", "));
  if (wrong.length > 0 || hits.some(([, times]) => times === 0)) process.exitCode = 1;
}

async function allControls(): Promise<void> {
  for (const lacks of Object.keys(controls) as (keyof typeof controls)[]) {
    const { wrong, kills: killed, stops } = await killLoop(controlOf(lacks, { seed, kills, workers, lease }));
    const found = wrong.find((line) => controls[lacks].found.test(line));
    console.log(`${lacks}: ${found === undefined ? "NOT FOUND" : `found, e.g. ${found},`} in ${killed} kills and ${stops} stops`);
    if (found === undefined) process.exitCode = 1;
  }
}

await (values.controls ? allControls() : rounds());
