// Stacks after a resume in another process: the lines of the source, and below them the flows that wait, in each toolchain.

import { expect, test } from "vitest";
import { Project } from "./project.ts";
import { expectStacks } from "./stacks.ts";

test("tsc", async () => {
  const project = new Project("6.0+4.0", "stacks");
  expect(await project.tspc("-p", ".")).toEqual({ code: 0, stdout: "", stderr: "" });
  await expectStacks(project, "--enable-source-maps", "dist/main.js");
});

test("Vite", async () => {
  const project = new Project("6.0+4.0", "stacks");
  expect(await project.bin("vite/bin/vite.js", "build")).toMatchObject({ code: 0, stderr: "" });
  await expectStacks(project, "--enable-source-maps", "dist/main.js");
});

test("the Node loader, before tsx", async () => {
  await expectStacks(new Project("6.0+4.0", "stacks"), "--import", "deflow/register", "--import", "tsx", "src/main.ts");
});
