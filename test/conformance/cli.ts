// npx tsx test/conformance/cli.ts --suite fixtures/hazards/order [--level L0,L1] [--here] [--verbose]
// npx tsx test/conformance/cli.ts --programs 1000 --seed 1 [--features classes,generators] [--report file.jsonl]
//
// npx tsx test/conformance/cli.ts --level L3 [--kills 300] [--seed 1] [--suite …]      (alone: other levels have no kills)
//
// --backend replay,typescript-es5,babel-ie11 judges others than ours; --here runs in this process, for a debugger;
// --verbose prints whole traces of what is wrong, and of random programs each refusal too; --limit 300 gives a program
// 300 seconds in place of 15, on a machine that is busy.

import { parseArgs } from "node:util";
import { backends } from "./backends.ts";
import { judgeAll, judgeUnderKills, type Options } from "./judge.ts";
import { levels } from "./program.ts";
import { generated, suite } from "./sources.ts";
import type { Tally } from "./tally.ts";

const { values } = parseArgs({
  options: {
    suite: { type: "string", multiple: true },
    programs: { type: "string" },
    seed: { type: "string", default: "1" },
    features: { type: "string" },
    level: { type: "string" },
    backend: { type: "string" },
    report: { type: "string" },
    only: { type: "string" },
    here: { type: "boolean", default: false },
    verbose: { type: "boolean", default: false },
    kills: { type: "string", default: "300" },
    jobs: { type: "string", default: "1" },
    limit: { type: "string" },
  },
});

const named = (values.backend ?? values.level)?.split(",") ?? [...levels];
const underKills = named.includes("L3");
if (underKills && named.length > 1) throw new RangeError("L3 is judged alone");
for (const name of named) if (!underKills && !backends.has(name)) throw new RangeError(`no back end or level "${name}"; there are ${[...backends.keys()].join(", ")}`);

const options: Options = {
  backends: named,
  here: values.here,
  verbose: values.verbose,
  refusals: values.verbose || values.programs === undefined,
  jobs: Number(values.jobs),
  tell: (line) => process.stdout.write(`${line}\n`),
  ...(values.limit === undefined ? {} : { limit: Number(values.limit) * 1000 }),
  ...(values.report === undefined ? {} : { report: values.report }),
};
const source =
  values.programs === undefined
    ? suite(values.suite ?? ["fixtures/hazards"], values.only)
    : generated({ count: Number(values.programs), seed: Number(values.seed), features: values.features?.split(",") ?? [] });

const counts = underKills ? await killed() : await judgeAll(source, options);
process.stdout.write(counts.summary());
process.exitCode = counts.wrong > 0 || counts.pass === 0 ? 1 : 0;

async function killed(): Promise<Tally> {
  const { tally, figures } = await judgeUnderKills(source, { kills: Number(values.kills), seed: Number(values.seed) }, options);
  process.stdout.write(figures.summary());
  return tally;
}
