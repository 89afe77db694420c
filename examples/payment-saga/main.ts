// Three trips on one day: a good card, one that the bank declines, and one for which the bank is down. The clock is simulated, so that nobody waits.

import { testEngine } from "deflow/testing";
import { book, declined, world } from "./booking.ts";

const say = (text: string): void => console.log(`  ${text}`);
let releases = 0;

world.services = {
  async book(what, key) {
    say(`book ${what} (${key})`);
    return what;
  },
  async release(booking, key) {
    if (++releases === 1) {
      say(`give back ${booking} (${key}): the service is busy`);
      throw new Error("busy");
    }
    say(`give back ${booking} (${key})`);
  },
  async charge(card, amount, key) {
    say(`charge ${amount} to ${card} (${key})`);
    if (card === "declined") throw declined(card);
    if (card === "offline") throw new Error("the bank does not answer");
    return `receipt ${key}`;
  },
};

const engine = testEngine({ flows: { book } });

for (const card of ["good", "declined", "offline"]) {
  console.log(`A trip with the card "${card}"`);
  const trip = await engine.start(book, [{ from: "Vienna", to: "Trieste", card }], { id: card });
  if (trip.status === "waiting" || trip.status === "compensating") {
    say(`${trip.status}, goes on at ${trip.nextAt?.toISOString().slice(11, 19)}`);
    await engine.advance("5 minutes");
  }
  const end = await engine.get(trip);
  say(end.status === "failed" ? `failed: ${end.error.message}` : end.status === "completed" ? `completed: ${end.value.receipt}` : end.status);
}

await engine.close();
