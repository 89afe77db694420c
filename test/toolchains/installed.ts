// Tools that would double what `npm ci` installs: each is installed by npm beside the packed package, and serves the same project as the tools
// beside. Not a part of `npm test`.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { afterAll, expect, test } from "vitest";
import { install, versions } from "./install.ts";
import { fixtureFile, Project, toolEnvironment } from "./project.ts";
import { expectStacks, expectStacksOf, expectWaits } from "./stacks.ts";

afterAll(() => console.log(`Installed: ${versions.join(", ")}.`));

function stacksProject(bench: ReturnType<typeof install>, ...fixtures: readonly string[]): Project {
  const made = new Project(bench, "stacks");
  for (const fixture of fixtures) cpSync(fixtureFile(fixture), made.folder, { recursive: true });
  return made;
}

test("Rspack, whose own SWC strips the types", async () => {
  const project = stacksProject(install("rspack", "@rspack/core@2"), "bundlers");
  expect(await project.node(["rspack.cjs"])).toMatchObject({ code: 0, stderr: "" });
  await expectStacks(project, "--enable-source-maps", "dist/main.js");
  cpSync(fixtureFile("broken.ts"), project.path("src/main.ts"));
  const { code, stdout } = await project.node(["rspack.cjs"]);
  expect([code, /main\.ts:5:29/.test(stdout)]).toEqual([1, true]);
});

test("tsdown", async () => {
  const project = stacksProject(install("tsdown", "tsdown"), "bundlers");
  expect(await project.bin("tsdown/dist/run.mjs")).toMatchObject({ code: 0 });
  await expectStacks(project, "--enable-source-maps", "dist/main.mjs");
});

test("Farm, whose maps have the lines alone", async () => {
  const project = stacksProject(install("farm", "@farmfe/core@1"), "bundlers");
  expect(await project.node(["farm.js"])).toMatchObject({ code: 0 });
  await goesOn(project, (...words) => project.node(["--enable-source-maps", "dist/main.mjs", ...words]), /\/src\/approve\.ts:12:/);
});

test("Bun, which has no use for maps", async () => {
  const project = stacksProject(install("bun", "bun@1"));
  const bun = project.path("../../node_modules/.bin/bun");
  await goesOn(project, (...words) => project.run(bun, ["--preload", "deflow/bun", "src/main.ts", ...words]), /src\/approve\.ts:/);
  const { code, stderr } = await project.run(bun, ["src/main.ts"]);
  expect([code, /Bun runs it: bun --preload deflow\/bun/.test(stderr)]).toEqual([1, true]);
});

test("Deno", async () => {
  const project = stacksProject(install("deno", "deno@2"));
  for (const file of ["main.ts", "onboard.ts"]) project.write(`src/${file}`, project.read(`src/${file}`).replaceAll('.js";', '.ts";'));
  const deno = project.path("../../node_modules/.bin/deno");
  await goesOn(project, (...words) => project.run(deno, ["run", "-A", "--preload", "npm:deflow/register", "src/main.ts", ...words]), /approve \(.*src\/approve\.ts:12:11\)/);
  const { code, stderr } = await project.run(deno, ["run", "-A", "src/main.ts"]);
  expect([code, /Deno runs it: deno run --preload npm:deflow\/register/.test(stderr)]).toEqual([1, true]);
  project.write("src/page.tsx", `${project.read("src/approve.ts")}\nexport const page = () => <p>text</p>;\n`);
  expect((await project.run(deno, ["run", "-A", "--preload", "npm:deflow/register", "src/page.tsx"])).stderr).toMatch(/page\.tsx has flows and JSX/);
});

test.each(["22", "24"])("Node %s, which strips the types itself", async (version) => {
  const project = stacksProject(install(`node${version}`, `node-${process.platform}-${process.arch}@${version}`));
  for (const file of ["main.ts", "onboard.ts"]) project.write(`src/${file}`, project.read(`src/${file}`).replaceAll('.js";', '.ts";'));
  const node = project.path(`../../node_modules/node-${process.platform}-${process.arch}/bin/node`);
  await expectStacksOf(project, (...words) => project.run(node, ["--disable-warning=ExperimentalWarning", "--import", "deflow/register", "src/main.ts", ...words]));
});

test.each([["Turbopack", []], ["webpack", ["--webpack"]]] as const)("Next.js, by %s", async (name, words) => {
  const project = stacksProject(next(), "next");
  if (name === "Turbopack") project.write("src/onboard.ts", project.read("src/onboard.ts").replace("./approve.js", "./approve")); // it maps no extensions
  const env = { NEXT_TELEMETRY_DISABLED: "1" };
  const { code, stdout, stderr } = await project.node(["../../node_modules/next/dist/bin/next", "build", ...words], env);
  expect([code, code === 0 ? "" : stdout + stderr]).toEqual([0, ""]);
  const { frame } = await served(project, env, {}) as { frame: string };
  for (const [input, ok] of [["no", false], ["yes", true]] as const) {
    const { stack } = await served(project, env, { frame, ok }) as { stack: string };
    expectWaits(project, input, stack);
  }
});

/** Begun in one process, gone on with in another, where the place at which an error was thrown is as far right as the tool lets it be. */
async function goesOn(project: Project, run: (...words: string[]) => ReturnType<Project["node"]>, place: RegExp): Promise<void> {
  const { stdout: frame } = await run();
  const { stdout } = await run(frame.trim(), "no");
  expectWaits(project, "no", stdout);
  expect(stdout).toMatch(place);
}

let installedNext: ReturnType<typeof install> | undefined;

/** Once for both of its bundlers. */
function next(): ReturnType<typeof install> {
  return (installedNext ??= install("next", "next@16", "react@19", "react-dom@19", "@types/react@19", "@types/node@20", "typescript@6"));
}

/** What the route answers in a server of its own. */
async function served(project: Project, env: Record<string, string>, body: object): Promise<unknown> {
  const port = await freePort();
  const server = spawn(process.execPath, ["../../node_modules/next/dist/bin/next", "start", "-p", String(port)], { cwd: project.folder, env: { ...toolEnvironment(), ...env }, stdio: ["ignore", "pipe", "inherit"] });
  try {
    await new Promise<void>((resolve, reject) => {
      server.stdout.on("data", (text: Buffer) => /Ready/.test(text.toString()) && resolve());
      server.once("exit", (code) => reject(new Error(`next start ended with ${code}`)));
    });
    const response = await fetch(`http://localhost:${port}/api/flow`, { method: "POST", body: JSON.stringify(body) });
    return await response.json();
  } finally {
    const ended = server.exitCode === null ? once(server, "exit") : undefined;
    server.kill();
    await ended;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
