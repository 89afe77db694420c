// Jest, whose transformers are given the compiled text, or compile it themselves: one run for all ways, each a project of Jest's.

import { cpSync } from "node:fs";
import { expect, test } from "vitest";
import { fixtureFile, Project } from "./project.ts";
import { expectStack } from "./stacks.ts";

const ways = ["swc", "ts-jest", "ts-patch"];

test("by @swc/jest, by ts-jest, and by ts-jest over ts-patch: a flow goes on in another process, with the stacks of the source", async () => {
  const project = new Project("6.0+4.0", "stacks");
  cpSync(fixtureFile("jest"), project.folder, { recursive: true });
  for (const [round, ...options] of [["begins"], ["goes on", "--coverage", "--coverageReporters", "json", "--collectCoverageFrom", "covered.js"]] as const) {
    const { code, stderr } = await project.bin("jest/bin/jest.js", "--ci", "--cacheDirectory", project.path("cache"), ...options);
    expect([round, code, code === 0 ? "" : stderr]).toEqual([round, 0, ""]);
  }
  for (const way of ways) for (const input of ["no", "yes"] as const) expectStack(project, input, project.read(`${way}.${input}`));

  expect(countsOf(project.read("coverage/coverage-final.json"))).toEqual({ 4: 1, 5: 1, 6: 1, 7: 0, 9: 1 });

  // A file with errors, by the text of its own that Jest has cached before.
  cpSync(fixtureFile("broken.ts"), project.path("src/onboard.ts"));
  const { code, stderr } = await project.bin("jest/bin/jest.js", "--ci", "--cacheDirectory", project.path("cache"), "--selectProjects", "swc");
  expect(code).not.toBe(0);
  expect(stderr).toContain("error DF106");
  expect(stderr).toMatch(/5 \| .*total \+= n/);
});

/** How often each line of the one file ran. */
function countsOf(report: string): Record<number, number> {
  interface Covered {
    readonly statementMap: Record<string, { readonly start: { readonly line: number } }>;
    readonly s: Record<string, number>;
  }
  const [covered] = Object.values(JSON.parse(report) as Record<string, Covered>);
  return Object.fromEntries(Object.entries(covered?.statementMap ?? {}).map(([id, { start }]) => [start.line, covered?.s[id] ?? -1]));
}
