// The subscription service, as something that is called once a day: it signs customers up, if it is told to, does what is due, prints
// where each run is, and ends.
//
//   npm start -- --sign-up 20        customers S-01 to S-20, with as many seats as their number, and a free one
//   npm start -- --days-ahead 31     with its clock 31 days ahead of the system's
//   npm start -- --price 12          with a new list price

import { parseArgs } from "node:util";
import { createEngine, type Logger, systemClock } from "deflow";
import { sqlite } from "deflow/sqlite";
import { subscribe } from "./flow.ts";
import { shop } from "./shop.ts";

const { values: options } = parseArgs({
  options: {
    "sign-up": { type: "string", default: "0" },
    "days-ahead": { type: "string", default: "0" },
    price: { type: "string", default: String(shop.price) },
  },
});
shop.price = Number(options.price);

const ahead = Number(options["days-ahead"]) * 24 * 60 * 60 * 1000;
/** Errors alone: a process that ends would warn that it sees to no timers. The next one does. */
const logger: Logger = { debug() {}, info() {}, warn() {}, error: (text) => console.error(text) };
const store = sqlite("runs.db");
const engine = createEngine({ store, flows: { subscribe }, clock: { now: () => systemClock.now() + ahead, after: systemClock.after }, logger });

for (let number = 1; number <= Number(options["sign-up"]); number++) {
  const id = `S-${String(number).padStart(2, "0")}`;
  await engine.start(subscribe, [{ id, seats: number + 1, free: 1 }], { id });
}
await engine.tick();
const { runs } = await engine.find({ limit: 1000 });
for (const run of runs) console.log(`${run.id} ${run.status}${run.status === "completed" ? ` ${String(run.value)}` : ""}`);
await engine.close();
await store.close();
