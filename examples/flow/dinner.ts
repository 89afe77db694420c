// A table for dinner: one restaurant after the other is asked, each has two hours to answer, and all of it takes a day at most.

import { context, createEngine, deflow, listen, type Store } from "deflow";

export const answer = context<boolean>("answer");

/** Called in another flow it is a part of that run; started, it is a run of its own. */
export const table = deflow(async function table(restaurant: string) {
  return await listen(answer, { permit: restaurant, timeout: "2 hours", default: false });
});

export const dinner = deflow({ timeout: "1 day" }, async function dinner(restaurants: string[]) {
  const said: string[] = [];
  for (const restaurant of restaurants) {
    if (await table(restaurant)) return restaurant;
    said.push(`${restaurant}: no`);
  }
  throw new Error(said.join(", "));
});

export function open(store: Store) {
  return createEngine({ store, flows: { dinner, table } });
}
