// Thirty shops: most answer, some are out of order for a while and some for good, and one does not sell the thing. On a simulated clock.

import { FatalError } from "deflow";
import { testEngine } from "deflow/testing";
import { compare, shops } from "./prices.ts";

const asked = new Map<string, number>();
let [now, most] = [0, 0];

shops.ask = async (shop) => {
  const [number, time] = [Number(shop.slice(5)), (asked.get(shop) ?? 0) + 1];
  asked.set(shop, time);
  most = Math.max(most, ++now);
  await new Promise((resolve) => setImmediate(resolve));
  now--;
  if (number === 13) throw new FatalError("not sold here");
  if (number % 10 === 4 || (number % 5 === 2 && time < 3)) throw new Error("out of order");
  return 1000 + ((number * 37) % 30);
};

const engine = testEngine({ flows: { compare }, stepConcurrency: 8 });
const run = await engine.start(compare, ["lamp", Array.from({ length: 30 }, (_, n) => `shop ${n + 1}`)]);
console.log(`at once: ${run.progress}, the run is ${run.status} until ${run.nextAt?.toISOString().slice(17, 19)} seconds later`);
for (const seconds of [2, 4, 20]) {
  await engine.advance(`${seconds} seconds`);
  console.log(`${seconds} seconds later: ${(await engine.get(run)).progress}`);
}

const { best, prices, failed } = await run.result();
console.log(`${Object.keys(prices).length} prices, the best is ${best?.price} of ${best?.shop}`);
for (const [shop, reason] of Object.entries(failed)) console.log(`${shop}: ${reason}, asked ${asked.get(shop)} times`);
console.log(`${[...asked.values()].reduce((sum, times) => sum + times)} requests, at most ${most} at once`);
await engine.close();
