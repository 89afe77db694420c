// The plugin of the bundlers, called as Vite calls it; the types of each bundler's entry.

import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger, createServer } from "vite";
import { expect, test, vi } from "vitest";
import type { Plugin as EsbuildPlugin } from "esbuild";
import type { Plugin as RolldownPlugin } from "rolldown";
import type { Plugin as RollupPlugin } from "rollup";
import type { Plugin as VitePlugin } from "vite";
import type { WebpackPluginInstance } from "webpack";
import * as esbuild from "../../compiler/adapters/esbuild.ts";
import * as farm from "../../compiler/adapters/farm.ts";
import * as rolldown from "../../compiler/adapters/rolldown.ts";
import * as rollup from "../../compiler/adapters/rollup.ts";
import * as rspack from "../../compiler/adapters/rspack.ts";
import { deflow } from "../../compiler/adapters/vite.ts";
import * as webpack from "../../compiler/adapters/webpack.ts";
import { compile, printLock } from "../../compiler/index.ts";

const good = 'import { deflow, listen } from "deflow";\nexport const f = deflow(async function f() {\n  await listen("x");\n});\n';
const bad = good.replace('await listen("x");', "let n = 0;\n  await step(() => { n++; });\n  await step(() => { n--; });").replace("listen", "step");

/** The tools' own types must accept their plugin. */
const plugins: readonly [VitePlugin, RollupPlugin, RolldownPlugin, EsbuildPlugin, { readonly name: string }] = [deflow(), rollup.deflow(), rolldown.deflow(), esbuild.deflow(), farm.deflow()];
const compilerPlugins: readonly WebpackPluginInstance[] = [webpack.deflow(), rspack.deflow()];

interface Thrown {
  message: string;
  loc: { file: string; line: number; column: number };
  frame: string;
}

function transform(code: string, id: string, watched: string[] = [], warned: unknown[] = []): ReturnType<ReturnType<typeof deflow>["transform"]["handler"]> {
  const own = deflow();
  own.configResolved({ root: join("/", "project") });
  const context = {
    error(error: unknown): never {
      throw error;
    },
    warn(warning: unknown): void {
      warned.push(warning);
    },
    addWatchFile(file: string): void {
      watched.push(file);
    },
  };
  return own.transform.handler.call(context, code, id);
}

test("a warning names its file and line, since Vite shows neither: of a file that another tool has compiled", () => {
  const { code } = compile(good, { fileName: "f.ts" }) ?? { code: "" };
  const warned: unknown[] = [];
  transform(code, "/project/src/f.ts", [], warned);
  expect(warned).toEqual([expect.stringMatching(/^warning DF110: [^]*--> \/project\/src\/f\.ts:\d+:\d+\n/)]);
});

test("compiles a file with a flow and names it relative to the project", () => {
  const result = transform(good, "/project/src/a.ts?v=1");
  expect(result?.code).toContain("$.flow(");
  expect(result?.code).toContain('file: "src/a.ts"');
  expect(result?.map).toMatchObject({ version: 3, sourcesContent: [good] });
});

test.each([["a file without a flow", "export {};", "/project/a.ts"], ["another package", good, "/project/node_modules/p/a.js"], ["a virtual module", good, "\0virtual.js"], ["a style sheet", good, "/project/a.css"]])(
  "leaves %s alone", (_, code, id) => expect(transform(code, id) ?? null).toBeNull(),
);

test("stops at errors: the first with its place and frame, the others in full behind it", () => {
  let thrown: Thrown | undefined;
  try {
    transform(bad, "/project/a.ts");
  } catch (error) {
    thrown = error as Thrown;
  }
  expect(thrown?.loc).toEqual({ file: "/project/a.ts", line: 4, column: 21 });
  expect(thrown?.frame).toContain("4 |   await step(() => { n++; });");
  expect(thrown?.message.match(/DF106/g)?.length).toBeGreaterThanOrEqual(2);
  expect(thrown?.message).toContain("a.ts:5:22");
});

test("the filter of the plugin lets the same files through as its handler", () => {
  const { id } = deflow().transform.filter;
  for (const path of ["/a.ts", "/a.mts", "/a.cjs", "/a.tsx?x"]) expect(id.test(path)).toBe(true);
  expect(id.test("/a.css")).toBe(false);
});

test("each bundler's entry gives a plugin", () => {
  expect(plugins.map(({ name }) => name)).toEqual(plugins.map(() => "deflow"));
  expect(compilerPlugins.map(({ apply }) => typeof apply)).toEqual(["function", "function"]);
});

test("the lock of the nearest package is watched, be there one or not, and where it cannot be read", () => {
  const folder = mkdtempSync(join(tmpdir(), "deflow-watched-"));
  try {
    writeFileSync(join(folder, "package.json"), "{}");
    const watched: string[] = [];
    transform(good, join(folder, "a.ts"), watched);
    expect(watched).toEqual([join(folder, "deflow.lock.json")]);
    writeFileSync(join(folder, "deflow.lock.json"), "<<<<<<<");
    expect(() => transform(good, join(folder, "b.ts"), watched)).toThrow("DF406");
    expect(watched).toHaveLength(2);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("vite serve compiles a file again when the lock has changed, and warns of what it leaves behind", async () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "deflow-served-")));
  const lock = join(folder, "deflow.lock.json");
  const release = (text: string): void => writeFileSync(lock, printLock({ version: 1, flows: compile(text, { fileName: "f.ts" })?.shapes() ?? {} }));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  writeFileSync(join(folder, "f.ts"), good);
  release(good);
  let warned = "";
  const customLogger = { ...createLogger("silent"), warn: (text: string) => void (warned += text) };
  const runtime = { find: /^deflow(?=\/|$)/, replacement: join(folder, "runtime") };
  writeFileSync(join(folder, "runtime.ts"), "export const deflow = (fn) => fn; export const listen = () => {};");
  mkdirSync(join(folder, "runtime"));
  writeFileSync(join(folder, "runtime/internal.ts"), "export const { flow, code } = new Proxy({}, { get: () => () => 1 });");
  const server = await createServer({ root: folder, configFile: false, plugins: [deflow()], customLogger, resolve: { alias: [runtime] }, server: { middlewareMode: true, ws: false } });
  try {
    const loaded = async (): Promise<unknown> => (await server.ssrLoadModule("/f.ts") as { f: unknown }).f;
    expect(await loaded()).toBe(1);
    expect(warned).toBe("");
    await vi.waitFor(async () => {
      release(good.replace('"x"', '"y"')); // again and again: the watcher may have begun after the first
      await loaded();
      expect(warned).toContain("DF402");
    }, { timeout: 20_000, interval: 100 });
  } finally {
    await server.close();
    rmSync(folder, { recursive: true });
  }
});
