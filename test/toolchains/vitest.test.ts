// Vitest, by the plugin of Vite: a flow goes on in another process, with the stacks of the source.

import { cpSync } from "node:fs";
import { expect, test } from "vitest";
import { fixtureFile, Project } from "./project.ts";
import { expectStack } from "./stacks.ts";

test("a flow that a run of the tests began goes on in the next, with the stacks of the source", async () => {
  const project = new Project("6.0+4.0", "stacks");
  cpSync(fixtureFile("vitest"), project.folder, { recursive: true });
  const run = () => project.bin("vitest/vitest.mjs", "run", "--maxWorkers", "1");
  for (const round of ["begins", "goes on"]) {
    const { code, stdout, stderr } = await run();
    expect([round, code, code === 0 ? "" : stdout + stderr]).toEqual([round, 0, ""]);
  }
  const stack = (file: string): string => project.read(file).split("\n").filter((line) => !line.includes("/node_modules/@vitest/")).join("\n");
  for (const input of ["no", "yes"] as const) expectStack(project, input, stack(input));

  cpSync(fixtureFile("broken.ts"), project.path("src/onboard.ts"));
  const { code, stdout, stderr } = await run();
  expect([code, /DF106[^]*5 ?\|.*total \+= n/.test(stdout + stderr)]).toEqual([1, true]);
});
