// What runs a conformance program, and what a run comes to.

import type { Program } from "./program.ts";

/** Everything observable of a run, as text. */
export interface Result {
  readonly trace: readonly string[];
  /** `returns …`, `throws …`, or `stuck`: quiet, nothing to answer, not settled. */
  readonly outcome: string;
}

export type Run =
  | { readonly kind: "ran"; readonly result: Result; readonly stops: number }
  /** The compiler or the runtime said, with a code, that it does not do this. */
  | { readonly kind: "refused"; readonly code: string; readonly message: string }
  /** The back end cannot be used here at all, such as a compiler that is not built yet. */
  | { readonly kind: "absent"; readonly message: string };

export interface Backend {
  readonly name: string;
  run(program: Program): Promise<Run>;
}

export type Verdict =
  | { readonly kind: "pass" }
  | { readonly kind: "wrong"; readonly expected: string; readonly got: string }
  | { readonly kind: "refused"; readonly code: string; readonly message: string }
  | { readonly kind: "absent"; readonly message: string };

/** Judges a run against the oracle's result; a difference is told by its first differing line. */
export function judge(expected: Result, run: Run): Verdict {
  if (run.kind !== "ran") return run;
  const want = lines(expected);
  const got = lines(run.result);
  const at = want.findIndex((line, i) => line !== got[i]);
  if (at < 0 && want.length === got.length) return { kind: "pass" };
  const i = at < 0 ? want.length : at;
  return { kind: "wrong", expected: want[i] ?? "(end)", got: got[i] ?? "(end)" };
}

export function lines(result: Result): string[] {
  return [...result.trace.map((line, i) => `[${i}] ${line}`), result.outcome];
}

/** A program whose oracle hangs, crashes, gets stuck or leaves a rejection behind says nothing about a compiler. */
export function isBroken(run: Run): boolean {
  return run.kind !== "ran" || !/^(returns|throws) /.test(run.result.outcome) || run.result.outcome.includes("; unhandled rejection");
}
