// What must have happened, each judged by what was seen.

import type { Expense } from "../src/expense.ts";
import type { Outcome } from "../src/flow.ts";
import { type Check, equal } from "./check.ts";
import type { Effect } from "./ledger.ts";
import { outcomes, stuck } from "./people.ts";
import { unfinished } from "./runs.ts";
import type { Shift, Story } from "./story.ts";

type Result = Pick<Outcome, "paid" | "reminders" | "receipts"> & { readonly status: string };

export function checks({ shifts, effects }: Story, expenses: readonly Expense[]): Check[] {
  return [
    equal("how the four processes ended", shifts.map(({ ended }) => ended).join(", "), "SIGKILL, SIGKILL, exit 0, exit 0"),
    equal("effects that each cut off", shifts.map(({ cutOff }) => cutOff.length).join(", "), "0, 1, 0, 0"),
    equal("lines on their standard error", shifts.map(({ errors }) => errors.trim()).join(""), ""),
    equal("first lines of the flow that ran, by process", shifts.map(begun).join(", "), [expenses.length, 0, 0, 0].join(", ")),
    ...shifts.slice(1).map((shift, index) => equal(
      `runs that process ${index + 2} found unfinished, and those that it took on`,
      [unfinished(shift.before).length, resumed(shift).length].join(" and "),
      [unfinished(shift.before).length, unfinished(shift.before).length].join(" and "),
    )),
    results(shifts.at(-1), expenses),
    ...steps(effects, shifts),
    equal("effects under keys of their own", effects.length, expectedEffects(expenses)),
    equal("payments per paid expense", perPaid(effects), "1 each"),
  ];
}

/** Runs of the store that a process found unfinished and took further. */
export function resumed({ before, after }: Shift): string[] {
  return unfinished(before).filter(({ id, row }) => (after.get(id)?.row.version ?? 0) > row.version).map(({ id }) => id);
}

/** Steps that were begun more than once. */
export function repeated(effects: readonly Effect[]): Effect[] {
  return effects.filter(({ starts }) => starts.length > 1);
}

/** How often the first line of the flow ran. */
export function begun({ said }: Shift): number {
  return said.filter((line) => line.startsWith("# claimed")).length;
}

function results(last: Shift | undefined, expenses: readonly Expense[]): Check {
  const wrong = expenses.flatMap((expense) => {
    const run = last?.after.get(expense.id)?.run;
    const seen = run?.status === "completed" ? shape(run.value) : run?.status ?? "no run";
    const expected = shape(expectedResult(expense));
    return seen === expected ? [] : [`${expense.id} is ${seen} in place of ${expected}`];
  });
  const runs = last?.after.size ?? 0;
  return { what: "runs completed with the result expected", ok: wrong.length === 0 && runs === expenses.length, seen: [`${runs - wrong.length} of ${expenses.length}`, ...wrong].join("; ") };
}

function shape({ status, paid, reminders, receipts }: Result): string {
  return [status, paid, `${reminders} reminders`, ...receipts].join(" ");
}

function expectedResult({ id, date, amount, receipts }: Expense): Result {
  const { status, reminders } = outcomes[id] ?? { status: "unknown", reminders: 0 };
  const isPaid = status === "paid";
  return { status, reminders, paid: isPaid ? amount : 0, receipts: isPaid ? receipts.map(({ name }) => `${date.slice(0, 7)}/${id}/${name}`) : [] };
}

function steps(effects: readonly Effect[], shifts: readonly Shift[]): Check[] {
  const again = repeated(effects);
  const [first, second] = again[0]?.starts ?? [];
  const once = effects.filter(({ starts, ends }) => starts.length === 1 && ends.length === 1);
  return [
    equal("steps that began more than once", again.map(({ effect, what, starts }) => `${effect} ${what}, ${starts.length} times`).join("; "), `pay ${stuck}, 2 times`),
    equal("processes that began it", [first, second].map((start) => shifts.findIndex(({ pid }) => pid === start?.pid) + 1).join(" and "), "2 and 3"),
    equal("its keys", new Set(again.flatMap(({ starts }) => starts.map(({ key }) => key))).size, 1),
    equal("processes that finished it", again.flatMap(({ ends }) => ends.map(({ pid }) => shifts.findIndex((shift) => shift.pid === pid) + 1)).join(" and "), "3"),
    equal("steps that began once and ended once", once.length, effects.length - 1),
  ];
}

/** Reminders, payments, receipts, and a letter to the employee. */
function expectedEffects(expenses: readonly Expense[]): number {
  const of = (expense: Expense): number => {
    const { status, reminders, receipts } = expectedResult(expense);
    return reminders + (status === "paid" ? 1 : 0) + receipts.length + 1;
  };
  return expenses.reduce((sum, expense) => sum + of(expense), 0);
}

function perPaid(effects: readonly Effect[]): string {
  const paid = effects.filter(({ effect }) => effect === "pay").map(({ what }) => what).toSorted();
  const expected = Object.entries(outcomes).filter(([, { status }]) => status === "paid").map(([id]) => id).toSorted();
  return paid.join() === expected.join() ? "1 each" : paid.join(" ");
}
