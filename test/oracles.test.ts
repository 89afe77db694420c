// Oracles beyond the trace, over the corpus, and mistakes of a runtime that show that each can fail.

import { afterAll, describe, expect, test } from "vitest";
import { compile, isFatal } from "../compiler/index.ts";
import { judge } from "./conformance/backend.ts";
import { Lab } from "./conformance/lab.ts";
import { oracles } from "./conformance/oracles/all.ts";
import { faultBackend, faults } from "./conformance/oracles/faults.ts";
import { stopsOf } from "./conformance/oracles/liveness/liveness.ts";
import { stopOf, wrongAt } from "./conformance/oracles/minimality.ts";
import { asModule, loadSuite, type Program, program } from "./conformance/program.ts";
import { hazards, made } from "./conformance/sources.ts";

/** Programs that are compiled for the minimality of their frames alone. */
const random = 200;

const lab = new Lab();
afterAll(() => lab.close());

/** Programs that take long, or whose stops are no part of what they show. */
const slow = /^calls\/endless-recursion|^values\/large/;
const corpus = loadSuite(hazards).filter(({ id }) => !slow.test(id));
const themes = [...new Set(corpus.map(({ id }) => id.split("/")[0] as string))];
const names = oracles.map(({ name }) => name);
/**
 * Those of `growth` have hundreds of stops, too many for the oracles that resume older frames; a program that does not promise L2 looks
 * at its own realm, and must not be resumed in another.
 */
const oraclesOf = ({ id, levels }: Program): readonly string[] => {
  if (id.startsWith("growth/")) return ["growth", "minimality"];
  return levels.includes("L2") ? names : ["canonical", "minimality"];
};

describe("the corpus", () => {
  test.each(themes)("%s", { timeout: 180_000 }, async (theme) => {
    for (const each of corpus.filter(({ id }) => id.startsWith(`${theme}/`))) {
      const { rows, broken } = await lab.judge(each, oraclesOf(each));
      expect(broken, each.id).toBeUndefined();
      for (const { backend, verdict } of rows) expect(verdict.kind === "wrong" ? verdict.got : "", `${backend} ${each.id}`).toBe("");
    }
  });
});

describe("frames are minimal", () => {
  test(`in ${random} random programs`, { timeout: 300_000 }, () => {
    const wrong: string[] = [];
    let points = 0;
    let judged = 0;
    let dead = 0;
    for (let i = 0; i < random; i++) {
      const each = made({ seed: 7_000_000 + i, features: ["all"] });
      const text = asModule(each);
      const compiled = compile(text, { fileName: "program.js" });
      if (compiled === null || compiled.diagnostics.some(isFatal)) continue;
      const stops = stopsOf(text);
      points += compiled.points.length;
      for (const point of compiled.points) {
        const stop = stopOf(point, stops);
        if (stop === undefined) continue;
        judged++;
        dead += stop.declared - stop.may.size;
        const found = wrongAt(point, stops);
        if (found !== undefined) wrong.push(`${each.id}: ${found}`);
      }
    }
    expect(wrong).toEqual([]);
    // What is not judged, and what is never certain, shows nothing.
    expect(judged).toBeGreaterThan(0.9 * points);
    expect(dead).toBeGreaterThan(2 * judged);
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
