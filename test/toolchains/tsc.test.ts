// The compiler inside tsc: one entry in tsconfig.json, with each pair of TypeScript and ts-patch that is supported.

import { spawn } from "node:child_process";
import { cpSync, existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { transformProgram } from "../../compiler/adapters/transformer.ts";
import { compile, printLock } from "../../compiler/index.ts";
import { expectApart } from "./apart.ts";
import { fixtureFile, Project } from "./project.ts";

const expected = ["before flow.ts:7", "waiting", "after flow.ts:9", "in a loop flow.ts:12 1", "completed paid 10 at 1", ""].join("\n");
const error = /src[\\/]broken\.ts\(5,29\): error TS990106: DF106: /;

function broken(project: Project): Project {
  cpSync(fixtureFile("broken.ts"), project.path("src/broken.ts"));
  return project;
}

describe.each(["5.9+3.3", "6.0+3.3", "6.0+4.0"] as const)("TypeScript + ts-patch %s", (bench) => {
  test.each(["module", "commonjs"])("builds a project of type %s, whose stacks name the lines of the source before and after a resume", async (type) => {
    const project = new Project(bench, "tsc");
    project.edit("package.json", '"type": "module"', `"type": "${type}"`);
    expect(await project.tspc("-p", ".")).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(project.read("dist/flow.js")).toContain("deflow/internal");
    expect(project.read("dist/flow.d.ts")).toMatch(/\/\*\* Approves an expense\. \*\/\s+export declare const approve: .*Flow<\[expense: Expense\], string>;/);
    expect(await project.node(["--enable-source-maps", "dist/main.js"])).toEqual({ code: 0, stdout: expected, stderr: "" });
  });

  test("--noEmit shows our errors at the author's positions and fails", async () => {
    const project = broken(new Project(bench, "tsc"));
    cpSync(fixtureFile("typed.ts"), project.path("src/typed.ts"));
    project.edit("tsconfig.json", '"transformProgram": true', '"transformProgram": true, "any": true');
    const { code, stdout, stderr } = await project.tspc("-p", ".", "--noEmit");
    expect(stdout).toMatch(error);
    expect(stdout).toMatch(/src[\\/]typed\.ts\(6,9\): error TS990501: DF501: `seen` is a `WeakMap`/);
    expect(stderr).toMatch(/warning DF503: [^]*typed\.ts:5:67[^]*warning DF504: [^]*typed\.ts:7:3/);
    expect(stdout).toContain("Fix: Return the value from the step");
    expect(stdout.match(/TS990106/g)).toHaveLength(1);
    expect(code).toBe(2);
    expect(existsSync(project.path("dist"))).toBe(false);
  });

  test("a flow with errors is emitted as code that throws its message", async () => {
    const project = broken(new Project(bench, "tsc"));
    project.write("src/call.ts", 'import { begin } from "deflow";\nimport { broken } from "./broken.js";\nvoid begin(broken, [1]).then((run) => console.log(JSON.stringify(run)), (error: unknown) => console.log(String(error)));\n');
    expect((await project.tspc("-p", ".")).code).toBe(2);
    const { stdout, stderr } = await project.node(["dist/call.js"]);
    expect(stdout + stderr).toContain("DF106");
  });

  test("noEmitOnError emits nothing", async () => {
    const project = broken(new Project(bench, "tsc"));
    const { code, stdout } = await project.tspc("-p", ".", "--noEmitOnError");
    expect([code, stdout.match(error) !== null, existsSync(project.path("dist"))]).toEqual([1, true, false]);
  });

  test.each([["incremental", ["-p", ".", "--incremental"]], ["-b", ["-b"]]] as const)("%s repeats errors and stays transformed", async (_, args) => {
    const project = broken(new Project(bench, "tsc"));
    project.edit("tsconfig.json", '"strict": true', '"strict": true, "composite": true');
    for (const round of ["first", "repeated"]) {
      const { code, stdout } = await project.tspc(...args);
      expect([round, code === 0, error.test(stdout)]).toEqual([round, false, true]);
    }
    rmSync(project.path("src/broken.ts"));
    expect(await project.tspc(...args)).toMatchObject({ code: 0, stdout: "" });
    expect((await project.node(["--enable-source-maps", "dist/main.js"])).stdout).toBe(expected);
    project.write("deflow.lock.json", lockOf(project, '"verdict"'));
    // Without a newer file of the project -b does not look into it.
    expect((await project.tspc(...args, ...(args[0] === "-b" ? ["--force"] : []))).stdout).toContain("DF402");
    rmSync(project.path("deflow.lock.json"));
    project.edit("src/flow.ts", "paid ", "gave ");
    expect(await project.tspc(...args)).toMatchObject({ code: 0, stdout: "" });
    expect((await project.node(["--enable-source-maps", "dist/main.js"])).stdout).toBe(expected.replace("paid", "gave"));
    await expectApart(project, ["--enable-source-maps"], "dist/flow.js", [["before flow.ts:7"], ["after flow.ts:9", "in a loop flow.ts:12 1", "completed gave 10 at 1"]]);
  });
});

test("watch: an error comes with the edit, or with the lock, and goes with its undoing", async () => {
  const project = new Project("6.0+4.0", "tsc");
  project.write("deflow.lock.json", lockOf(project, '"decision"'));
  const watch = spawn(process.execPath, [join(project.modules, "ts-patch/bin/tspc.js"), "-w", "--preserveWatchOutput"], { cwd: project.folder });
  try {
    const rounds = roundsOf(watch.stdout);
    expect(await rounds()).toContain("Found 0 errors");
    expect((await project.node(["dist/main.js"])).code).toBe(0);
    project.write("src/later.ts", readFileSync(fixtureFile("broken.ts"), "utf8"));
    expect(await rounds()).toContain("DF106");
    project.edit("src/later.ts", "{ total += n; }", "total + n");
    expect(await rounds()).toContain("Found 0 errors");
    project.edit("src/flow.ts", "paid ", "gave ");
    expect(await rounds()).toContain("Found 0 errors");
    expect((await project.node(["dist/main.js"])).stdout).toContain("gave 10");
    project.write("deflow.lock.json", lockOf(project, '"verdict"'));
    expect(await rounds()).toContain("DF402");
    project.write("deflow.lock.json", lockOf(project, '"decision"'));
    expect(await rounds()).toContain("Found 0 errors");
    await expectApart(project, ["--enable-source-maps"], "dist/flow.js", [["before flow.ts:7"], ["after flow.ts:9", "in a loop flow.ts:12 1", "completed gave 10 at 1"]]);
  } finally {
    watch.kill();
  }
});

/** What is released of `flow.ts` when it listens to another context. */
function lockOf(project: Project, context: string): string {
  const compiled = compile(project.read("src/flow.ts").replace('"decision"', context), { fileName: "src/flow.ts" });
  return printLock({ version: 1, flows: compiled?.shapes() ?? {} });
}

/** Each call gives what tsc -w wrote up to the end of its next round. */
function roundsOf(stream: NodeJS.ReadableStream): () => Promise<string> {
  let text = "";
  let notify = (): void => {};
  stream.on("data", (chunk: Buffer) => {
    text += chunk.toString();
    notify();
  });
  return async () => {
    for (;;) {
      const end = /Found \d+ errors?\. Watching for file changes\./.exec(text);
      if (end) {
        const round = text.slice(0, end.index + end[0].length);
        text = text.slice(round.length);
        return round;
      }
      await new Promise<void>((resolve) => {
        notify = resolve;
      });
    }
  };
}

test("of entries that stand twice, the same or not, the first acts, and one warning says what to do", async () => {
  const project = new Project("6.0+4.0", "tsc");
  const entry = '{ "transform": "deflow/transformer", "transformProgram": true }';
  for (const other of [entry, entry.replace("{", '{ "name": "deflow/language-service",')]) {
    project.edit("tsconfig.json", `[${entry}]`, `[${entry}, ${other}]`);
    const { code, stderr } = await project.tspc("-p", ".");
    expect([code, stderr.match(/listed twice/g)?.length]).toEqual([0, 1]);
    expect((await project.node(["dist/main.js"])).stdout).toContain("completed paid 10 at 1");
    project.edit("tsconfig.json", `[${entry}, ${other}]`, `[${entry}]`);
  }
});

test("an entry that does not say what it is for is told", async () => {
  const project = new Project("6.0+4.0", "tsc");
  project.edit("tsconfig.json", ', "transformProgram": true', "");
  const { code, stdout, stderr } = await project.tspc("-p", ".");
  expect(code).not.toBe(0);
  expect(stdout + stderr).toContain('deflow/transformer needs `"transformProgram": true`');
});

test("another version of TypeScript is told what to do", () => {
  for (const [version, way] of [["5.8.3", "typescript@5.9"], ["7.1.0", "deflow tsc"]] as const) expect(() => transformProgram({} as ts.Program, undefined, undefined, { ts: { ...ts, version } as typeof ts })).toThrow(way);
});
