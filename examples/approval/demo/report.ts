// Lines of the report. Each is made of what was read from the store, the ledger, or the processes' output.

import colors from "picocolors";
import { type Expense, money } from "../src/expense.ts";
import { begun, repeated, resumed } from "./checks.ts";
import type { Effect } from "./ledger.ts";
import { type Seen, unfinished } from "./runs.ts";
import type { Shift } from "./story.ts";
import { table } from "./text.ts";
import { frameOf, moves, strandsOf, waitsByPlace } from "./waits.ts";

export function shiftLines(shift: Shift): string[] {
  const found = unfinished(shift.before);
  const asked = shift.said.filter((line) => / asks /.test(line));
  return [
    `  pid ${shift.pid}, its clock ${shift.daysAhead} days ahead of the system's`,
    `  Its output has the flow's first line ("claimed") ${counted(begun(shift), "time")}, and ${counted(asked.length, "question")} to people${asked.length > 0 ? ", the last:" : ""}`,
    ...asked.slice(-1).map((line) => `    ${colors.cyan(line)}`),
    ...(found.length > 0 ? [`  It found ${counted(found.length, "unfinished run")} and took on ${resumed(shift).length}:`, ...moves(found, shift.after)] : []),
    `  It ended by ${colors.bold(shift.ended)}${shift.cutOff.length > 0 ? `, in the middle of ${shift.cutOff.map(({ effect, what }) => colors.bold(`${effect} ${what}`)).join(", ")}` : ""}`,
    `  runs.db then has ${statuses(shift)}`,
  ];
}

export function waitLines(shift: Shift | undefined, shown?: string): string[] {
  const runs = unfinished(shift?.after ?? new Map());
  return [...waitsByPlace(runs), ...runs.filter(({ id }) => id === shown).flatMap((run) => ["", ...strandsOf(run)])];
}

export function frameLines(shift: Shift | undefined, id: string): string[] {
  const run = shift?.after.get(id);
  return run ? frameOf(run) : [`  No run ${id}`];
}

export function effectLines(effects: readonly Effect[], shifts: readonly Shift[]): string[] {
  const process = (pid: number): number => shifts.findIndex((shift) => shift.pid === pid) + 1;
  const kinds = [...new Set(effects.map(({ effect }) => effect))];
  return [
    ...table(kinds.map((kind) => {
      const all = effects.filter(({ effect }) => effect === kind);
      return [kind, `${all.length} under keys of their own`, `begun ${sum(all, "starts")} times, ended ${sum(all, "ends")} times`];
    })),
    ...repeated(effects).flatMap(({ effect, what, starts, ends }) => [
      "", `  Begun more than once: ${colors.bold(`${effect} ${what}`)}`,
      ...starts.map(({ key, attempt, pid }) => {
        const end = ends.some((entry) => entry.pid === pid);
        return `    process ${process(pid)}: key ${colors.cyan(key)}, attempt ${attempt}, ${end ? "ended" : colors.yellow("cut off")}`;
      }),
    ]),
  ];
}

export function resultLines(last: Shift | undefined, expenses: readonly Expense[]): string[] {
  return table(expenses.map(({ id, employee, amount }) => [id, employee, money(amount).padStart(12), ...resultCells(last?.after.get(id))]));
}

function resultCells(seen: Seen | undefined): string[] {
  const run = seen?.run;
  if (run?.status !== "completed") return [run?.status ?? "no run", ""];
  const { status, history } = run.value;
  return [status, history.slice(0, -1).map((line) => line.replace(/^\d+\. /, "")).join(", ")];
}

function statuses({ after }: Shift): string {
  const counts = new Map<string, number>();
  for (const { run } of after.values()) counts.set(run.status, (counts.get(run.status) ?? 0) + 1);
  return [...counts].map(([status, count]) => `${count} ${status}`).join(", ");
}

function sum(effects: readonly Effect[], field: "starts" | "ends"): number {
  return effects.reduce((total, effect) => total + effect[field].length, 0);
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
