// What happens to an expense from the claim to its end. Between two lines of this function there may be days, and other
// processes: what it waits for is kept as a frame in the store.

import { context, deflow, listen, respond, run, sleep, step } from "deflow";
import { z } from "zod";
import { type Expense, money, type Receipt } from "./expense.ts";
import { archive, bank, mail } from "./outside.ts";

const answer = z.object({ approved: z.boolean(), note: z.string().optional() });
export const manager = context("manager", answer);
export const finance = context("finance", answer);
export const upload = context("upload", z.object({ name: z.string() }));

/** In cents: above it, finance decides too. */
const limit = 1_000_00;
const maxReminders = 2;

export interface Outcome {
  readonly status: "paid" | "refused" | "expired";
  /** In cents. */
  readonly paid: number;
  readonly reminders: number;
  readonly payment?: string;
  readonly receipts: readonly string[];
  readonly history: readonly string[];
}

export const approve = deflow(async function approve(expense: Expense): Promise<Outcome> {
  run.log("claimed");
  run.index({ manager: expense.manager });
  const history: string[] = [];
  let status: Outcome["status"] = "expired";
  let reminders = 0;
  const note = (text: string) => {
    history.push(`${history.length + 1}. ${text}`);
  };
  const remind = async () => {
    reminders++;
    await step("remind", ({ key, attempt }) => mail(expense.manager, `Please decide on ${expense.id}`, { key, attempt }));
    note(`reminded ${expense.manager}`);
  };

  try {
    respond(`${expense.manager}: ${money(expense.amount)} for ${expense.description}?`);
    let decision = null;
    while (decision === null) {
      decision = await listen(manager, { timeout: "2 days", default: null });
      if (decision !== null) break;
      if (reminders === maxReminders) return { status, paid: 0, reminders, receipts: [], history };
      await remind();
    }
    note(`${expense.manager} says ${decision.approved ? "yes" : "no"}`);

    if (decision.approved && expense.amount > limit) {
      respond(`finance: ${money(expense.amount)}, approved by ${expense.manager}?`);
      decision = await listen(finance);
      note(`finance says ${decision.approved ? "yes" : "no"}`);
    }
    if (!decision.approved) {
      status = "refused";
      return { status, paid: 0, reminders, receipts: [], history };
    }

    await sleep("1 day"); // payments leave on the next day
    const payment = await step("pay", ({ key, attempt }) => bank.pay(expense, { key, attempt }), { retry: 3 });
    status = "paid";
    note(`paid as ${payment}`);

    const file = async (receipt: Receipt): Promise<string> => {
      const name = receipt.missing ? (await listen(upload, { permit: receipt.name })).name : receipt.name;
      return step("file", ({ key, attempt }) => archive.file(expense, name, { key, attempt }));
    };
    const receipts = await Promise.all(expense.receipts.map(async (receipt) => {
      const place = await file(receipt);
      note(`filed ${receipt.name}`);
      return place;
    }));
    return { status, paid: expense.amount, reminders, payment, receipts, history };
  } finally {
    note(status);
    await step("tell", ({ key, attempt }) => mail(expense.employee, `${expense.id}: ${status}`, { key, attempt }));
  }
});
