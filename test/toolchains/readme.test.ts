// The README does what it says: its files are the project, its configuration the project's, its commands are run.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { Project } from "./project.ts";

const readme = readFileSync(fileURLToPath(new URL("../../README.md", import.meta.url)), "utf8");

/** The README's fenced blocks of a language, in order. */
function blocks(language: string): string[] {
  return [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, "gm"))].map(([, text]) => text as string);
}

/** As the command among those of the setup sets it. */
const packageType = /^npm pkg set type=(\w+)/m.exec(readme)?.[1];

function readmeProject(): Project {
  const project = new Project("6.0+4.0");
  project.write("package.json", JSON.stringify({ type: packageType }));
  for (const text of blocks("ts")) project.write(/^\/\/ (\S+)\n/.exec(text)?.[1] as string, text);
  return project;
}

test("the example, by the tsconfig that is shown and tspc", async () => {
  const project = readmeProject();
  const [tsconfig = ""] = blocks("json");
  project.write("tsconfig.json", tsconfig);
  expect(await project.tspc()).toEqual({ code: 0, stdout: "", stderr: "" });
  const { stdout, code } = await project.node(["main.js"]);
  expect(stdout).toBe("[ 'Approve 120?' ] waiting\n");
  expect(readme).toContain(`// ${stdout.trim()}`);
  expect(code).toBe(0);
});

test("the example, by the loader", async () => {
  const project = readmeProject();
  const tsx = project.path("../../node_modules/tsx/dist/esm/index.mjs");
  const { stdout, code } = await project.node(["--import", "deflow/register", "--import", tsx, "main.ts"]);
  expect(stdout).toBe("[ 'Approve 120?' ] waiting\n");
  expect(code).toBe(0);
});

test.each([["explain", "flow.ts"], ["explain", "DF106"], ["graph", "flow.ts"]])("npx deflow %s %s", async (command, subject) => {
  const { stdout, code } = await readmeProject().bin("deflow/dist/cli.js", command, subject);
  expect(stdout.length).toBeGreaterThan(100);
  expect(code).toBe(0);
});

test("every command of the README is one that is run: here, by the tests beside, or by CI", () => {
  const here = ["npm i deflow && npm i -D typescript@6 ts-patch", "npm pkg set type=module", "npx tspc"];
  const byCi = ["npm ci && npm run demo", "npm ci && npm test"];
  const commands = blocks("sh").flatMap((text) => text.trim().split("\n")).map((line) => line.replace(/\s+#.*/, ""));
  expect(commands.toSorted()).toEqual([...here, ...byCi].toSorted());
});

test("it is under three screens", () => {
  expect(readme.split("\n").length).toBeLessThan(150);
});

test("its figures are those of the committed results", () => {
  const results = JSON.parse(readFileSync(fileURLToPath(new URL("../bench/results/latest.json", import.meta.url)), "utf8")) as Record<string, unknown>;
  const rows = Object.values(results).filter(Array.isArray).flat() as { name: string; ratio: number; limit?: number }[];
  const shown = [...readme.matchAll(/^\| (.+) \| (\d+\.\d\d) \| (\d+\.\d\d) \|$/gm)];
  expect(shown.length).toBeGreaterThan(5);
  for (const [, name, ratio, limit] of shown) {
    const row = rows.find((each) => each.name === name);
    expect([row?.ratio.toFixed(2), row?.limit?.toFixed(2)], name).toEqual([ratio, limit]);
    expect(Number(ratio), name).toBeLessThanOrEqual(Number(limit));
  }
});
