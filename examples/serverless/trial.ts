// A trial of two weeks. It waits for days, and no process waits with it.

import { context, deflow, listen, step } from "deflow";
import { z } from "zod";

export const cancelled = context("cancelled", z.object({ reason: z.string() }));

export const office = { do: async (_what: string, _customer: string, _key: string): Promise<void> => {} };

export const trial = deflow(async function trial(customer: string) {
  const act = async (what: string): Promise<void> => {
    await step(what, ({ key }) => office.do(what, customer, key), { retry: 5 });
  };
  await act("welcome");
  const early = await listen(cancelled, { timeout: "10 days", default: null });
  if (early === null) await act("remind");
  const late = early ?? await listen(cancelled, { timeout: "4 days", default: null });
  if (late !== null) return `left: ${late.reason}`;
  await act("invoice");
  return "customer";
});
