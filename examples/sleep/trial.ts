// A trial of two weeks: a reminder in time, then the first invoice at the beginning of a month.

import { deflow, sleep, sleepUntil, step } from "deflow";

export const mail = { send: async (to: string, text: string) => console.log(`${to}: ${text}`) };

export const trial = deflow(async function trial(email: string, firstInvoice: Date) {
  await sleep("11 days");
  await step("remind", () => mail.send(email, "Your trial ends in three days"));
  await sleep("3 days");
  await sleepUntil(firstInvoice);
  await step("invoice", () => mail.send(email, "Your first invoice"));
  return "customer";
});
