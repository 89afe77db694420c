// A flow that was built goes on in a second process: what fixtures/toolchains/apart.js does.

import { cpSync } from "node:fs";
import { expect } from "vitest";
import { fixtureFile, type Project } from "./project.ts";

/** `prints`: of the flow, in the first process and in the second, where it comes to its end. */
export async function expectApart(project: Project, node: readonly string[], module: string, prints: readonly [readonly string[], readonly string[]]): Promise<void> {
  cpSync(fixtureFile("apart.js"), project.path("apart.js"));
  const lines = async (...words: string[]): Promise<string[]> => {
    const { code, stdout, stderr } = await project.node([...node, "apart.js", module, ...words]);
    expect([code, stderr]).toEqual([0, ""]);
    return stdout.trim().split("\n");
  };
  const first = await lines();
  const frame = first.pop() as string;
  expect(first).toEqual(prints[0]);
  expect(await lines(frame)).toEqual(prints[1]);
}
