// One program against its oracle: run natively once, then by each back end.

import { isBroken, judge, lines, type Result, type Run, type Verdict } from "./backend.ts";
import { pretty } from "./generate.ts";
import type { Program } from "./program.ts";

export interface Row {
  readonly backend: string;
  readonly verdict: Verdict;
  /** The whole of a wrong run, for a reader. */
  readonly traces?: string;
}

export interface Judged {
  readonly id: string;
  readonly rows: readonly Row[];
  /** How the oracle itself fails on the program; then there are no rows. */
  readonly broken?: string;
}

type Runner = (backend: string, program: Program) => Promise<Run>;

/** Levels that the program does not promise are left out. */
export async function judgeProgram(program: Program, backends: readonly string[], run: Runner): Promise<Judged> {
  const { id } = program;
  const oracle = await run("native", program);
  if (oracle.kind !== "ran") return { id, rows: [], broken: oracle.kind };
  if (isBroken(oracle)) return { id, rows: [], broken: oracle.result.outcome };
  const rows: Row[] = [];
  for (const backend of backends) {
    if (/^L\d$/.test(backend) && !program.levels.some((level) => level === backend)) continue;
    const got = await run(backend, program);
    const verdict = judge(oracle.result, got);
    if (verdict.kind !== "wrong") {
      rows.push({ backend, verdict });
      continue;
    }
    if (await fillsStack(program, oracle.result, run)) return { id, rows: [], broken: "fills the stack" };
    rows.push({ backend, verdict, traces: `${readable(program)}\n--- expected\n${lines(oracle.result).join("\n")}\n--- got\n${got.kind === "ran" ? lines(got.result).join("\n") : got.kind}\n` });
  }
  return { id, rows };
}

/** Asked only of what is wrong: it costs another run. */
async function fillsStack(program: Program, expected: Result, run: Runner): Promise<boolean> {
  return judge(expected, await run("native-with-less-stack", program)).kind !== "pass";
}

function readable({ id, text }: Program): string {
  return id.startsWith("seed-") ? pretty(text) : text;
}
