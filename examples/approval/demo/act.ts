// Act one of the demo: builds the example as its user would, runs it in four processes over one SQLite file, kills two of them, and
// reports what was seen.

import { readExpenses } from "../src/expense.ts";
import { type Check, checkLines } from "./check.ts";
import { checks } from "./checks.ts";
import { excerpt } from "./excerpt.ts";
import { readLedger } from "./ledger.ts";
import { days } from "./people.ts";
import { effectLines, frameLines, resultLines, shiftLines, waitLines } from "./report.ts";
import { firstShift, laterShift, secondShift, type Shift } from "./story.ts";
import { show, timed } from "./text.ts";
import type { Workshop } from "./workshop.ts";

export async function actOne(workshop: Workshop): Promise<Check[]> {
  const expenses = readExpenses(workshop.path("expenses.csv"));
  const shifts: Shift[] = [];
  const add = (shift: Shift): void => {
    shifts.push(shift);
    show(`${shifts.length + 2}. Process ${shifts.length}, day ${shift.daysAhead}`, shiftLines(shift));
  };

  show("1. Build", [
    `  deflow from this repository, by tsup: ${await timed(() => workshop.buildPackage())}`,
    `  examples/approval, type-checked and built by \`tspc -p .\`: ${await timed(() => workshop.buildExample())}`,
    `  In its tsconfig.json for deflow: ${plugins(workshop)}`,
  ]);
  show("2. The flow, and what the build made of it (line numbers by its source map)", excerpt(workshop));
  add(await firstShift(workshop));
  show("   What waits where", [...waitLines(shifts.at(-1)), "", ...frameLines(shifts.at(-1), "E-1004")]);
  add(await secondShift(workshop));
  show("   What waits where", waitLines(shifts.at(-1), "E-1008"));
  add(await laterShift(workshop, days.payments));
  add(await laterShift(workshop, days.end));

  const effects = readLedger(workshop.path("effects.jsonl"));
  show("7. Effects, from the ledger that they write themselves", effectLines(effects, shifts));
  show("8. Results, from runs.db", resultLines(shifts.at(-1), expenses));
  const judged = checks({ shifts, effects }, expenses);
  show("9. Checks", checkLines(judged));
  return judged;
}

function plugins(workshop: Workshop): string {
  const { compilerOptions } = JSON.parse(workshop.read("tsconfig.json")) as { compilerOptions: { plugins: unknown } };
  return JSON.stringify(compilerOptions.plugins);
}
