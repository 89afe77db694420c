// An expense is approved by somebody else than who claims it, within two days, and then paid.

import { context, deflow, listen, respond, run, step } from "deflow";
import { z } from "zod";

export const Expense = z.object({ what: z.string().min(1).max(100), amount: z.number().positive() });
export const decision = context("decision", z.object({ ok: z.boolean(), note: z.string().max(200).optional() }));

export const bank = { pay: async (_expense: z.infer<typeof Expense>, key: string) => `transfer ${key}` };

export const approve = deflow(async function approve(expense: z.infer<typeof Expense>) {
  run.progress("waits for a manager");
  respond(`Approve ${expense.amount} EUR for ${expense.what}?`);
  const answer = await listen(decision, { timeout: "2 days", default: { ok: false, note: "nobody answered" } });
  if (!answer.ok) return { paid: false, note: answer.note };
  run.progress("is being paid");
  await step("pay", ({ key }) => bank.pay(expense, key), { retry: 5 });
  return { paid: true };
});
