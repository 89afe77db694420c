// Converting an order: the exchange rates belong to the process, not to the run.

import { context, deflow, external, listen } from "deflow";

export const rates = external("rates", new Map<string, number>([["EUR", 1], ["SEK", 11]]));

export const amount = context<number>("amount");

export const convert = deflow(async function convert(currency: string) {
  const table = rates;
  let total = 0;
  for (let next = await listen(amount); next > 0; next = await listen(amount)) total += next * (table.get(currency) ?? Number.NaN);
  return total;
});
