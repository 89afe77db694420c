// A trip is booked in parts. If a later part fails, or the customer gives up, the earlier ones are undone, the last one first.

import { compensate, context, deflow, listen, step } from "deflow";

export const confirmed = context<boolean>("confirmed");
export const agency = { call: async (what: string) => console.log(what) };

export const trip = deflow(async function trip(city: string) {
  const book = async (part: string) => {
    await step("book", ({ key }) => agency.call(`book ${part} in ${city} (${key})`));
    compensate(() => step("release", () => agency.call(`release ${part} in ${city}`), { retry: 5 }));
  };
  await book("flight");
  await book("hotel");
  if (!await listen(confirmed, { timeout: "1 day", default: false })) throw new Error("not confirmed");
  return "booked";
});
