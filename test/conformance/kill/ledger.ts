// Trace, fuel and outcome of a run that lives in a store: they are part of the run, as its `progress`. So what a turn noted is
// stored by the turn's commit, or, when the process is killed before it, was never noted.
//
//   the turn begins (`resumed`)   the notes of the last commit are read from the run
//   T, FUEL, settle               note, and write all notes into the run

import type { LiveRun } from "../../../runtime/run/step.ts";
import { Host, type Noted } from "../host.ts";

export class Ledger {
  private host = new Host();
  private run: LiveRun | undefined;
  private readonly begins: () => void;

  /** @param begins is called at the beginning of each turn. */
  constructor(begins: () => void) {
    this.begins = begins;
  }

  /** The first that every turn does: from now on this copy of the run is the one that goes on. */
  resumed(run: LiveRun): void {
    if (run === this.run) return;
    this.begins();
    this.run = run;
    this.host = new Host(run.progress === undefined ? undefined : notedIn(run.progress));
  }

  readonly T = (value: unknown): unknown => {
    this.note(() => this.host.T(value));
    return value;
  };

  FUEL(): boolean {
    let empty = true;
    this.note(() => (empty = this.host.FUEL()));
    return empty;
  }

  settle(kind: "returns" | "throws", value: unknown): void {
    this.note(() => this.host.settle(kind, value));
  }

  /** An error by which the runtime refuses something may be made outside any run. */
  refuse(code: string, message: string): void {
    if (this.run !== undefined) this.note(() => this.host.refuse(code, message));
  }

  /** Natively the process would say this; it goes into the trace. */
  write(line: string): void {
    this.note(() => this.host.write(line));
  }

  /** Once the run has settled and is quiet, what left-over strands do is no part of the result. */
  private note(change: () => void): void {
    const { run } = this;
    if (run === undefined) throw new Error("a program moves before its turn began");
    if (run.ending !== undefined) return;
    change();
    run.progress = JSON.stringify(this.host.noted);
  }
}

export function notedIn(progress: string): Noted {
  return JSON.parse(progress) as Noted;
}
