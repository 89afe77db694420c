// npx tsx test/conformance/convert.ts --from <checkout of tc39/test262> --to <folder> [--only statements/for] [--limit 2000] [--seed 1]
// npx tsx test/conformance/convert.ts --from <checkout of babel> --kind exec --to <folder>
//
// Makes conformance programs of tests written for engines and compilers, with stops at random places. Only those that
// still pass natively are written; run them with `cli.ts --suite <folder> --level L0,L1`. Nothing of them belongs into this
// repository: a program that is wrong is reduced and told in words of our own.

import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { fromExec } from "./convert/exec.ts";
import { insertStops } from "./convert/insert.ts";
import { fromTest262 } from "./convert/test262.ts";
import { Random } from "./generate/random.ts";
import { Lab } from "./lab.ts";
import { program } from "./program.ts";

const { values } = parseArgs({
  options: {
    from: { type: "string" },
    to: { type: "string" },
    kind: { type: "string", default: "test262" },
    only: { type: "string", default: "" },
    limit: { type: "string", default: "Infinity" },
    seed: { type: "string", default: "1" },
    stops: { type: "string", default: "0.12" },
  },
});
if (values.from === undefined || values.to === undefined) throw new RangeError("--from and --to name folders");
const from = resolve(values.from);
const to = resolve(values.to);
const random = new Random(Number(values.seed));
const density = { expressions: Number(values.stops), statements: 2 * Number(values.stops) };
const [folder, wanted, convert] = values.kind === "exec"
  ? [join(from, "packages"), /\/exec\.js$/, fromExec] as const
  : [join(from, "test", "language"), /\.js$/, fromTest262] as const;

const lab = new Lab();
const counts = { written: 0, skipped: 0, notParsed: 0, failsNatively: 0 };
const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((name) => wanted.test(name) && !name.includes("_FIXTURE") && new RegExp(values.only).test(name))
  .toSorted();
for (const name of sample(files, Number(values.limit))) {
  const made = convert(from, join(folder, name));
  if ("skipped" in made) {
    counts.skipped++;
    continue;
  }
  const text = insertStops(made.text, random, density);
  const run = await lab.run("native", program(name, text));
  if (run.kind !== "ran" || run.result.outcome !== `returns "ok"`) {
    counts[run.kind === "ran" && run.result.outcome.includes("SyntaxError") ? "notParsed" : "failsNatively"]++;
    continue;
  }
  const file = join(to, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  counts.written++;
}
lab.close();
process.stdout.write(`${JSON.stringify(counts)}\n`);

/** Every part of a suite gets its share. */
function sample(all: readonly string[], limit: number): readonly string[] {
  if (limit >= all.length) return all;
  return Array.from({ length: limit }, (_, i) => all[Math.floor((i * all.length) / limit)] as string);
}
