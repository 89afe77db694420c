// TypeScript 7 at the top of a project: it has no transformers and says nothing about the entry. Our package brings its own
// TypeScript, so everything that goes from text to text works beside it.

import { cpSync } from "node:fs";
import { expect, test } from "vitest";
import { expectApart } from "./apart.ts";
import { builds, bundled } from "./builds.ts";
import { fixtureFile, Project } from "./project.ts";
import { expectStacksOf } from "./stacks.ts";

test("tsc stays version 7, and what it emits throws NotCompiled", async () => {
  const project = new Project("7", "tsc");
  expect((await project.bin("typescript/bin/tsc", "-v")).stdout).toContain("7.");
  expect(await project.bin("typescript/bin/tsc", "-p", ".")).toMatchObject({ code: 0 });
  const { code, stderr } = await project.node(["dist/main.js"]);
  expect(code).not.toBe(0);
  expect(stderr).toContain("was not compiled");
});

test("what tsc 7 emitted runs with the loader", async () => {
  const project = new Project("7", "tsc");
  await project.bin("typescript/bin/tsc", "-p", ".");
  expect((await project.node(["--import", "deflow/register", "dist/main.js"])).stdout).toContain("completed paid 10 at 1");
});

test("deflow tsc checks with version 7, and writes compiled flows with their declarations and maps", async () => {
  const project = new Project("7", "tsc");
  const deflow = (...words: string[]) => project.bin("deflow/dist/cli.js", "tsc", ...words);
  expect(await deflow("-p", ".")).toEqual({ code: 0, stdout: "", stderr: "" });
  expect((await project.node(["dist/main.js"])).stdout).toContain("completed paid 10 at 1");
  await expectApart(project, ["--enable-source-maps"], "dist/flow.js", [["before flow.ts:7"], ["after flow.ts:9", "in a loop flow.ts:12 1", "completed paid 10 at 1"]]);
  expect(project.read("dist/flow.d.ts")).toContain("approve");
  project.edit("src/flow.ts", "export const approve", 'const wrong: number = "text";\nexport const approve');
  expect(await deflow("-p", "tsconfig.json", "--noEmit")).toMatchObject({ code: 1, stderr: expect.stringMatching(/src\/flow\.ts.*TS2322/) as string });
  expect(await deflow("-p", "none.json")).toMatchObject({ code: 2, stderr: expect.stringContaining("there is no") as string });
});

test("the Vite plugin works", async () => {
  const project = new Project("7", "vite");
  cpSync(fixtureFile("tsc/src"), project.path("src"), { recursive: true });
  expect(await project.bin("vite/bin/vite.js", "build")).toMatchObject({ code: 0, stderr: "" });
  expect((await project.node(["dist/main.js"])).stdout).toContain("completed paid 10 at 1");
});

test.each(["Rollup", "esbuild"] as const)("the plugin of %s works", async (bundler) => {
  const project = bundled("7");
  expect(await project.node(builds[bundler])).toMatchObject({ code: 0 });
  await expectStacksOf(project, (...words) => project.node(["--enable-source-maps", "dist/main.js", ...words]));
});

test("the plugin of webpack works; ts-loader is not for version 7", async () => {
  const project = bundled("7");
  for (const file of ["flow.js", "main.js"]) cpSync(fixtureFile(`loader/${file}`), project.path(file));
  expect(await project.node(["webpack.cjs", "--javascript"])).toMatchObject({ code: 0 });
  expect((await project.node(["--enable-source-maps", "dist/main.js"])).stdout).toBe("before flow.js:4\nwaiting\nafter flow.js:6\ncompleted paid 10 true\n");
});

test("the CLI works", async () => {
  const project = new Project("7", "loader");
  const { code, stdout } = await project.bin("deflow/dist/cli.js", "compile", "flow.js");
  expect([code, stdout.includes("deflow/internal")]).toEqual([0, true]);
});
