// The demo: builds the example as its user would, runs it in four processes over one SQLite file, kills two of them, and
// reports what was seen. Ends with an exit code other than 0 if anything is not as it must be.

import { readExpenses } from "../src/expense.ts";
import { checks } from "./checks.ts";
import { excerpt } from "./excerpt.ts";
import { readLedger } from "./ledger.ts";
import { days } from "./people.ts";
import { checkLines, effectLines, frameLines, resultLines, shiftLines, waitLines } from "./report.ts";
import { firstShift, laterShift, secondShift, type Shift } from "./story.ts";
import { heading } from "./text.ts";
import { Workshop } from "./workshop.ts";

const started = performance.now();
const workshop = new Workshop();
try {
  process.exitCode = await demo() ? 0 : 1;
} finally {
  workshop.remove();
}

async function demo(): Promise<boolean> {
  const expenses = readExpenses(workshop.path("expenses.csv"));
  const shifts: Shift[] = [];
  const add = (shift: Shift): void => {
    shifts.push(shift);
    show(`${shifts.length + 2}. Process ${shifts.length}, day ${shift.daysAhead}`, shiftLines(shift));
  };

  show("1. Build", [
    `  deflow from this repository, by tsup: ${await timed(() => workshop.buildPackage())}`,
    `  examples/approval, type-checked and built by \`tspc -p .\`: ${await timed(() => workshop.buildExample())}`,
    `  In its tsconfig.json for deflow: ${plugins()}`,
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
  console.log(`\n${judged.filter(({ ok }) => ok).length} of ${judged.length} checks passed, ${seconds(performance.now() - started)} in all`);
  return judged.every(({ ok }) => ok);
}

function show(title: string, lines: readonly string[]): void {
  console.log([heading(title), ...lines.map((line) => line.trimEnd())].join("\n"));
}

function plugins(): string {
  const { compilerOptions } = JSON.parse(workshop.read("tsconfig.json")) as { compilerOptions: { plugins: unknown } };
  return JSON.stringify(compilerOptions.plugins);
}

async function timed(work: () => Promise<void>): Promise<string> {
  const from = performance.now();
  await work();
  return seconds(performance.now() - from);
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
