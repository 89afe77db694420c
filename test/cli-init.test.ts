// deflow init: what it would change in a package, and that it changes nothing else; completion.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { pluginChange } from "../cli/init/plugin.ts";
import type { Io } from "../cli/io.ts";
import { run } from "../cli/run.ts";

const root = mkdtempSync(join(tmpdir(), "deflow-cli-init-"));
let folder = root;
let number = 0;
beforeEach(() => mkdirSync((folder = join(root, String(number++)))));
afterAll(() => rmSync(root, { recursive: true }));

const at = (name: string): string => join(folder, name);
const text = (name: string): string => readFileSync(at(name), "utf8");
const write = (name: string, content: string): void => writeFileSync(at(name), content);
const manifest = (scripts: object, devDependencies: object = { deflow: "1", typescript: "^6.0.0", "ts-patch": "^4.0.0" }): void => write("package.json", `${JSON.stringify({ name: "shop", scripts, devDependencies }, null, 2)}\n`);

async function deflow(args: readonly string[], io: Partial<Io> = {}): Promise<{ code: number; out: string; err: string }> {
  let out = "";
  let err = "";
  const code = await run(args, { out: (told) => void (out += told), err: (told) => void (err += told), colour: false, ...io });
  return { code, out, err };
}

describe("deflow init", () => {
  const tsconfig = '{\n  // strict from the first day\n  "compilerOptions": {\n    "strict": true, // always\n    "outDir": "dist",\n  },\n}\n';

  test("tsc: the transformer in tsconfig.json, whose comments stay, and tspc in the scripts", async () => {
    manifest({ build: "rm -rf dist && tsc", check: "tsc --noEmit", start: "node dist/main.js" });
    write("tsconfig.json", tsconfig);
    const shown = await deflow(["init", folder]);
    expect([shown.code, shown.err]).toEqual([1, "Nothing is written. `deflow init --yes` writes without asking.\n"]);
    expect(shown.out).toContain("Flows are compiled by tsc.\n\n--- tsconfig.json\n+++ tsconfig.json\n@@");
    expect(shown.out).toContain('-    "build": "rm -rf dist && tsc",\n-    "check": "tsc --noEmit",\n+    "build": "rm -rf dist && tspc",\n+    "check": "tspc --noEmit",');
    expect(text("tsconfig.json")).toBe(tsconfig);
    expect(await deflow(["init", folder, "--yes"])).toMatchObject({ code: 0, out: expect.stringContaining("Written: tsconfig.json, package.json.") as string });
    expect(text("tsconfig.json")).toContain("// strict from the first day");
    expect(text("tsconfig.json")).toContain('"strict": true, // always');
    expect(text("tsconfig.json").replaceAll(/\s+/g, "")).toContain('"plugins":[{"name":"deflow/language-service","transform":"deflow/transformer","transformProgram":true}]');
    expect(text("package.json")).toContain('"start": "node dist/main.js"');
    expect(await deflow(["init", folder])).toEqual({ code: 0, out: "Flows are compiled by tsc.\n\nIts configuration is as it should be.\n", err: "" });
  });

  test("says so where the tsconfig has no place for what `deflow lock` writes", async () => {
    manifest({ build: "tsc" });
    const toldOf = async (more: object): Promise<string[]> => {
      write("tsconfig.json", JSON.stringify(more));
      return (await deflow(["init", folder])).out.match(/^When .*deflow\.lock\.d\.ts.*$/gm) ?? [];
    };
    write("base.json", '{ "include": ["src"] }');
    for (const more of [{ include: ["src"] }, { include: ["src/**/*.ts", "test"] }, { files: ["a.ts"] }, { extends: "./base.json" }])
      expect(await toldOf(more), JSON.stringify(more)).toEqual([expect.stringMatching(/^When `deflow lock` has written it: Add deflow\.lock\.d\.ts to "include"/) as string]);
    for (const more of [{}, { include: ["**/*.ts"] }, { include: ["src", "*.ts"] }, { include: ["src", "./deflow.lock.d.ts"] }, { extends: "./base.json", include: ["."] }]) expect(await toldOf(more), JSON.stringify(more)).toEqual([]);
  });

  test("asks on a terminal, and takes no for an answer", async () => {
    manifest({ build: "tsc" });
    write("tsconfig.json", "{}\n");
    const answering = (answer: string) => deflow(["init", folder], { ask: async (question) => (question.startsWith("Write this?") ? answer : "?") });
    expect((await answering("")).code).toBe(1);
    expect(text("tsconfig.json")).toBe("{}\n");
    expect((await answering("y")).code).toBe(0);
    expect(text("tsconfig.json")).toContain("deflow/transformer");
  });

  test("says what is to be installed, with the package manager at hand", async () => {
    manifest({ build: "tsc" }, { typescript: "~5.9.3" });
    write("tsconfig.json", "{}\n");
    write("pnpm-lock.yaml", "");
    expect((await deflow(["init", folder])).out).toContain("To be installed:\n  pnpm add deflow\n  pnpm add -D ts-patch@3\n");
    for (const [typescript, told] of [["~5.6.0", true], ["5.8.3", true], ["^4.9", true], ["^5.6.0", false], ["latest", false], ["~5.9.1", false], ["6", false]] as const) {
      manifest({ build: "tsc" }, { typescript, deflow: "1", "ts-patch": "4" });
      expect([typescript, (await deflow(["init", folder])).out.includes(`pnpm add -D typescript@5.9   (the transformer is for 5.9 and 6; here it is ${typescript})`)]).toEqual([typescript, told]);
    }
    mkdirSync(at("node_modules/typescript"), { recursive: true });
    write("node_modules/typescript/package.json", '{ "version": "5.6.3" }');
    manifest({ build: "tsc" }, { typescript: "^5.4.0", deflow: "1", "ts-patch": "4" });
    expect((await deflow(["init", folder])).out).toContain("pnpm add -D typescript@5.9   (");
  });

  test("where there is no tsconfig.json yet, how to make one; then it gets the transformer", async () => {
    manifest({});
    const { code, out } = await deflow(["init", folder]);
    expect([code, out]).toEqual([1, `Flows are compiled by tsc.

tsconfig.json is for you to edit, since it is not there:
  npx tsc --init
  npx deflow init
`]);
    write("tsconfig.json", "{}\n");
    expect((await deflow(["init", folder, "--yes"])).out).toContain("Written: tsconfig.json.");
    manifest({ build: "tsc -p tsconfig.build.json" });
    expect((await deflow(["init", folder])).out).toContain('tsconfig.build.json is for you to edit, since it is not there:\n  in "compilerOptions": "plugins": [');
    // Without ts-patch nothing says that tsc is to compile the flows.
    manifest({}, { deflow: "1", typescript: "6" });
    rmSync(at("tsconfig.json"));
    expect((await deflow(["init", folder])).out).toContain("Flows are compiled by Node.");
  });

  test("tells of a ts-patch that does not go with TypeScript", async () => {
    write("tsconfig.json", "{}\n");
    for (const [typescript, patch, told] of [["^5.9.3", "^4.0.1", true], ["5.6.0", "4", true], ["^5.9.3", "^3.3.0", false], ["^6.0.0", "^4.0.1", false], ["^6.0.0", "^3.3.0", false]] as const) {
      manifest({ build: "tsc" }, { deflow: "1", typescript, "ts-patch": patch });
      expect([typescript, patch, (await deflow(["init", folder])).out.includes("  npm i -D ts-patch@3   (ts-patch 4 is for TypeScript 6)\n")]).toEqual([typescript, patch, told]);
    }
    manifest({ build: "vite build" }, { deflow: "1", typescript: "^5.9.3", "ts-patch": "4" });
    write("vite.config.ts", 'import { defineConfig } from "vite";\nexport default defineConfig({ plugins: [] });\n');
    expect((await deflow(["init", folder])).out).not.toContain("ts-patch");
  });

  test("with TypeScript 7 `deflow tsc` stands in the place of tsc, and what it does not take is told", async () => {
    const seven = { deflow: "1", typescript: "^7.0.0" };
    manifest({ build: "rm -rf dist && tsc -p tsconfig.build.json", check: "tsc --noEmit", types: "tsc --emitDeclarationOnly", watch: "tsc -w" }, seven);
    write("tsconfig.json", "{}\n");
    write("tsconfig.build.json", "{}\n");
    const { code, out } = await deflow(["init", folder, "--yes", "--json"]);
    const told = JSON.parse(out) as { tools: string[]; changes: { file: string }[]; byHand: { why: string; lines: string[] }[]; install: string[] };
    expect([code, told.tools, told.changes.map(({ file }) => file), told.install]).toEqual([1, ["deflow tsc"], ["package.json"], []]);
    expect(told.byHand).toEqual([{ file: "package.json", why: "the command `tsc -w` of the script `watch` is not understood", lines: [expect.stringContaining("deflow tsc -p . in the place of tsc") as string] }]);
    expect((JSON.parse(text("package.json")) as { scripts: object }).scripts).toEqual({ build: "rm -rf dist && deflow tsc -p tsconfig.build.json", check: "deflow tsc --noEmit", types: "tsc --emitDeclarationOnly", watch: "tsc -w" });
    manifest({ build: "deflow tsc" }, seven);
    expect(await deflow(["init", folder])).toEqual({ code: 0, out: "Flows are compiled by deflow tsc.\n\nIts configuration is as it should be.\n", err: "" });
    manifest({ check: "tsc --noEmit" }, seven);
    expect((await deflow(["init", folder])).out).toContain('no script of it builds, and the tsc of TypeScript 7 compiles no flows:\n  "build": "deflow tsc -p ."');
  });

  test("plugins that it has, itself or by what it extends, stay", async () => {
    manifest({ build: "tsc -p tsconfig.build.json" });
    write("tsconfig.json", '{ "compilerOptions": { "plugins": [{ "name": "editor" }] } }\n');
    write("tsconfig.build.json", '{ "extends": "./tsconfig.json" }\n');
    await deflow(["init", folder, "--yes"]);
    expect(text("tsconfig.build.json").replaceAll(/\s+/g, "")).toBe('{"extends":"./tsconfig.json","compilerOptions":{"plugins":[{"name":"editor"},{"name":"deflow/language-service","transform":"deflow/transformer","transformProgram":true}]}}');
    write("tsconfig.json", '{ "compilerOptions": { "plugins": [{ "name": "editor" }, { "transform": "deflow/transformer", "transformProgram": true }] } }\n');
    write("tsconfig.build.json", '{ "extends": "./tsconfig.json" }\n');
    expect((await deflow(["init", folder])).out).toContain("as it should be");
    write("tsconfig.json", '{ "compilerOptions": { "plugins": [{ "transform": "deflow/transformer" }] } }\n');
    expect((await deflow(["init", folder])).out).toContain('its entry of the transformer does not say "transformProgram": true');
    write("tsconfig.json", '{ "compilerOptions": { "plugins": [{ "transform": "deflow/transformer", "transformProgram": true }, { "transform": "deflow/transformer" }] } }\n');
    expect((await deflow(["init", folder])).out).toContain('one of its entries of the transformer does not say "transformProgram": true');
    write("tsconfig.build.json", '{ "files": [], "references": [{ "path": "./a" }] }\n');
    expect(await deflow(["init", folder])).toMatchObject({ code: 1, out: expect.stringContaining("it only refers to others") as string });
  });

  test("bundlers: the import and the call; what cannot be edited is told", async () => {
    manifest({ dev: "vite", check: "tsc --noEmit" });
    write("vite.config.ts", 'import { defineConfig } from "vite";\nimport react from "@vitejs/plugin-react";\n\nexport default defineConfig({\n  plugins: [react()],\n});\n');
    write("vitest.config.ts", 'import { mergeConfig } from "vitest/config";\nimport base from "./vite.config";\n\nexport default mergeConfig(base, {});\n');
    write("webpack.config.js", "module.exports = [{}, {}];\n");
    const { code, out } = await deflow(["init", folder, "--yes"]);
    expect(code).toBe(1);
    expect(out).toContain('webpack.config.js is for you to edit, since its configuration is no object that stands in it:\n  const { deflow } = require("deflow/webpack");\n  plugins: [deflow(), …]\n');
    expect(text("vite.config.ts")).toBe('import { defineConfig } from "vite";\nimport react from "@vitejs/plugin-react";\nimport { deflow } from "deflow/vite";\n\nexport default defineConfig({\n  plugins: [deflow(), react()],\n});\n');
  });

  test.each([
    ["no plugins", "export default {\n  root: 'src',\n}\n", "import { deflow } from \"deflow/vite\"\n\nexport default {\n  plugins: [deflow()],\n  root: 'src',\n}\n"],
    ["an empty object", 'import { defineConfig } from "vite";\nexport default defineConfig({});\n', 'import { defineConfig } from "vite";\nimport { deflow } from "deflow/vite";\nexport default defineConfig({ plugins: [deflow()] });\n'],
    ["a function", "import { defineConfig } from 'vite'\nexport default defineConfig(({ mode }) => ({ plugins: [], mode }))\n", "import { defineConfig } from 'vite'\nimport { deflow } from 'deflow/vite'\nexport default defineConfig(({ mode }) => ({ plugins: [deflow()], mode }))\n"],
    ["a constant, in CommonJS", 'const config = { plugins: [a()] };\nmodule.exports = config;\n', 'const { deflow } = require("deflow/vite");\n\nconst config = { plugins: [deflow(), a()] };\nmodule.exports = config;\n'],
    ["a directive first", '"use strict";\n\nmodule.exports = { plugins: [] };\n', '"use strict";\n\nconst { deflow } = require("deflow/vite");\n\nmodule.exports = { plugins: [deflow()] };\n'],
    ["lines of Windows", 'import a from "a";\r\nexport default { plugins: [a()] };\r\n', 'import a from "a";\r\nimport { deflow } from "deflow/vite";\r\nexport default { plugins: [deflow(), a()] };\r\n'],
    ["the import in a comment", '// import { deflow } from "deflow/vite";\nexport default {};\n', '// import { deflow } from "deflow/vite";\nimport { deflow } from "deflow/vite";\n\nexport default { plugins: [deflow()] };\n'],
    ["the name as a key", 'module.exports = { externals: { deflow: "commonjs deflow" }, plugins: [a.deflow] };\n', 'const { deflow } = require("deflow/vite");\n\nmodule.exports = { externals: { deflow: "commonjs deflow" }, plugins: [deflow(), a.deflow] };\n'],
    ["the plugin twice", 'import { deflow } from "deflow/vite";\nexport default { plugins: [deflow(), react(), deflow()] };\n', undefined],
    ["the plugin twice, by require", 'const { deflow } = require("deflow/vite");\nmodule.exports = { plugins: [deflow(), deflow()] };\n', undefined],
    ["the import, whose plugin nothing calls", 'import { deflow as flows } from "deflow/vite";\nexport default {};\n', undefined],
    ["plugins from elsewhere", "export default { plugins };\n", undefined],
    ["a spread", "export default { ...base };\n", undefined],
    ["a function with statements", "export default defineConfig(() => { return {}; });\n", undefined],
    ["the name taken", "import { deflow } from './flows';\nexport default {};\n", undefined],
    ["a syntax error", "export default {\n", undefined],
  ])("a config with %s", (_name, before, after) => {
    const outcome = pluginChange("vite.config.ts", before, { module: "vite", property: "plugins" });
    expect(outcome && ("after" in outcome ? outcome.after : undefined)).toBe(after);
    expect(outcome).toBeDefined();
  });

  test("a configuration that has the plugin, by another name or through `require`, is as it should be", () => {
    for (const text of ['import { deflow } from "deflow/vite";\nexport default { plugins: [deflow()], worker: { plugins: () => [deflow()] } };\n', 'import { deflow as flows } from "deflow/vite";\nexport default { plugins: [flows()] };\n', 'module.exports = { plugins: [require("deflow/vite").deflow()] };\n'])
      expect(pluginChange("vite.config.ts", text, { module: "vite", property: "plugins" })).toBeUndefined();
  });

  test.each([
    ["by its name", 'use: "ts-loader"', 'use: { loader: "ts-loader", options: { transpileOnly: true } }'],
    ["in a list", 'use: ["ts-loader"]', 'use: [{ loader: "ts-loader", options: { transpileOnly: true } }]'],
    ["without options", 'loader: "ts-loader"', 'loader: "ts-loader", options: { transpileOnly: true }'],
    ["with options", 'use: [{ loader: require.resolve("ts-loader"), options: { configFile: "a.json" } }]', 'use: [{ loader: require.resolve("ts-loader"), options: { transpileOnly: true, configFile: "a.json" } }]'],
    ["that transpiles", 'loader: "ts-loader", options: { transpileOnly: true }', 'loader: "ts-loader", options: { transpileOnly: true }'],
  ])("ts-loader %s: it checks no types of compiled text", (_name, rule, changed) => {
    const config = (text: string, plugin: string): string => `module.exports = { plugins: [${plugin}], module: { rules: [{ test: /\\.ts$/, ${text} }] } };\n`;
    const required = 'const { deflow } = require("deflow/webpack");\n\n';
    const webpack = { module: "webpack", property: "plugins" };
    expect(pluginChange("webpack.config.js", config(rule, "a"), webpack)).toMatchObject({ after: required + config(changed, "deflow(), a") });
    const outcome = pluginChange("webpack.config.js", required + config(rule, "deflow()"), webpack);
    if (rule === changed) expect(outcome).toBeUndefined();
    else expect(outcome).toMatchObject({ after: required + config(changed, "deflow()") });
  });

  test("ts-loader that is not understood is told, one that compiles the flows has no plugin, and something else checks the types", async () => {
    const byHand = async (rule: string, plugin = "", scripts: object = { build: "webpack" }): Promise<{ changed: string[]; why: string[]; lines: string }> => {
      manifest(scripts);
      write("webpack.config.cjs", `${plugin && 'const { deflow } = require("deflow/webpack");\n'}module.exports = { plugins: [${plugin}], module: { rules: [${rule}] } };\n`);
      const told = JSON.parse((await deflow(["init", folder, "--json"])).out) as { changes: { file: string }[]; byHand: { why: string; lines: string[] }[] };
      return { changed: told.changes.map(({ file }) => file), why: told.byHand.map(({ why }) => why), lines: told.byHand.flatMap(({ lines }) => lines).join("\n") };
    };
    expect(await byHand('{ use: "ts-loader" }')).toEqual({ changed: ["webpack.config.cjs"], why: ["ts-loader does not check the types any more, and no script does"], lines: '"types": "deflow tsc --noEmit"' });
    expect(await byHand('{ use: "ts-loader" }', "", { build: "webpack", types: "tsc --noEmit" })).toMatchObject({ why: [] });
    for (const rule of ['{ loader: "ts-loader", options: given }', '{ loader: "ts-loader", options: { transpileOnly: isFast } }', 'ruleFor("ts-loader")'])
      expect(await byHand(rule, "deflow()")).toMatchObject({ why: ["its ts-loader stands there in a form that is not understood"], lines: expect.stringContaining("transpileOnly: true") as string });
    write("tsconfig.json", "{}\n");
    const patched = '{ loader: "ts-loader", options: { compiler: "ts-patch/compiler" } }';
    expect(await byHand(patched)).toMatchObject({ changed: ["tsconfig.json"], why: [] });
    expect((await byHand(patched, "deflow()")).why).toEqual(["the plugin and ts-loader with ts-patch/compiler both compile the flows: one of them is enough"]);
  });

  test("bundlers that a script starts without a configuration, and by another one", async () => {
    manifest({ build: "tsup src/index.ts", bundle: "rollup -c build/rollup.js", test: "vitest run" });
    mkdirSync(at("build"));
    write("build/rollup.js", "export default { input: 'src/main.js' };\n");
    write("tsdown.config.ts", 'import { defineConfig } from "tsdown";\nexport default defineConfig({ entry: ["src/main.ts"] });\n');
    const told = JSON.parse((await deflow(["init", folder, "--yes", "--json"])).out) as object;
    const why = (tool: string): string => `it is not there, and the command line of ${tool} takes no plugin`;
    expect(told).toMatchObject({
      tools: ["Vitest", "Rollup", "tsdown", "tsup"],
      byHand: [
        { file: "vitest.config.ts", why: why("Vitest"), lines: ['import { deflow } from "deflow/vite";', "export default { plugins: [deflow()] };"] },
        { file: "tsup.config.ts", why: why("tsup"), lines: ['import { deflow } from "deflow/esbuild";', "export default { esbuildPlugins: [deflow()] };"] },
      ],
      written: ["build/rollup.js", "tsdown.config.ts"],
    });
    expect(text("tsdown.config.ts")).toBe('import { defineConfig } from "tsdown";\nimport { deflow } from "deflow/rolldown";\nexport default defineConfig({ plugins: [deflow()], entry: ["src/main.ts"] });\n');
  });

  test("Bun and Deno: the loader before the program, in deno.json too", async () => {
    manifest({ start: "NODE_ENV=production bun run src/main.ts", dev: "bun --watch src/main.ts", test: "bun test", build: "bun build src/main.ts --outdir dist", lint: "bun run check" }, { deflow: "1" });
    write("tsconfig.json", "{}\n");
    const bun = await deflow(["init", folder, "--yes"]);
    expect([bun.code, bun.out]).toEqual([1, expect.stringMatching(/^Flows are compiled by Bun\.[^]*`bun build src\/main\.ts --outdir dist` takes no plugins/)]);
    expect((JSON.parse(text("package.json")) as { scripts: object }).scripts).toEqual({
      start: "NODE_ENV=production bun --preload deflow/bun run src/main.ts", dev: "bun --preload deflow/bun --watch src/main.ts", test: "bun test --preload deflow/bun", build: "bun build src/main.ts --outdir dist", lint: "bun run check",
    });
    manifest({ start: "bun src/main.ts" }, { deflow: "1" });
    write("bunfig.toml", 'preload = ["deflow/bun"]\n');
    expect(await deflow(["init", folder])).toEqual({ code: 0, out: "Flows are compiled by Bun.\n\nIts configuration is as it should be.\n", err: "" });
    manifest({}, { deflow: "1" });
    write("deno.jsonc", '{\n  // what is run\n  "tasks": { "start": "deno run -A src/main.ts", "test": { "command": "deno test" } },\n}\n');
    expect(await deflow(["init", folder, "--yes"])).toMatchObject({ code: 0, out: expect.stringContaining("compiled by Deno.") as string });
    expect(text("deno.jsonc")).toBe('{\n  // what is run\n  "tasks": { "start": "deno run --preload npm:deflow/register -A src/main.ts", "test": { "command": "deno test --preload npm:deflow/register" } },\n}\n');
    expect(await deflow(["init", folder])).toMatchObject({ code: 0 });
    const deno = at("deno");
    mkdirSync(deno);
    write("deno/deno.json", '{ "tasks": { "start": "deno run -A main.ts" } }\n');
    expect(await deflow(["init", deno])).toEqual({ code: 2, out: "", err: expect.stringMatching(/deno` has a deno\.json and no package\.json.* Write one, `\{\}` is enough, and run `deflow init` again/) as string });
    write("deno/package.json", "{}");
    expect((await deflow(["init", deno])).out).toContain("deno run --preload npm:deflow/register -A main.ts");
    write("deno.jsonc", "{}\n");
    expect((await deflow(["init", folder])).out).toContain("no task of it starts a program:\n  deno run --preload npm:deflow/register main.ts");
  });

  test("swc and babel: what they wrote is compiled as it is loaded", async () => {
    for (const [build, left] of [["swc src -d dist", '"jsc": { "target": "es2022" }'], ["npx babel src --out-dir dist", '"targets": { "node": "20" }']] as const) {
      manifest({ build, start: "node dist/main.js" }, { deflow: "1" });
      write("tsconfig.json", "{}\n");
      const { code, out } = await deflow(["init", folder, "--yes"]);
      expect([code, out]).toEqual([1, expect.stringContaining(`\`${build}\` takes no plugins:\n  build with a tool that takes the plugin, as tsup; or let Node compile what it wrote:\n  node --import deflow/register dist/main.js\n`)]);
      expect(out).toContain(left);
      expect([text("package.json"), text("tsconfig.json")]).toEqual([expect.stringContaining('"start": "node --import deflow/register dist/main.js"'), "{}\n"]);
      expect(await deflow(["init", folder])).toMatchObject({ code: 0, out: expect.stringContaining("compiled by Node.") as string });
    }
  });

  test("projects in quotes, several of one build, and one project that is named in two ways", async () => {
    manifest({ build: "tsc -b \"packages/one two\" packages/three --verbose", types: "tsc -p './tsconfig.json' && tsc -p .", serve: 'concurrently "tsc -w" "node dist/main.js"' });
    for (const name of ["packages/one two", "packages/three"]) {
      mkdirSync(at(name), { recursive: true });
      write(`${name}/tsconfig.json`, "{}\n");
    }
    write("tsconfig.json", "{}\n");
    const { out } = await deflow(["init", folder, "--json"]);
    const told = JSON.parse(out) as { changes: { file: string }[]; byHand: { why: string }[] };
    expect(told.changes.map(({ file }) => file)).toEqual(["packages/one two/tsconfig.json", "packages/three/tsconfig.json", "tsconfig.json", "package.json"]);
    expect(told.byHand.map(({ why }) => why)).toEqual(['the command `concurrently "tsc -w" "node dist/main.js"` of the script `serve` is not understood']);
  });

  test("tsc that only checks beside a bundler stays as it is", async () => {
    manifest({ build: "tsc -b && vite build", types: "tsc --emitDeclarationOnly" });
    write("vite.config.ts", 'import { deflow } from "deflow/vite";\nexport default { plugins: [deflow()] };\n');
    write("tsconfig.json", '{ "files": [], "references": [{ "path": "./tsconfig.app.json" }, { "path": "." }] }\n');
    write("tsconfig.app.json", '{ "compilerOptions": { "noEmit": true } }\n');
    expect(await deflow(["init", folder])).toEqual({ code: 0, out: "Flows are compiled by Vite.\n\nIts configuration is as it should be.\n", err: "" });
    write("tsconfig.app.json", "{}\n");
    expect((await deflow(["init", folder])).out).toContain("it only refers to others");
  });

  test("a package.json or tsconfig.json that is no JSON is not edited", async () => {
    manifest({ build: "tsc" });
    write("tsconfig.json", "null\n");
    expect((await deflow(["init", folder])).out).toContain("tsconfig.json is for you to edit, since it is no valid JSON");
    write("package.json", '{ "scripts": { "build": "tsc" }\n');
    expect(await deflow(["init", folder, "--yes"])).toMatchObject({ code: 2, err: expect.stringContaining("package.json` is no valid JSON") as string });
  });

  test("what stands outside the package is told, and not written", async () => {
    manifest({ build: "tspc -p ../elsewhere/tsconfig.json && tspc -p linked" });
    mkdirSync(join(root, "elsewhere"), { recursive: true });
    writeFileSync(join(root, "elsewhere/tsconfig.json"), "{}\n");
    symlinkSync(join(root, "elsewhere"), at("linked"), "junction");
    const { out } = await deflow(["init", folder, "--yes", "--json"]);
    expect(JSON.parse(out)).toMatchObject({ changes: [], byHand: [{ file: "../elsewhere/tsconfig.json", why: "it is outside the package" }, { file: "linked/tsconfig.json", why: "it is outside the package" }] });
    expect(readFileSync(join(root, "elsewhere/tsconfig.json"), "utf8")).toBe("{}\n");
  });

  test("what has changed since it was shown is not written over, and nothing else is written either", async () => {
    manifest({ build: "tsc" });
    write("tsconfig.json", "{}\n");
    const before = text("package.json");
    const edited = await deflow(["init", folder], {
      ask: async () => {
        write("tsconfig.json", '{ "files": [] }\n');
        return "y";
      },
    });
    expect(edited).toMatchObject({ code: 1, err: "tsconfig.json has changed since it was shown. Nothing is written: run `deflow init` again.\n" });
    expect([text("tsconfig.json"), text("package.json")]).toEqual(['{ "files": [] }\n', before]);
  });

  test("ts-node: the transformer, and the compiler that loads it", async () => {
    manifest({ start: "ts-node src/main.ts", jobs: "node --loader ts-node/esm src/jobs.ts" });
    write("tsconfig.json", "{}\n");
    expect((await deflow(["init", folder, "--yes"])).out).toContain("compiled by ts-node.");
    expect(JSON.parse(text("tsconfig.json"))).toMatchObject({ compilerOptions: { plugins: [{ transform: "deflow/transformer" }] }, "ts-node": { compiler: "ts-patch/compiler" } });
    expect(text("package.json")).toContain('"start": "ts-node src/main.ts"');
    expect(await deflow(["init", folder])).toMatchObject({ code: 0, out: expect.stringContaining("as it should be") as string });
    write("tsconfig.json", '{ "ts-node": { "swc": true } }\n');
    expect(await deflow(["init", folder])).toMatchObject({ code: 1, out: expect.stringContaining("ts-node has another compiler there") as string });
  });

  test("Jest is told by the transformer that it has; what a comment says is not set up", async () => {
    const lines = async (dependencies: object): Promise<string[]> => {
      manifest({ test: "jest" }, { deflow: "1", ...dependencies });
      return (JSON.parse((await deflow(["init", folder, "--json"])).out) as { byHand: { file: string; why: string; lines: string[] }[] }).byHand.filter(({ file, why }) => file.startsWith("jest") || why.startsWith("Jest")).flatMap((each) => each.lines);
    };
    write("tsconfig.json", "{}\n");
    write("jest.config.js", "// transform: { '\\\\.ts$': 'deflow/jest' }\nmodule.exports = {};\n");
    expect(await lines({ "ts-jest": "29" })).toEqual(['transform: { "\\\\.tsx?$": ["ts-jest", { compiler: "ts-patch/compiler" }] }', "and in its tsconfig.json the entry of the transformer; or with isolatedModules there: [\"deflow/jest\", { next: \"ts-jest\" }]"]);
    expect(await lines({ "@swc/jest": "1" })).toEqual(['transform: { "\\\\.[jt]sx?$": ["deflow/jest", { next: "@swc/jest" }] }']);
    expect(await lines({})).toEqual(['transform: { "\\\\.[jt]sx?$": "deflow/jest" }']);
    write("jest.config.js", "module.exports = { transform: { '\\\\.ts$': 'deflow/jest' } };\n");
    expect(await lines({})).toEqual([]);
    rmSync(at("jest.config.js"));
    rmSync(at("tsconfig.json"));
    expect(await deflow(["init", folder])).toMatchObject({ code: 1, out: expect.stringMatching(/^Flows are compiled by Jest\.\n\npackage\.json is for you to edit, since Jest takes a transform before yours:\n.*\n$/) as string });
    write("jest.config.json", "{}\n");
    expect(await lines({})).toHaveLength(1);
  });

  test("tsx and Node: the loader before the program", async () => {
    manifest({ dev: "tsx watch src/main.ts", start: "NODE_ENV=production tsx src/main.ts; tsx src/main.ts --port 1", test: "tsx --test" }, { deflow: "1", tsx: "4" });
    write("tsconfig.json", "{}\n");
    expect((await deflow(["init", folder, "--yes"])).out).toContain("compiled by tsx.");
    expect((JSON.parse(text("package.json")) as { scripts: object }).scripts).toEqual({
      dev: "node --watch --import deflow/register --import tsx src/main.ts",
      start: "NODE_ENV=production node --import deflow/register --import tsx src/main.ts; node --import deflow/register --import tsx src/main.ts --port 1", test: "tsx --test",
    });
    manifest({ start: "node --import deflow/register --import tsx src/main.ts" }, { deflow: "1", tsx: "4" });
    expect(await deflow(["init", folder])).toMatchObject({ code: 0, out: expect.stringContaining("as it should be") as string });
    rmSync(at("tsconfig.json"));
    manifest({ start: "node app.js" }, { deflow: "1" });
    await deflow(["init", folder, "--yes"]);
    expect(text("package.json")).toContain('"start": "node --import deflow/register app.js"');
    manifest({}, { deflow: "1" });
    const told = await deflow(["init", folder, "--json"]);
    expect([told.code, JSON.parse(told.out)]).toEqual([1, { tools: ["Node"], changes: [], byHand: [{ file: "package.json", why: "no script of it starts a program", lines: ["node --import deflow/register app.js"] }], install: [], written: [] }]);
  });

  test("what it does not understand, and tools whose configuration it does not edit, are told", async () => {
    manifest({ build: "npx tsc -p .", dev: "tsx watch --clear-screen=false src/main.ts", check: "tsc --noEmit" }, { deflow: "1" });
    const why = async (): Promise<string[]> => (JSON.parse((await deflow(["init", folder, "--json"])).out) as { byHand: { why: string }[] }).byHand.map((each) => each.why);
    expect(await why()).toEqual(["the command `npx tsc -p .` of the script `build` is not understood", "the command `tsx watch --clear-screen=false src/main.ts` of the script `dev` is not understood"]);
    manifest({ build: "next build" }, { deflow: "1", next: "16" });
    write("next.config.mjs", "export default {};\n");
    write("jest.config.js", "module.exports = {};\n");
    write("tsconfig.json", "{}\n");
    expect(await why()).toEqual(["Next.js takes a loader, and leaves deflow out of its bundles", "Jest takes a transform before yours"]);
    write("next.config.mjs", 'export default { turbopack: { rules: { "**/flows/*.ts": { loaders: ["deflow/loader"] } } } };\n');
    expect((await deflow(["init", folder])).out).toContain('of its bundles:\n  serverExternalPackages: ["deflow"],\n\n');
    expect((await deflow(["init", folder])).out).toContain("compiled by Next.js");
    expect(text("tsconfig.json")).toBe("{}\n");
  });

  test("outside a package it says so", async () => {
    expect(await deflow(["init", "/"])).toMatchObject({ code: 2, err: expect.stringContaining("no package.json") as string });
  });
});

