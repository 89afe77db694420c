// L3: every program is a run of the engine over one SQLite file, in a process that is killed with SIGKILL at random moments and
// replaced by another, until all runs have ended. Only what the store holds in the end is compared with the oracle.
//
//   programs ─► native, compiled ─► folder ─► worker ─ killed ─► worker ─ killed ─► … ─► worker, to the end ─► the store ─► verdicts
//
// The moments are spread over the whole work: each process lives for a random part of what is estimated to be left. When the
// runs have ended before so many kills were made, all programs are run again over a new file.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEngine, type Engine } from "../../../runtime/engine/engine.ts";
import { sqlite } from "../../../runtime/stores/sqlite.ts";
import { isBroken, judge, lines, type Result, type Run, type Verdict } from "../backend.ts";
import { Random } from "../generate/random.ts";
import type { Judged } from "../judged.ts";
import { Lab } from "../lab.ts";
import { compiledText } from "../ours.ts";
import type { Program } from "../program.ts";
import { refusals } from "../refusals.ts";
import { made, type Source } from "../sources.ts";
import { notedIn } from "./ledger.ts";
import { prepare } from "./prepare.ts";
import { Round } from "./round.ts";
import { idOf } from "./told.ts";

export interface Kills {
  /** At least so many. */
  readonly kills: number;
  readonly seed: number;
}

/** What the kills came to. */
export class Figures {
  kills = 0;
  /** Turns that began, and turns that were stored: the others were made again. */
  begun = 0;
  stored = 0;

  summary(): string {
    return `kills: ${this.kills}, of ${this.begun} turns ${this.begun - this.stored} were lost and made again\n`;
  }
}

/** Judges all programs of the source that promise L3; tells each as soon as it is known. */
export async function judgeKilled(source: Source, { kills, seed }: Kills, tell: (judged: Judged) => void): Promise<Figures> {
  const figures = new Figures();
  const expected = new Map<number, Result>();
  const programs = new Map<number, Program>();
  const texts = new Map<number, string>();
  const lab = new Lab();
  for (let n = 0; n < source.size; n++) {
    const program = made(source.at(n));
    if (!program.stored) continue;
    const oracle = await lab.run("native", program);
    if (oracle.kind !== "ran" || isBroken(oracle)) {
      tell({ id: program.id, rows: [], broken: oracle.kind === "ran" ? oracle.result.outcome : oracle.kind });
      continue;
    }
    const text = await compiledText(program);
    if (typeof text !== "string") tell(judged(program, oracle.result, text));
    else [programs, expected, texts].forEach((map, i) => (map as Map<number, unknown>).set(n, [program, oracle.result, text][i]));
  }
  lab.close();
  const random = new Random(seed);
  const told = new Set<number>();
  do {
    const runs = await oneRound(texts, kills - figures.kills, random, figures);
    // A program is told once; in later rounds only if it is wrong.
    for (const [n, run] of runs) {
      const verdict = judged(programs.get(n) as Program, expected.get(n) as Result, run);
      if (!told.has(n) || verdict.rows[0]?.verdict.kind === "wrong") tell(verdict);
      told.add(n);
    }
  } while (figures.kills < kills && texts.size > 0);
  return figures;
}

function judged(program: Program, expected: Result, run: Run): Judged {
  const verdict: Verdict = judge(expected, run);
  const traces = verdict.kind === "wrong" ? { traces: `${program.text}\n--- expected\n${lines(expected).join("\n")}\n--- got\n${run.kind === "ran" ? lines(run.result).join("\n") : run.kind}\n` } : {};
  return { id: program.id, rows: [{ backend: "L3", verdict, ...traces }] };
}

/** Carries every program to its end once. */
async function oneRound(texts: ReadonlyMap<number, string>, kills: number, random: Random, figures: Figures): Promise<Map<number, Run>> {
  const folder = mkdtempSync(join(tmpdir(), "deflow-kill-"));
  try {
    await prepare(folder, texts);
    const round = new Round(folder, [...texts.keys()], random);
    await round.carry(kills);
    const store = sqlite(join(folder, "runs.db"));
    const engine = createEngine({ store, flows: {} });
    const runs = new Map<number, Run>();
    for (const n of texts.keys()) {
      const because = round.stuck.get(n);
      runs.set(n, because === undefined ? await ended(engine, n, figures) : stuckRun(because));
    }
    await engine.close();
    await store.close();
    figures.kills += round.kills;
    figures.begun += readFileSync(join(folder, "turns"), "utf8").split("\n").length - 1;
    return runs;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What the store has of a run that ended. */
async function ended(engine: Engine, n: number, figures: Figures): Promise<Run> {
  const run = await engine.get(idOf(n));
  figures.stored += run.turn;
  const noted = run.progress === undefined ? undefined : notedIn(run.progress);
  if (noted?.refusal !== undefined) return noted.refusal;
  const error = "error" in run ? run.error : undefined;
  if (error?.code !== undefined && refusals.has(error.code)) return { kind: "refused", code: error.code, message: error.message };
  const outcome = error === undefined ? noted?.outcome : `the run has ${run.status}: ${error.name} ${error.message}`;
  return { kind: "ran", result: { trace: noted?.trace ?? [], outcome: outcome ?? "stuck" }, stops: run.turn - 1 };
}

function stuckRun(because: string): Run {
  return { kind: "ran", result: { trace: [], outcome: because }, stops: 0 };
}
