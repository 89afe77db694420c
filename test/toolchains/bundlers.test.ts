// Text to text, in each bundler: what it builds goes on in another process, and errors stop it.

import { spawn, type ChildProcess } from "node:child_process";
import { cpSync, existsSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { builds, bundled } from "./builds.ts";
import { fixtureFile, type Project, toolEnvironment } from "./project.ts";
import { expectStacksOf } from "./stacks.ts";

const project = (): Project => bundled("6.0+4.0");

test.each(Object.entries(builds))("%s", async (_, build) => {
  const made = project();
  const { code, stdout, stderr } = await made.node(build);
  expect([code, code === 0 ? "" : stdout + stderr]).toEqual([0, ""]);
  for (const file of ["dist/main.js", "dist/main.cjs"].filter((file) => existsSync(made.path(file)))) {
    await expectStacksOf(made, (...words) => made.node(["--enable-source-maps", file, ...words]));
  }
});

test.each(Object.entries(builds).filter(([name]) => name !== "tsup"))("%s stops at a flow with errors, with its place and frame", async (_, build) => {
  const made = project();
  cpSync(fixtureFile("broken.ts"), made.path("src/main.ts"));
  const { code, stdout, stderr } = await made.node(build);
  expect(code).not.toBe(0);
  expect(stdout + stderr).toContain("DF106");
  expect(stdout + stderr).toMatch(/main\.ts(?::5:29| \(5:28\)|:5:28)/);
  expect(stdout + stderr).toMatch(/5 \| .*total \+= n/);
});

test("webpack whose ts-loader checks the types, with the transformer in the place of the plugin", async () => {
  const made = project();
  const { code, stdout } = await made.node(["webpack.cjs", "--checked"]);
  expect([code, code === 0 ? "" : stdout]).toEqual([0, ""]);
  await expectStacksOf(made, (...words) => made.node(["--enable-source-maps", "dist/main.js", ...words]));
});

const watches: Record<string, readonly string[]> = {
  Vite: ["../../node_modules/vite/bin/vite.js", "build", "--watch", "--logLevel", "info"],
  Rollup: [...builds.Rollup, "--watch"],
  esbuild: ["esbuild.js", "--watch"],
  webpack: ["webpack.cjs", "--watch"],
};

describe.concurrent("a changed lock is heeded in watch mode", () => {
  /** What is released of the program, and what would be of one with another point. */
  const locks = { held: "", wider: "" };
  beforeAll(async () => {
    const made = project();
    const lock = async (): Promise<string> => {
      const { code, stderr } = await made.bin("deflow/dist/cli.js", "lock");
      expect([code, stderr]).toEqual([0, ""]);
      return made.read("deflow.lock.json");
    };
    locks.held = await lock();
    made.edit("src/approve.ts", '  return "paid";', '  await listen("receipt");\n  return "paid";');
    locks.wider = await lock();
  });

  test.each(Object.entries(watches))("%s", async (_, watch) => {
    const made = project();
    made.write("deflow.lock.json", locks.held);
    const tool = spawn(process.execPath, watch, { cwd: made.folder, env: toolEnvironment() });
    try {
      const said = untilSaid(tool);
      await said(/built in|created dist|compiled|build finished/);
      made.write("deflow.lock.json", locks.wider);
      await said(/DF402/);
      made.write("deflow.lock.json", locks.held);
      await said(/built in|created dist|compiled .*successfully|build finished/);
    } finally {
      tool.kill();
    }
  });
});

/** Each call waits until the tool says something of the kind, after what the calls before it waited for. */
function untilSaid({ stdout, stderr }: ChildProcess): (what: RegExp) => Promise<void> {
  let text = "";
  let notify = (): void => {};
  for (const stream of [stdout, stderr]) stream?.on("data", (chunk: Buffer) => {
    text += chunk.toString();
    notify();
  });
  return async (what) => {
    for (;;) {
      const found = what.exec(text);
      if (found) {
        text = text.slice(found.index + found[0].length);
        return;
      }
      await new Promise<void>((resolve) => {
        notify = resolve;
      });
    }
  };
}
