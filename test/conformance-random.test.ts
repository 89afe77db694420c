// Random programs with every feature: each is right at each level, or refused with a code.

import { expect, it } from "vitest";
import { judgeAll } from "./conformance/judge.ts";
import { levels } from "./conformance/program.ts";
import { generated } from "./conformance/sources.ts";

const programs = 2000;

it(`${programs} random programs are right or refused at each level`, { timeout: 1_200_000 }, async () => {
  // `wrong L1 seed-1000042: …`: what reduce-cli.ts takes.
  const wrong: string[] = [];
  const tally = await judgeAll(generated({ count: programs, seed: 1, features: ["all"] }), {
    backends: levels,
    here: false,
    verbose: false,
    refusals: false,
    jobs: 2,
    tell: (line) => wrong.push(line),
  });
  expect(wrong).toEqual([]);
  expect(tally.programs + tally.dropped).toBe(programs);
  // What is refused or dropped shows nothing: most programs must be neither.
  expect(tally.programs).toBeGreaterThan(0.85 * programs);
  expect(tally.timedOut).toBeLessThan(0.01 * programs);
  expect(tally.refusedPrograms).toBeLessThan(0.05 * tally.programs);
});
