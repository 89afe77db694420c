// The report of a long run: JSON lines, appended, so that a run that was killed at any moment goes on where it stopped.
//
//   {"source":"seed 1, features all","backends":["L0","L1","L2"]}      what the report is about
//   {"passed":[[0,41],[43,99]],"dropped":[42]}                          programs by number; ranges with both ends
//   {"n":100,"id":"seed-1000100","refused":{"L0":"DF302","L1":"DF302","L2":"DF302"}}
//   {"n":101,"id":"seed-1000101","wrong":{"L2":["[3] 1","[3] 2"]}}      expected, got
//
// Passes are written in ranges, some seconds late: what a kill loses of them is run again.

import { appendFileSync, closeSync, existsSync, ftruncateSync, openSync, readFileSync } from "node:fs";
import type { Judged, Row } from "./judged.ts";
import { allPass } from "./tally.ts";

type Range = [from: number, to: number];

interface Line {
  readonly source?: string;
  readonly backends?: readonly string[];
  readonly passed?: readonly Range[];
  readonly dropped?: readonly number[];
  readonly n?: number;
  readonly id?: string;
  readonly wrong?: Readonly<Record<string, readonly [string, string]>>;
  readonly refused?: Readonly<Record<string, string>>;
}

const flushEach = 5_000;
const longestText = 300;

export class Report {
  private readonly file: string;
  private readonly backends: readonly string[];
  private readonly done = new Set<number>();
  private passes: number[] = [];
  private dropped: number[] = [];
  private flushed = Date.now();

  /** Reads what the file has; throws where it is the report of another source. `onKnown` hears of each program in it. */
  constructor(file: string, source: string, backends: readonly string[], onKnown: (judged: Judged) => void) {
    this.file = file;
    this.backends = backends;
    const head = JSON.stringify({ source, backends });
    const lines = existsSync(file) ? completeLines(file) : [];
    if (lines.length === 0) appendFileSync(file, `${head}\n`);
    else if (lines[0] !== head) throw new Error(`${file} is the report of another run: ${lines[0]}`);
    for (const line of lines.slice(1)) for (const [n, judged] of this.known(JSON.parse(line) as Line)) {
      if (this.done.has(n)) continue;
      this.done.add(n);
      onKnown(judged);
    }
  }

  has(n: number): boolean {
    return this.done.has(n);
  }

  add(n: number, judged: Judged): void {
    if (judged.broken !== undefined) this.dropped.push(n);
    else if (allPass(judged)) this.passes.push(n);
    else appendFileSync(this.file, `${JSON.stringify(asLine(n, judged))}\n`);
    if (Date.now() - this.flushed > flushEach) this.flush();
  }

  flush(): void {
    if (this.passes.length + this.dropped.length > 0) appendFileSync(this.file, `${JSON.stringify({ passed: ranges(this.passes), dropped: this.dropped.toSorted((a, b) => a - b) })}\n`);
    this.passes = [];
    this.dropped = [];
    this.flushed = Date.now();
  }

  private *known(line: Line): Iterable<[number, Judged]> {
    const passing: Row[] = this.backends.map((backend) => ({ backend, verdict: { kind: "pass" } }));
    for (const [from, to] of line.passed ?? []) for (let n = from; n <= to; n++) yield [n, { id: "", rows: passing }];
    for (const n of line.dropped ?? []) yield [n, { id: "", rows: [], broken: "dropped" }];
    if (line.n === undefined) return;
    const rows = passing.map(({ backend, verdict }): Row => {
      const wrong = line.wrong?.[backend];
      const code = line.refused?.[backend];
      if (wrong !== undefined) return { backend, verdict: { kind: "wrong", expected: wrong[0], got: wrong[1] } };
      return { backend, verdict: code === undefined ? verdict : { kind: "refused", code, message: "" } };
    });
    yield [line.n, { id: line.id ?? "", rows }];
  }
}

function asLine(n: number, { id, rows }: Judged): Line {
  const wrong: Record<string, [string, string]> = {};
  const refused: Record<string, string> = {};
  for (const { backend, verdict } of rows) {
    if (verdict.kind === "wrong") wrong[backend] = [verdict.expected.slice(0, longestText), verdict.got.slice(0, longestText)];
    if (verdict.kind === "refused") refused[backend] = verdict.code;
  }
  return { n, id, ...(Object.keys(wrong).length > 0 ? { wrong } : {}), ...(Object.keys(refused).length > 0 ? { refused } : {}) };
}

function ranges(numbers: readonly number[]): Range[] {
  const all: Range[] = [];
  for (const n of numbers.toSorted((a, b) => a - b)) {
    const last = all.at(-1);
    if (last !== undefined && last[1] === n - 1) last[1] = n;
    else all.push([n, n]);
  }
  return all;
}

/** Cuts off a line that the end of the process cut short. */
function completeLines(file: string): string[] {
  const text = readFileSync(file, "utf8");
  const end = text.lastIndexOf("\n") + 1;
  if (end < text.length) {
    const handle = openSync(file, "r+");
    ftruncateSync(handle, Buffer.byteLength(text.slice(0, end)));
    closeSync(handle);
  }
  return text.slice(0, end).split("\n").filter((line) => line !== "");
}
