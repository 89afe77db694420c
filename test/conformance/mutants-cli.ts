// Every mutation of our own compiler over the whole corpus: how many programs catch it, and a score.
//
// npx tsx test/conformance/mutants-cli.ts [--only regexp] [--suite fixtures/hazards/try] [--first] [--verbose]
//
// --first goes on to the next mutant once a program has caught one; --verbose lists all programs that catch a mutant.

import { parseArgs } from "node:util";
import { judgeProgram } from "./judged.ts";
import { Lab } from "./lab.ts";
import { backendName } from "./mutants/backends.ts";
import { type Mutant, mutants } from "./mutants/list.ts";
import type { Program } from "./program.ts";
import { suite } from "./sources.ts";

const { values } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    suite: { type: "string", multiple: true, default: ["fixtures/hazards"] },
    first: { type: "boolean", default: false },
    verbose: { type: "boolean", default: false },
  },
});

const shown = 4;
const lab = new Lab(5_000);
const source = suite(values.suite);
const programs = Array.from({ length: source.size }, (_, n) => source.at(n) as Program);

async function catchers(mutant: Mutant): Promise<string[]> {
  const backend = backendName(mutant, mutant.level);
  const found: string[] = [];
  for (const program of programs) {
    if (!program.levels.includes(mutant.level)) continue;
    const { rows } = await judgeProgram(program, [backend], (name, of) => lab.run(name, of));
    // What the compiler refuses, mutated or not, says nothing; what a mutant refuses anew would fail the corpus's test as well.
    if (rows.some(({ verdict }) => verdict.kind === "wrong")) found.push(program.id);
    if (values.first && found.length > 0) break;
  }
  return found;
}

const survivors: string[] = [];
const chosen = mutants.filter(({ name }) => new RegExp(values.only).test(name));
for (const mutant of chosen) {
  const ids = await catchers(mutant);
  if (ids.length === 0) survivors.push(mutant.name);
  const some = values.verbose ? ids : ids.slice(0, shown);
  const rest = ids.length > some.length ? `, and ${ids.length - some.length} more` : "";
  process.stdout.write(ids.length === 0 ? `survives ${mutant.name}\n` : `caught ${mutant.name} ${mutant.level}: ${some.join(", ")}${rest}\n`);
}
lab.close();
process.stdout.write(`score: ${chosen.length - survivors.length} of ${chosen.length} mutants caught by ${programs.length} programs${survivors.length > 0 ? `; survivors: ${survivors.join(", ")}` : ""}\n`);
process.exitCode = survivors.length > 0 ? 1 : 0;
