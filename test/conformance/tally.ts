// The counts of a run over many programs.

import type { Judged, Row } from "./judged.ts";
import { outOfTime } from "./lab.ts";

export class Tally {
  /** By program and back end. */
  pass = 0;
  wrong = 0;
  refused = 0;
  /** Programs the oracle ran, and of them those which some back end refused. */
  programs = 0;
  refusedPrograms = 0;
  /** Programs that the oracle could not run. */
  dropped = 0;
  /** Of these, those that it did not end in time: on a machine that is too busy that says nothing about them. */
  timedOut = 0;
  readonly absent = new Set<string>();
  /** How many programs were refused with each code. */
  private readonly codes = new Map<string, number>();

  add(rows: readonly Row[]): void {
    this.programs++;
    const codes = new Set<string>();
    for (const { backend, verdict } of rows) {
      if (verdict.kind === "absent") this.absent.add(`${backend}: ${verdict.message}`);
      else this[verdict.kind]++;
      if (verdict.kind === "refused") codes.add(verdict.code);
    }
    if (codes.size > 0) this.refusedPrograms++;
    for (const code of codes) this.codes.set(code, (this.codes.get(code) ?? 0) + 1);
  }

  /** @param broken how the oracle failed. */
  drop(broken: string): void {
    this.dropped++;
    if (broken.startsWith(outOfTime)) this.timedOut++;
  }

  /** So many programs at once that pass everywhere. */
  addPasses(programs: number, backends: number): void {
    this.programs += programs;
    this.pass += programs * backends;
  }

  get refusedShare(): string {
    return `${((100 * this.refusedPrograms) / Math.max(1, this.programs)).toFixed(1)} %`;
  }

  summary(): string {
    const codes = [...this.codes].toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([code, count]) => `${code} ${count}`);
    return [
      ...[...this.absent].map((line) => `NOT RUN ${line}\n`),
      ...(this.dropped > 0 ? [`dropped: ${this.dropped} programs that do not run natively${this.timedOut > 0 ? `, ${this.timedOut} of them in time` : ""}\n`] : []),
      `refused: ${this.refusedShare} of programs (${this.refusedPrograms} of ${this.programs})${codes.length > 0 ? `: ${codes.join(", ")}` : ""}\n`,
      `suite: ${this.pass} pass, ${this.wrong} wrong, ${this.refused} refused\n`,
    ].join("");
  }
}

/** Whether nothing but passes is to be told of a program. */
export function allPass({ rows, broken }: Judged): boolean {
  return broken === undefined && rows.every(({ verdict }) => verdict.kind === "pass");
}
