// What a new customer is sent over a month. It ends when the customer buys, and rests at night in the customer's own time zone.

import { context, deflow, listen, run, sleepUntil, step } from "deflow";
import { z } from "zod";

export interface Customer {
  readonly name: string;
  /** Hours ahead of UTC. */
  readonly zone: number;
}

export const bought = context("bought", z.object({ product: z.string() }));

export const post = { send: async (_customer: Customer, _subject: string, _key: string): Promise<void> => {} };

const hour = 60 * 60 * 1000;
const mails = [
  { after: 0, subject: "Welcome" },
  { after: 2, subject: "Three things to try" },
  { after: 7, subject: "What others make of it" },
  { after: 21, subject: "A voucher for you" },
];

export const campaign = deflow(async function campaign(customer: Customer, signedUp: Date) {
  let sent = 0;
  const mailing = async (): Promise<"the end"> => {
    for (const { after, subject } of mails) {
      await sleepUntil(daytimeAt(signedUp.getTime() + after * 24 * hour, customer.zone));
      await step("mail", ({ key }) => post.send(customer, subject, key), { retry: 5 });
      run.progress(`${++sent} of ${mails.length}: ${subject}`);
    }
    return "the end";
  };
  // The timers of the mails that are left are withdrawn with the purchase.
  const purchase = await Promise.race([mailing(), listen(bought)]);
  if (purchase === "the end") return { sent, product: undefined };
  await step("mail", ({ key }) => post.send(customer, `Thank you for the ${purchase.product}`, key), { retry: 5 });
  return { sent, product: purchase.product };
});

/** This time, if it is between 8 and 20 there; else the next 8 o'clock. */
export function daytimeAt(time: number, zone: number): Date {
  const local = new Date(time + zone * hour);
  const clock = local.getUTCHours();
  if (clock >= 8 && clock < 20) return new Date(time);
  const day = Date.UTC(local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate() + (clock < 8 ? 0 : 1), 8);
  return new Date(day - zone * hour);
}
