// Judges many programs: oracle first, then each back end; prints what is wrong or refused, and can go on where a
// report file stopped.

import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { SingleBar } from "cli-progress";
import { judge, lines, type Run, type Verdict } from "./backend.ts";
import { backends } from "./backends.ts";
import { Lab } from "./lab.ts";
import type { Program } from "./program.ts";

export interface Options {
  readonly backends: readonly string[];
  /** In this process instead of a child. */
  readonly here: boolean;
  readonly verbose: boolean;
  readonly jobs: number;
  /** JSON lines, one per program and back end; what it holds already is not run again. */
  readonly report?: string;
}

export interface Counts {
  pass: number;
  wrong: number;
  refused: number;
}

export interface Source {
  readonly size: number;
  readonly programs: Iterable<Program>;
  /** A program may be dropped when the oracle itself cannot run it (a random one), or must not (a written one). */
  readonly mayFailNatively: boolean;
}

interface Row {
  readonly id: string;
  readonly backend: string;
  readonly verdict: Verdict;
}

export async function judgeAll(source: Source, options: Options): Promise<Counts> {
  const counts: Counts = { pass: 0, wrong: 0, refused: 0 };
  const known = readReport(options.report);
  const bar = process.stderr.isTTY ? new SingleBar({ format: "{bar} {value}/{total} {eta_formatted} {id}", stream: process.stderr }) : undefined;
  bar?.start(source.size, 0, { id: "" });
  const absent = new Set<string>();
  const queue = source.programs[Symbol.iterator]();
  const work = async () => {
    const lab = options.here ? undefined : new Lab();
    const run = (name: string, program: Program) => (lab === undefined ? here(name, program) : lab.run(name, program));
    for (let next = queue.next(); !next.done; next = queue.next()) {
      for await (const row of judgeOne(next.value, options, source, run, known)) {
        if (row.verdict.kind === "absent") absent.add(`${row.backend}: ${row.verdict.message}`);
        else counts[row.verdict.kind]++;
      }
      bar?.increment(1, { id: next.value.id });
    }
    lab?.close();
  };
  await Promise.all(Array.from({ length: Math.max(1, options.jobs) }, work));
  bar?.stop();
  for (const line of absent) process.stdout.write(`NOT RUN ${line}\n`);
  return counts;
}

type Runner = (backend: string, program: Program) => Promise<Run>;

async function* judgeOne(program: Program, options: Options, source: Source, run: Runner, known: ReadonlyMap<string, Row>): AsyncIterable<Row> {
  const names = options.backends.filter((name) => !/^L\d$/.test(name) || program.levels.some((level) => level === name));
  const todo = names.filter((name) => {
    const row = known.get(`${name} ${program.id}`);
    return row === undefined || row.verdict.kind === "absent";
  });
  for (const name of names) if (!todo.includes(name)) yield known.get(`${name} ${program.id}`) as Row;
  if (todo.length === 0) return;
  const oracle = await run("native", program);
  if (oracle.kind !== "ran" || isBroken(oracle)) {
    if (source.mayFailNatively) return;
    const outcome = oracle.kind === "ran" ? oracle.result.outcome : oracle.kind;
    yield report(options, { id: program.id, backend: "native", verdict: { kind: "wrong", expected: "a result", got: outcome } });
    return;
  }
  for (const name of todo) {
    const got = await run(name, program);
    const row: Row = { id: program.id, backend: name, verdict: judge(oracle.result, got) };
    yield report(options, row);
    if (options.verbose && row.verdict.kind === "wrong") {
      process.stdout.write(`${program.text}\n--- expected\n${lines(oracle.result).join("\n")}\n--- got\n${got.kind === "ran" ? lines(got.result).join("\n") : got.kind}\n\n`);
    }
  }
}

/** A program whose oracle hangs, crashes, gets stuck or leaves a rejection behind says nothing about a compiler. */
export function isBroken(run: Run): boolean {
  return run.kind !== "ran" || !/^(returns|throws) /.test(run.result.outcome) || run.result.outcome.includes("; unhandled rejection");
}

function report(options: Options, row: Row): Row {
  const { verdict } = row;
  if (verdict.kind === "wrong") process.stdout.write(`wrong ${row.backend} ${row.id}: expected ${verdict.expected} got ${verdict.got.split("\n")[0]}\n`);
  if (verdict.kind === "refused") process.stdout.write(`refused ${row.backend} ${row.id}: ${verdict.code} ${verdict.message.split("\n")[0]}\n`);
  if (options.report !== undefined) appendFileSync(options.report, `${JSON.stringify(row)}\n`);
  return row;
}

function readReport(file: string | undefined): Map<string, Row> {
  const rows = new Map<string, Row>();
  if (file === undefined || !existsSync(file)) return rows;
  for (const line of readFileSync(file, "utf8").split("\n")) {
    if (!line.endsWith("}")) continue; // a line cut short by the end of the process
    const row = JSON.parse(line) as Row;
    rows.set(`${row.backend} ${row.id}`, row);
  }
  return rows;
}

async function here(name: string, program: Program): Promise<Run> {
  const backend = backends.get(name);
  if (backend === undefined) return { kind: "absent", message: `no back end ${name}` };
  return backend.run(program);
}
