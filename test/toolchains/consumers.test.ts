// The packed package as its users see it: every sub-path from ESM and from CommonJS, one copy of the runtime, no types lost.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Project } from "./project.ts";

const bench = "6.0+4.0";

function subPaths(project: Project): string[] {
  const { exports } = JSON.parse(readFileSync(join(project.modules, "deflow/package.json"), "utf8")) as { exports: Record<string, unknown> };
  return Object.keys(exports).filter((path) => path !== "./package.json").map((path) => `deflow${path.slice(1)}`);
}

/** All but the one that Bun alone can run. */
const inNode = (project: Project): string[] => subPaths(project).filter((path) => path !== "deflow/bun");

describe("every sub-path", () => {
  test("is imported from ESM", async () => {
    const project = new Project(bench);
    project.write("main.mjs", inNode(project).map((path) => `await import(${JSON.stringify(path)});\n`).join("") + 'console.log("ok");\n');
    expect(await project.node(["main.mjs"])).toEqual({ code: 0, stdout: "ok\n", stderr: "" });
  });

  test("is required from CommonJS", async () => {
    const project = new Project(bench);
    project.write("main.cjs", inNode(project).map((path) => `require(${JSON.stringify(path)});\n`).join("") + 'console.log("ok");\n');
    expect(await project.node(["main.cjs"])).toEqual({ code: 0, stdout: "ok\n", stderr: "" });
  });

  test.each(["nodenext", "bundler"])("has types under moduleResolution %s", async (moduleResolution) => {
    const project = new Project(bench);
    const names = subPaths(project).map((path, i) => `import * as m${i} from ${JSON.stringify(path)};\nvoid m${i};\n`).join("");
    for (const extension of moduleResolution === "bundler" ? ["mts"] : ["mts", "cts"]) project.write(`main.${extension}`, names);
    project.write("tsconfig.json", JSON.stringify({
      compilerOptions: { module: moduleResolution === "bundler" ? "esnext" : moduleResolution, moduleResolution, target: "es2022", strict: true, noEmit: true, skipLibCheck: false, types: ["node"] },
      include: ["main.*"],
    }));
    expect(await project.bin("typescript/bin/tsc", "-p", ".")).toEqual({ code: 0, stdout: "", stderr: "" });
  });
});

test("a flow in CommonJS runs under the ESM build: the two copies of the runtime are one", async () => {
  const project = new Project(bench, "tsc");
  project.edit("package.json", '"type": "module"', '"type": "commonjs"');
  expect(await project.tspc("-p", ".")).toMatchObject({ code: 0 });
  project.write("main.mjs", 'import { begin, resume } from "deflow";\nimport { approve } from "./dist/flow.js";\n'
    + 'const first = await begin(approve, [{ amount: 500 }]);\nconst second = await resume(first.frame, "decision", { ok: true });\nconsole.log(second.value);\n');
  const { stdout, stderr } = await project.node(["main.mjs"]);
  expect(stderr).toBe("");
  expect(stdout).toContain("paid 500 at 2");
});
