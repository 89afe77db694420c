// Stepping through what each toolchain builds: the lines of a flow's source come in the order in which they come in the same function as it
// was written.

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { Project } from "./project.ts";

const folder = fileURLToPath(new URL("../../fixtures/stepping/", import.meta.url));
const names = readdirSync(folder).map((file) => file.replace(/\.js$/, ""));
const first = 2;

/** What the sources need, in their first line, where they have a comment. */
const flow = 'import { deflow } from "deflow"; import { refuse, wait } from "./work.js";';
const native = "const deflow = (f) => f, wait = async (value) => value, refuse = async (message) => { throw new Error(message); };";

function project(): Project {
  const made = new Project("6.0+4.0", "stepping");
  for (const name of names) {
    const source = readFileSync(`${folder}${name}.js`, "utf8").replace(/^.*/, "");
    made.write(`src/${name}.ts`, flow + source);
    made.write(`native-${name}.js`, native + source);
  }
  return made;
}

async function stepped(project: Project, file: string, lines: readonly number[]): Promise<number[][]> {
  const { stdout, stderr } = await project.node(["step.js", file, JSON.stringify(lines)]);
  expect(stderr).toBe("");
  return JSON.parse(stdout) as number[][];
}

/** Each line once where the debugger stays on it, as an editor numbers it. */
function path(lines: readonly number[]): number[] {
  return lines.filter((line, index) => line !== lines[index - 1]).map((line) => line + 1);
}

async function expectSteps(project: Project): Promise<void> {
  for (const name of names) {
    const lines = project.read(`src/${name}.ts`).split("\n");
    const [native = []] = await stepped(project, `native-${name}.js`, [first]);
    const [flow = []] = await stepped(project, `dist/${name}.js`, [first]);
    expect(native.length).toBeGreaterThan(10);
    // Where a `catch` takes its error there is an assignment to pause at.
    expect([name, path(flow.filter((line) => line >= 0 && !/^ *\} catch \(/.test(lines[line] ?? "")))]).toEqual([name, path(native)]);
    const reached = [...new Set(native)];
    expect([name, (await stepped(project, `dist/${name}.js`, reached)).map(([line]) => line)]).toEqual([name, reached]);
  }
}

describe("breakpoints and steps follow the source", () => {
  test("tsc", async () => {
    const built = project();
    expect(await built.tspc("-p", ".")).toEqual({ code: 0, stdout: "", stderr: "" });
    await expectSteps(built);
  });

  test("Vite", async () => {
    const built = project();
    expect(await built.bin("vite/bin/vite.js", "build")).toMatchObject({ code: 0, stderr: "" });
    await expectSteps(built);
  });
});
