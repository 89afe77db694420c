// Stacks after a resume in another process: the lines of the source, and below them the flows that wait, in each toolchain.

import { expect, test } from "vitest";
import { Project } from "./project.ts";

const waits = [
  "[waits in] Promise.all (index 1)",
  "[waits in] review (src/onboard.ts:7:23)",
  "[waits in] onboard#map~7u8a3 (src/onboard.ts:16:26)",
  "[waits in] Promise.all (index 0)",
  "[waits in] onboard (src/onboard.ts:18:10)",
];

const stacks = {
  no: ["Error: no 10 today", "approve (src/approve.ts:12:11)", ...waits],
  yes: ["RangeError: no money", "<anonymous> (src/approve.ts:15:11)", "[waits in] approve (src/approve.ts:14:3)", ...waits],
  late: ["TimeoutError: listen(decision) timed out after 1 day", "[waits in] approve (src/approve.ts:10:19)", ...waits],
};

/** The lines of a stack that are about the project, files as they stand in the project. */
function lines(stack: string, folder: string): string[] {
  return stack.trim().split("\n").map((line) => line.replace("file://", "").replace(`${folder}/`, "").replace(/^ {4}at /, ""))
    .filter((line) => !line.includes("node:internal") && !/main\.[jt]s/.test(line));
}

async function expectStacks(project: Project, ...node: readonly string[]): Promise<void> {
  const { stdout: frame } = await project.node(node);
  for (const [input, expected] of Object.entries(stacks)) {
    const { stdout, stderr } = await project.node([...node, frame.trim(), input]);
    expect(stderr).toBe("");
    expect([input, lines(stdout, project.folder)]).toEqual([input, expected]);
  }
}

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
