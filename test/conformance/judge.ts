// Judges many programs: hands them to the labs, tells what is wrong or refused, and can go on where a report file stopped.

import { type Judged, judgeProgram } from "./judged.ts";
import { type Figures, judgeKilled, type Kills } from "./kill/killed.ts";
import { Lab } from "./lab.ts";
import { run } from "./lab-child.ts";
import { Progress } from "./progress.ts";
import { Report } from "./report.ts";
import { made, type Source } from "./sources.ts";
import { Tally } from "./tally.ts";

export interface Options {
  readonly backends: readonly string[];
  /** In this process instead of a child. */
  readonly here: boolean;
  /** Prints whole traces of what is wrong. */
  readonly verbose: boolean;
  /** Prints a line for each refusal, not for what is wrong only. */
  readonly refusals: boolean;
  readonly jobs: number;
  /** Milliseconds that a program may take at all levels; the lab's own limit if absent. */
  readonly limit?: number;
  readonly tell: (line: string) => void;
  /** What this file holds already is not run again. */
  readonly report?: string;
}

/** L3: all programs are at work together, under kills. */
export async function judgeUnderKills(source: Source, kills: Kills, options: Pick<Options, "verbose" | "refusals" | "tell">): Promise<{ tally: Tally; figures: Figures }> {
  const tally = new Tally();
  const figures = await judgeKilled(source, kills, (found) => {
    const judged = unbroken(source, found);
    add(tally, source, judged);
    describe(judged, options);
  });
  return { tally, figures };
}

export async function judgeAll(source: Source, options: Options): Promise<Tally> {
  const tally = new Tally();
  const report = options.report === undefined ? undefined : new Report(options.report, source.name, options.backends, (judged) => add(tally, source, judged));
  const todo = Array.from({ length: source.size }, (_, n) => n).filter((n) => report?.has(n) !== true);
  const progress = new Progress(todo.length, tally);
  const queue = todo.values();
  const work = async (): Promise<void> => {
    const lab = options.here ? undefined : new Lab(options.limit);
    for (const n of queue) {
      const program = source.at(n);
      const judged = unbroken(source, lab === undefined ? await judgeProgram(made(program), options.backends, run) : await lab.judge(program, options.backends));
      add(tally, source, judged);
      describe(judged, options);
      report?.add(n, judged);
      progress.step();
    }
    lab?.close();
  };
  await Promise.all(Array.from({ length: Math.max(1, options.jobs) }, work));
  report?.flush();
  progress.stop();
  return tally;
}

function add(tally: Tally, source: Source, judged: Judged): void {
  if (judged.broken !== undefined && source.mayFailNatively) tally.drop(judged.broken);
  else tally.add(judged.rows);
}

/** A written program that the oracle cannot run is wrong itself. */
function unbroken(source: Source, judged: Judged): Judged {
  if (judged.broken === undefined || source.mayFailNatively) return judged;
  return { id: judged.id, rows: [{ backend: "native", verdict: { kind: "wrong", expected: "a result", got: judged.broken } }] };
}

function describe({ id, rows }: Judged, { verbose, refusals, tell }: Pick<Options, "verbose" | "refusals" | "tell">): void {
  for (const { backend, verdict, traces } of rows) {
    if (verdict.kind === "wrong") tell(`wrong ${backend} ${id}: expected ${verdict.expected} got ${verdict.got.split("\n")[0]}`);
    if (verdict.kind === "refused" && refusals) tell(`refused ${backend} ${id}: ${verdict.code} ${verdict.message.split("\n")[0]}`);
    if (verbose && traces !== undefined) tell(traces);
  }
}
