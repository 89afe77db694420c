// The conformance corpus can fail: each mutation of our own compiler makes the programs wrong that are about it.

import { afterAll, describe, expect, test } from "vitest";
import { isBroken, judge, type Result } from "./conformance/backend.ts";
import { Lab } from "./conformance/lab.ts";
import { backendName, unchanged } from "./conformance/mutants/backends.ts";
import { mutatedText } from "./conformance/mutants/build.ts";
import { mutants } from "./conformance/mutants/list.ts";
import { loadSuite, type Program } from "./conformance/program.ts";
import { hazards } from "./conformance/sources.ts";

const corpus = new Map(loadSuite(hazards).map((program) => [program.id, program]));
const lab = new Lab();
afterAll(() => lab.close());

function named(id: string): Program {
  const program = corpus.get(id);
  if (program === undefined) throw new Error(`fixtures/hazards has no ${id}`);
  return program;
}

const oracle = new Map<string, Result>();
/** A program that does not even compile, because the mutant is no compiler any more, catches nothing. */
async function verdict(id: string, backend: string): Promise<string> {
  const program = named(id);
  let expected = oracle.get(id);
  if (expected === undefined) {
    const run = await lab.run("native", program);
    if (run.kind !== "ran" || isBroken(run)) throw new Error(`${id} does not run natively`);
    oracle.set(id, (expected = run.result));
  }
  const found = judge(expected, await lab.run(backend, program));
  return found.kind === "wrong" && found.got.startsWith("crashes:") ? found.got : found.kind;
}

describe("mutants", () => {
  test("are many, each with a name of its own and programs that are to catch it", () => {
    expect(mutants.length).toBeGreaterThanOrEqual(15);
    expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
    for (const { name, caughtBy } of mutants) expect(caughtBy.length, name).toBeGreaterThan(0);
  });

  test("say that the code they change is not there any more", () => {
    const [first] = mutants;
    if (first === undefined) throw new Error("no mutants");
    expect(() => mutatedText({ ...first, anchor: "no such code" })).toThrow("its anchor stands 0 times");
    expect(() => mutatedText({ ...first, anchor: "const" })).toThrow(/stands \d+ times/);
  });

  test.each(mutants)("$name", { timeout: 60_000 }, async (mutant) => {
    for (const id of mutant.caughtBy) expect(await verdict(id, backendName(mutant, mutant.level)), id).toBe("wrong");
  });

  test.each(unchanged)("$name: the same programs pass where nothing is mutated", { timeout: 120_000 }, async (same) => {
    const [part] = same.file.split("/");
    for (const { file, level, caughtBy } of mutants) {
      if (!file.startsWith(`${part}/`)) continue;
      for (const id of caughtBy) expect(await verdict(id, backendName(same, level)), id).toBe("pass");
    }
  });
});
