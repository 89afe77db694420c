// A claim of the report, judged by what was seen.

import colors from "picocolors";
import { width, wrap } from "./text.ts";

export interface Check {
  readonly what: string;
  readonly ok: boolean;
  /** What was seen. */
  readonly seen: string;
}

export function equal(what: string, seen: string | number, expected: string | number): Check {
  const shown = seen === "" ? "none" : String(seen);
  return { what, ok: seen === expected, seen: seen === expected ? shown : `${shown}, expected ${expected === "" ? "none" : expected}` };
}

export function checkLines(checks: readonly Check[]): string[] {
  return checks.flatMap(({ what, ok, seen }) => {
    const [first = "", ...more] = wrap(`${what}: ${seen}`, width - 8);
    return [`  ${ok ? colors.green("ok") : colors.red("NO")}  ${first}`, ...more.map((line) => `      ${line}`)];
  });
}
