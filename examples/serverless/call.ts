// The host: each call of this program is one call of a function in an instance of its own, so many days after the first of January.
//
//   call.ts DAY start ann | call.ts DAY cron | call.ts DAY cancel ann

import { type Clock, systemClock } from "deflow";
import { sqlite } from "deflow/sqlite";
import { functionsOf } from "./functions.ts";
import { office } from "./trial.ts";

const [day = "0", call, customer] = process.argv.slice(2);
const now = Date.UTC(2026, 0, 1) + Number(day) * 24 * 60 * 60 * 1000;
const clock: Clock = { now: () => now, after: systemClock.after };
office.do = async (what, whom, key) => console.log(`  ${what} ${whom} (${key})`);

const store = sqlite("trials.db");
const { runs, cron, engine } = functionsOf({ store, clock, secret: "s3cret" });
const headers = { authorization: "Bearer s3cret", "content-type": "application/json" };

async function post(path: string, body: object, key: string): Promise<Response> {
  const request = { method: "POST", headers: { ...headers, "idempotency-key": key }, body: JSON.stringify(body) };
  return await runs(new Request(`https://shop.example${path}`, request));
}

switch (call) {
  case "cron":
    console.log(await (await cron(new Request("https://shop.example/cron", { headers }))).text());
    break;
  case "start": {
    const { status } = await post("/runs", { flow: "trial", args: [customer] }, `trial of ${customer}`);
    console.log(status);
    break;
  }
  case "cancel": {
    // The same key finds the run that it started.
    const { id } = await (await post("/runs", { flow: "trial", args: [customer] }, `trial of ${customer}`)).json() as { id: string };
    const answer = await post(`/runs/${id}/continue`, { context: "cancelled", data: { reason: "too dear" } }, "cancel");
    const { status, value } = await answer.json() as { status: string; value: string };
    console.log(status, value);
    break;
  }
}

await engine.close();
await store.close();
