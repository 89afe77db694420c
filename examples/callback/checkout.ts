// A checkout: the payment provider tells us by a webhook that the customer has paid.

import { callback, context, deflow, isDeflowError, step } from "deflow";
import { z } from "zod";

export const payment = context("payment", z.object({ reference: z.string() }));
export const provider = { ask: async (amount: number, webhook: string) => console.log(`${amount}, answer to ${webhook}`) };

export const checkout = deflow(async function checkout(amount: number) {
  const paid = callback({ schema: payment, timeout: "30 minutes" });
  const webhook = `https://shop.example/paid/${paid.token}`;
  await step("ask", () => provider.ask(amount, webhook));
  try {
    const { reference } = await paid;
    return `paid: ${reference}`;
  } catch (error) {
    if (isDeflowError(error, "TIMEOUT")) return "abandoned";
    throw error;
  }
});