describe("completion", () => {
  const next = async (...words: string[]): Promise<string[]> => (await deflow(["complete", "--", ...words])).out.split("\n").filter(Boolean).map((line) => line.split("\t")[0] as string);

  test("commands, options, choices", async () => {
    expect(await next("re")).toEqual(["retire", "retry"]);
    expect(await next("show", "--")).toEqual(["--store", "--schema", "--json", "--program", "--folder", "--project", "--help"]);
    expect(await next("show", "--store", "runs.db", "--s")).toEqual(["--schema"]);
    expect(await next("ls", "--status", "")).toContain("waiting");
    expect(await next("ls", "--status", "waiting", "comp")).toEqual(["compensating", "completed"]);
    expect(await next("completion", "")).toEqual(["bash", "zsh", "fish"]);
    expect(await next("explain", "--after", "n")).toEqual(["name"]);
    expect(await next("show", "")).toEqual([]);
    expect(await next("nothing", "")).toEqual([]);
  });

  test.skipIf(process.platform === "win32")("the script of bash asks for what comes next", async () => {
    const { out } = await deflow(["completion", "bash"]);
    const asked = execFileSync("bash", ["--norc", "-c", `${out}\ndeflow() { printf '%s\\tof %s\\n' "$4" "$3"; }\nCOMP_WORDS=(deflow ls --st); COMP_CWORD=2; _deflow; printf '%s' "\${COMPREPLY[0]}"`], { encoding: "utf8" });
    expect(asked).toBe("--st");
    expect((await deflow(["completion", "tcsh"])).code).toBe(2);
  });

  const has = (shell: string): boolean => spawnSync(shell, ["--version"]).status === 0;

  test.skipIf(!has("zsh"))("zsh, from a file of its fpath, at the first use too", async () => {
    write("_deflow", (await deflow(["completion", "zsh"])).out);
    const stubs = 'deflow() { printf "re:try\\tof $4\\nls\\t\\n" }; _describe() { print -rl -- "${(@P)2}" }; _files() { print files }';
    const asked = (use: string): string => execFileSync("zsh", ["-f", "-c", `${stubs}; fpath=(${folder} $fpath); autoload -Uz _deflow; words=(deflow show --st); CURRENT=3; ${use}`], { encoding: "utf8" });
    expect(asked("_deflow")).toBe("re\\:try:of --st\nls\n");
    expect(asked("_deflow; _deflow")).toBe("re\\:try:of --st\nls\n".repeat(2));
    expect(asked("deflow() { : }; _deflow")).toBe("files\n");
  });

  test.skipIf(!has("fish"))("fish, with files where nothing is told", async () => {
    write("deflow.fish", (await deflow(["completion", "fish"])).out);
    write("some.ts", "");
    const asked = (line: string): string => execFileSync("fish", ["--no-config", "-c", `function deflow; if test "$argv[3]" = ls; printf '%s\\tof %s\\n' --store "$argv[4]"; end; end; source deflow.fish; complete -C '${line}'`], { cwd: folder, encoding: "utf8" });
    expect(asked("deflow ls --st")).toBe("--store\tof --st\n");
    expect(asked("deflow compile so")).toBe("some.ts\n");
  });
});
