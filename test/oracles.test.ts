// Oracles beyond the trace, over the corpus, and mistakes of a runtime that show that each can fail.

import { afterAll, describe, expect, test } from "vitest";
import { judge } from "./conformance/backend.ts";
import { Lab } from "./conformance/lab.ts";
import { oracles } from "./conformance/oracles/all.ts";
import { faultBackend, faults } from "./conformance/oracles/faults.ts";
import { loadSuite, program } from "./conformance/program.ts";
import { hazards } from "./conformance/sources.ts";

const lab = new Lab();
afterAll(() => lab.close());

/** Programs that take long, or whose stops are no part of what they show. */
const slow = /^calls\/endless-recursion|^values\/large/;
const corpus = loadSuite(hazards).filter(({ id }) => !slow.test(id));
const themes = [...new Set(corpus.map(({ id }) => id.split("/")[0] as string))];
const names = oracles.map(({ name }) => name);

describe("the corpus", () => {
  test.each(themes)("%s", { timeout: 180_000 }, async (theme) => {
    for (const each of corpus.filter(({ id }) => id.startsWith(`${theme}/`))) {
      const { rows, broken } = await lab.judge(each, names);
      expect(broken, each.id).toBeUndefined();
      for (const { backend, verdict } of rows) expect(verdict.kind === "wrong" ? verdict.got : "", `${backend} ${each.id}`).toBe("");
    }
  });
});

describe("a fault that L1 does not see", () => {
  test.each(faults)("$name", { timeout: 60_000 }, async (fault) => {
    const broken = program(fault.name, fault.program);
    const oracle = await lab.run("native", broken);
    if (oracle.kind !== "ran") throw new Error("the program does not run natively");
    for (const oracleName of fault.seenBy) {
      expect(judge(oracle.result, await lab.run(oracleName, broken)).kind, oracleName).toBe("pass");
      expect(judge(oracle.result, await lab.run(faultBackend(fault, oracleName), broken)).kind, oracleName).toBe("wrong");
    }
    expect(judge(oracle.result, await lab.run(faultBackend(fault, "L1"), broken)).kind, "L1").toBe("pass");
  });

  test("is shown for each oracle", () => {
    expect(names.filter((name) => !faults.some(({ seenBy }) => seenBy.includes(name)))).toEqual([]);
  });
});
