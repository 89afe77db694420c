// A month in a moment: the clock is moved on, and the runs do not know the difference.

import { testEngine } from "deflow/testing";
import { bought, campaign, post } from "./campaign.ts";

const engine = testEngine({ flows: { campaign }, now: new Date("2026-03-02T21:30:00Z") });
const say = (text: string): void => console.log(`${new Date(engine.clock.now()).toISOString().slice(0, 16).replace("T", " ")}  ${text}`);
post.send = async ({ name }, subject) => say(`to ${name}: ${subject}`);

const signedUp = new Date(engine.clock.now());
await engine.start(campaign, [{ name: "Ann", zone: 1 }, signedUp], { id: "Ann" });
await engine.start(campaign, [{ name: "Ben", zone: -8 }, signedUp], { id: "Ben" });
say("Ann and Ben have signed up");

await engine.advance("9 days");
say("Ben buys");
await engine.continue("Ben", bought, { product: "blue one" });

await engine.advance("30 days");
for (const { id, status, ...run } of (await engine.find()).runs) console.log(`${id}: ${status} ${JSON.stringify("value" in run ? run.value : {})}`);
await engine.close();
