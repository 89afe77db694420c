// What the project fixtures/toolchains/stacks does wherever it is built: it begins in one process and goes on in another, and its stacks are those of
// the source, with the flows that wait below them.

import { expect } from "vitest";
import type { Project } from "./project.ts";

const waits = [
  "[waits in] Promise.all (index 1)",
  "[waits in] review (src/onboard.ts:7:23)",
  "[waits in] onboard#map~7u8a3 (src/onboard.ts:16:26)",
  "[waits in] Promise.all (index 0)",
  "[waits in] onboard (src/onboard.ts:18:10)",
];

const stacks = {
  no: ["Error: no 10 today", "approve (src/approve.ts:12:11)", ...waits],
  yes: ["RangeError: no money", "src/approve.ts:15:11", "[waits in] approve (src/approve.ts:14:3)", ...waits],
  late: ["TimeoutError: listen(decision) timed out after 1 day", "[waits in] approve (src/approve.ts:10:19)", ...waits],
};

/** The lines of a stack that are about the project, files as they stand in the project. */
function lines(stack: string, folder: string): string[] {
  return stack.trim().split("\n").map((line) => line.replace("file://", "").replace(`${folder}/`, "").replace(/^ {4}at /, "").replace(/^<anonymous> \((.*)\)$/, "$1"))
    .filter((line) => !line.includes("node:internal") && !/main\.[cm]?[jt]s/.test(line));
}

export function expectStack(project: Project, input: keyof typeof stacks, stack: string): void {
  expect([input, lines(stack, project.folder)]).toEqual([input, stacks[input]]);
}

/** Where a tool's own lines are not those of the source: what threw, and who waits. */
export function expectWaits(project: Project, input: keyof typeof stacks, stack: string): void {
  const told = (all: readonly string[]): string[] => all.filter((line, index) => index === 0 || line.startsWith("[waits in]"));
  expect([input, told(lines(stack, project.folder))]).toEqual([input, told(stacks[input])]);
}

/** `run` starts the program with these words. */
export async function expectStacksOf(project: Project, run: (...words: string[]) => ReturnType<Project["node"]>, inputs: readonly (keyof typeof stacks)[] = ["no", "yes"]): Promise<void> {
  const { stdout: frame, stderr: trouble } = await run();
  expect(trouble).toBe("");
  await Promise.all(inputs.map(async (input) => {
    const { stdout, stderr } = await run(frame.trim(), input);
    expect(stderr).toBe("");
    expectStack(project, input, stdout);
  }));
}

/** The program by Node, with these words before its own. */
export async function expectStacks(project: Project, ...node: readonly string[]): Promise<void> {
  await expectStacksOf(project, (...words) => project.node([...node, ...words]), ["no", "yes", "late"]);
}
