// Text to text: Vite, and the Node loader alone and before tsx.

import { cpSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { expectApart } from "./apart.ts";
import { fixtureFile, Project } from "./project.ts";
import { expectStacksOf } from "./stacks.ts";

const bench = "6.0+4.0";
const printed = (file: string, lines: readonly number[]): string => [`before ${file}:${lines[0]}`, "waiting", `after ${file}:${lines[1]}`].join("\n");
const hasSyncHooks = Number(process.versions.node.split(".")[0]) >= 22;
const stripsTypes = Boolean((process.features as { typescript?: unknown }).typescript);

test("vite build, with stacks that name the lines of the source", async () => {
  const project = new Project(bench, "vite");
  cpSync(fixtureFile("tsc/src"), project.path("src"), { recursive: true });
  expect(await project.bin("vite/bin/vite.js", "build")).toMatchObject({ code: 0, stderr: "" });
  const { stdout, code } = await project.node(["--enable-source-maps", "dist/main.js"]);
  expect(stdout).toContain(printed("flow.ts", [7, 9]));
  expect(code).toBe(0);
});

test("vite stops at a flow with errors, with a code frame at its line", async () => {
  const project = new Project(bench, "vite");
  cpSync(fixtureFile("broken.ts"), project.path("src/main.ts"), { recursive: true });
  const { code, stderr } = await project.bin("vite/bin/vite.js", "build");
  expect(code).not.toBe(0);
  expect(stderr).toContain("DF106");
  expect(stderr).toContain("main.ts:5:2");
  expect(stderr).toContain("| ");
});

test("node --import deflow/register, ESM", async () => {
  const project = new Project(bench, "loader");
  const { stdout, stderr, code } = await project.node(["--import", "deflow/register", "main.js"]);
  expect(stderr).toBe("");
  expect(stdout).toContain(printed("flow.js", [4, 6]));
  expect(stdout).toContain("completed paid 10 true");
  expect(code).toBe(0);
  await expectApart(project, ["--import", "deflow/register"], "flow.js", [["before flow.js:4"], ["after flow.js:6", "completed paid 10 true"]]);
});

test.runIf(hasSyncHooks)("node --import deflow/register, CommonJS (Node 22 and later)", async () => {
  const project = new Project(bench, "loader");
  const cjs = (file: string): void => {
    const text = project.read(`${file}.js`)
      .replaceAll(/import (.*) from (".*");/g, (_, names: string, from: string) => `const ${names} = require(${from.replace(".js", ".cjs")});`)
      .replace("export const approve =", "const approve = exports.approve =");
    project.write(`${file}.cjs`, file === "main" ? `void (async () => {\n${text}\n})();\n` : text);
  };
  for (const file of ["flow", "main"]) cjs(file);
  const { stdout, stderr, code } = await project.node(["--import", "deflow/register", "main.cjs"]);
  expect(stderr).toBe("");
  expect(stdout).toContain(printed("flow.cjs", [4, 6]));
  expect(code).toBe(0);
});

test.runIf(stripsTypes)("node --import deflow/register, TypeScript whose types Node strips", async () => {
  const project = new Project(bench, "loader");
  project.write("flow.ts", project.read("flow.js").replace("(expense)", "(expense: { readonly amount: number }): Promise<string>").replace("function where()", "function where(): string").replace("new Error().stack", "(new Error().stack as string)"));
  project.write("main.ts", project.read("main.js").replace("./flow.js", "./flow.ts"));
  const { stdout, code } = await project.node(["--import", "deflow/register", "main.ts"]);
  expect(stdout).toContain(printed("flow.ts", [4, 6]));
  expect(code).toBe(0);
});

test("node --import deflow/register --import tsx, TypeScript as it stands", async () => {
  const project = new Project(bench, "loader");
  cpSync(fixtureFile("tsc/src"), project.path("src"), { recursive: true });
  const { stdout, stderr, code } = await project.node(["--import", "deflow/register", "--import", "tsx", "src/main.ts"]);
  expect(stderr).toBe("");
  expect(stdout).toContain(printed("flow.ts", [7, 9]));
  expect(code).toBe(0);
});

test("tsx in a CommonJS package passes by all loaders: what else to do is told", async () => {
  const project = new Project(bench, "stacks");
  project.edit("package.json", '"type": "module"', '"type": "commonjs"');
  const { stderr, code } = await project.node(["--import", "deflow/register", "--import", "tsx", "src/main.ts"]);
  expect(code).not.toBe(0);
  expect(stderr).toContain('tsx runs it, and loads CommonJS past all loaders: make the package "type": "module"');
});

test("tsx before the loader: the order is told", async () => {
  const project = new Project(bench, "loader");
  cpSync(fixtureFile("tsc/src"), project.path("src"), { recursive: true });
  const { stderr, code } = await project.node(["--import", "tsx", "--import", "deflow/register", "src/main.ts"]);
  expect(code).not.toBe(0);
  expect(stderr).toContain("flow.ts was changed by another loader");
  expect(stderr).toContain("node --import deflow/register --import tsx");
});

test("ts-node over ts-patch, CommonJS", async () => {
  const project = new Project(bench, "stacks");
  project.edit("package.json", '"type": "module"', '"type": "commonjs"');
  project.edit("tsconfig.json", '"compilerOptions"', '"ts-node": { "compiler": "ts-patch/compiler", "experimentalResolver": true, "files": true }, "compilerOptions"');
  await expectStacksOf(project, (...words) => project.node(["--no-deprecation", "-r", "ts-node/register", "src/main.ts", ...words]), ["no"]);
});

test("the loader stops at a flow with errors, with a code frame and without a stack", async () => {
  const project = new Project(bench, "loader");
  cpSync(fixtureFile("broken.js"), project.path("broken.js"));
  const { code, stderr } = await project.node(["--import", "deflow/register", "broken.js"]);
  expect(code).not.toBe(0);
  expect(stderr).toContain("error DF106: ");
  expect(stderr).toContain("broken.js:5:29");
  expect(stderr).not.toContain("node_modules/deflow");
});

test("without the loader `deflow()` throws and says how to install it", async () => {
  const project = new Project(bench, "loader");
  const { code, stderr } = await project.node(["main.js"]);
  expect(code).not.toBe(0);
  expect(stderr).toContain("was not compiled");
  expect(stderr).toContain("deflow/register");
});

test("the command line goes on with a run of a store, with and without the flow's code", async () => {
  const project = new Project(bench, "loader");
  project.write("start.js", 'import { createEngine } from "deflow";\nimport { sqlite } from "deflow/sqlite";\nimport { approve } from "./flow.js";\nconst store = sqlite("runs.db");\nawait createEngine({ store, flows: { approve } }).start(approve, [{ amount: 10 }], { id: "E-1" });\nawait store.close();\n');
  expect(await project.node(["--import", "deflow/register", "start.js"])).toMatchObject({ code: 0 });
  const deflow = (...args: string[]) => project.bin("deflow/dist/cli.js", ...args, "--store", "runs.db");
  const shown = await deflow("show", "E-1");
  expect(shown.code).toBe(0);
  expect(shown.stdout).toContain("approve  flow.js:5:18  at listen:decision, waits for listen(decision)");
  // It ends though the program would go on.
  project.write("program.js", 'import "./flow.js";\nsetInterval(() => {}, 1000);\n');
  const { code, stdout } = await deflow("continue", "E-1", "decision", '{"ok":true}', "--program", "program.js");
  expect(code).toBe(0);
  expect(stdout).toMatch(/after flow\.js:6\nE-1 {2}approve {2}completed {2}turn 2\nvalue {2}'paid 10 true'\n$/);
  expect(await deflow("ls", "--status", "stranded", "--program", "none.js")).toMatchObject({ code: 2, stdout: "" });
});

test("the command line colours what FORCE_COLOR asks for, unless NO_COLOR does not, and no pipe by itself", async () => {
  const project = new Project(bench, "tsc");
  cpSync(fixtureFile("broken.ts"), project.path("src/broken.ts"));
  project.edit("tsconfig.json", '"plugins": [{ "transform": "deflow/transformer", "transformProgram": true }]', '"plugins": []');
  const cli = join(project.modules, "deflow/dist/cli.js");
  const coloured = async (env: Record<string, string>): Promise<boolean[]> => {
    const [{ stderr }, { stdout }] = await Promise.all([project.node([cli, "compile", "src/broken.ts"], env), project.node([cli, "init"], env)]);
    expect([stderr, stdout]).toEqual([expect.stringContaining("DF106"), expect.stringContaining("deflow/transformer")]);
    return [stderr, stdout].map((text) => text.includes("\u001b["));
  };
  expect(await coloured({ NO_COLOR: "" })).toEqual([false, false]);
  expect(await coloured({ NO_COLOR: "", FORCE_COLOR: "1" })).toEqual([true, true]);
  expect(await coloured({ NO_COLOR: "1", FORCE_COLOR: "1" })).toEqual([false, false]);
});
