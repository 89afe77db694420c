// Quotes for a repair: several workshops are asked at once, the customer waits a day at most, the first free tow truck drives.

import { context, deflow, listen, sleep, step } from "deflow";

export const quote = context<number>("quote");
export const free = context<boolean>("free");
export const mail = { ask: async (workshop: string) => console.log(`A quote, please, ${workshop}`) };

export const repair = deflow(async function repair(workshops: string[], trucks: string[]) {
  const quotes = new Map<string, number>();
  const asked = workshops.map(async (workshop) => {
    await step("ask", () => mail.ask(workshop));
    quotes.set(workshop, await listen(quote, { permit: workshop }));
  });
  await Promise.race([Promise.allSettled(asked), sleep("1 day")]);
  const [best] = [...quotes].toSorted(([, a], [, b]) => a - b);
  if (best === undefined) return "nobody answered";

  const truck = await Promise.any(trucks.map(async (name) => {
    if (!await listen(free, { permit: name })) throw new Error(`${name} is busy`);
    return name;
  }));
  return `${truck} to ${best[0]}, ${best[1]} EUR`;
});
