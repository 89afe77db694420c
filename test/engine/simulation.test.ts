// The whole engine in simulated worlds, against the plain model: see simulation/world.ts. The campaign is simulation/cli.ts.

import { expect, it } from "vitest";
import { broken } from "../stores/broken.ts";
import { type Figures, schedule } from "./simulation/schedule.ts";

const schedules = 1_000;

it(`${schedules} schedules come to the ends that the model allows`, { timeout: 300_000 }, async () => {
  const sum: Record<keyof Figures, number> = { commits: 0, calls: 0, crashes: 0, failures: 0, repeated: 0, runs: 0 };
  for (let seed = 0; seed < schedules; seed++) {
    const figures = await schedule(seed).catch((error: unknown) => {
      throw new Error(`seed ${seed}; tsx test/engine/simulation/cli.ts --seed ${seed} tells its story`, { cause: error });
    });
    for (const [name, figure] of Object.entries(figures)) sum[name as keyof Figures] += figure;
  }
  // Schedules in which nothing goes wrong show nothing.
  expect(sum.crashes).toBeGreaterThan(schedules / 2);
  expect(sum.failures).toBeGreaterThan(schedules / 2);
  expect(sum.repeated).toBeGreaterThan(schedules / 10);
});

it("the same seed is the same life", async () => {
  expect(await schedule(7)).toEqual(await schedule(7));
});

const few = 400;

it.each(["no compare-and-swap", "no counter of the inbox", "no event ids", "no leases"] as const)(`a store with %s is found within ${few} schedules`, { timeout: 120_000 }, async (name) => {
  let seed = 0;
  while (seed < few && await schedule(seed, { broken: broken[name][1] }).then(() => true, () => false)) seed++;
  expect(seed).toBeLessThan(few);
});
