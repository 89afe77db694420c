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
  /** The compiler or the runtime said, with a code, that it does not do this; of the runtime, what was traced until then. */
  | { readonly kind: "refused"; readonly code: string; readonly message: string; readonly traced?: readonly string[] }
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

/** Judges a run against the oracle's result; a difference is told by its first differing line. What was refused was right until then. */
export function judge(expected: Result, run: Run): Verdict {
  switch (run.kind) {
    case "absent":
      return run;
    case "refused": {
      const { kind, code, message, traced = [] } = run;
      return differs(lines(expected).slice(0, traced.length), numbered(traced)) ?? { kind, code, message };
    }
    case "ran":
      return differs(lines(expected), lines(run.result)) ?? { kind: "pass" };
  }
}

function differs(want: readonly string[], got: readonly string[]): Verdict | undefined {
  const at = want.findIndex((line, i) => line !== got[i]);
  if (at < 0 && want.length === got.length) return undefined;
  const i = at < 0 ? want.length : at;
  return { kind: "wrong", expected: want[i] ?? "(end)", got: got[i] ?? "(end)" };
}

export function lines(result: Result): string[] {
  return [...numbered(result.trace), result.outcome];
}

function numbered(trace: readonly string[]): string[] {
  return trace.map((line, i) => `[${i}] ${line}`);
}

/** A program whose oracle hangs, crashes, gets stuck or leaves a rejection behind says nothing about a compiler. */
export function isBroken(run: Run): boolean {
  return run.kind !== "ran" || !/^(returns|throws) /.test(run.result.outcome) || run.result.outcome.includes("; unhandled rejection");
}
