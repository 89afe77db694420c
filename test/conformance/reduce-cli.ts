// npx tsx test/conformance/reduce-cli.ts --level L1 --seed 1000042 [--features all]
// npx tsx test/conformance/reduce-cli.ts --level L1 --file program.js
//
// Prints the smallest program found that is still wrong, or refused, at that level (or back end) in the same way.

import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { isBroken, judge, lines, type Run } from "./backend.ts";
import { generate, pretty } from "./generate.ts";
import { Lab } from "./lab.ts";
import { program } from "./program.ts";
import { reduce } from "./reduce.ts";

const { values } = parseArgs({
  options: { level: { type: "string", default: "L0" }, seed: { type: "string" }, features: { type: "string" }, file: { type: "string" }, tries: { type: "string", default: "4000" } },
});

const lab = new Lab(5_000);
const start = values.file === undefined ? pretty(generate(Number(values.seed ?? 1), values.features?.split(",") ?? []).text) : readFileSync(values.file, "utf8");

const first = await attempt(start);
if (first === undefined) {
  process.stdout.write(`the program is right at ${values.level}\n`);
} else {
  const smallest = await reduce(start, {
    fails: async (text) => (await attempt(text))?.way === first.way,
    maxTries: Number(values.tries),
    onStep: (text) => process.stderr.isTTY && process.stderr.write(`\r${text.length} characters `),
  });
  const last = await attempt(smallest);
  process.stdout.write(`${smallest}\n--- expected\n${last?.expected}\n--- got\n${last?.got}\n`);
}
lab.close();

/** How the text fails, or undefined where it does not. A crash must stay that crash; any wrong result stays one. */
async function attempt(text: string): Promise<{ way: string; expected: string; got: string } | undefined> {
  if (!/async function f\b/.test(text)) return undefined;
  const candidate = program("candidate", text);
  const oracle = await lab.run("native", candidate);
  if (oracle.kind !== "ran" || isBroken(oracle)) return undefined;
  const run = await lab.run(values.level, candidate);
  const verdict = judge(oracle.result, run);
  if (verdict.kind === "pass") return undefined;
  if (verdict.kind === "refused") return { way: verdict.code, expected: "a result", got: verdict.message };
  return { way: way(run), expected: lines(oracle.result).join("\n"), got: run.kind === "ran" ? lines(run.result).join("\n") : run.kind };
}

function way(run: Run): string {
  if (run.kind !== "ran") return run.kind;
  const crash = /^(crashes|throws at evaluation|ends the process|runs for more)[^\n]{0,60}/.exec(run.result.outcome);
  return crash?.[0] ?? "wrong";
}
