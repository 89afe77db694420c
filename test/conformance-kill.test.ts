// L3 on a sample of the corpus: runs in a store, in processes that are killed at random moments.

import { expect, it } from "vitest";
import { judgeUnderKills } from "./conformance/judge.ts";
import type { Program } from "./conformance/program.ts";
import { hazards, suite } from "./conformance/sources.ts";

const programs = 40;
const kills = 10;
const seed = 1;

it(`${programs} programs come to the native result in spite of ${kills} kills`, { timeout: 180_000 }, async () => {
  const all = suite([hazards]);
  const every = all.size / programs;
  const told: string[] = [];
  const sample = { ...all, size: programs, at: (n: number) => all.at(Math.floor(n * every)) as Program };
  const { tally, figures } = await judgeUnderKills(sample, { kills, seed }, { verbose: true, refusals: false, tell: (line) => told.push(line) });
  expect(told, `seed ${seed}`).toEqual([]);
  expect(tally.pass).toBeGreaterThan(0.8 * programs);
  expect(figures.kills).toBeGreaterThanOrEqual(kills);
  // Kills between turns show nothing: some must have met a turn that was not stored yet.
  expect(figures.begun).toBeGreaterThan(figures.stored);
});
