// Builds and packs the package once, and lays out benches: folders whose node_modules hold the packed package beside one
// pair of TypeScript and ts-patch, as npm would have installed them. The tests copy their projects under a bench.

import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  export interface ProvidedContext {
    /** The folder of all benches, or why there is none: only the tests that need it fail then. */
    benches: string | { readonly failure: string };
  }
}

const root = fileURLToPath(new URL("../../", import.meta.url));
const installed = (name: string): string => join(root, "node_modules", name);

/** What projects use beside the package. */
const tools = ["vite", "vitest", "tsx", "rollup", "rolldown", "esbuild", "tsup", "webpack", "ts-loader", "jest", "babel-jest", "@babel/preset-env", "ts-jest", "@swc/core", "@swc/jest", "ts-node", "zod", "@types/node", "undici-types", "better-sqlite3"];

/** The pairs that CI must hold, by bench. TypeScript 7 has no JavaScript API: there the package brings its own. */
const pairs = {
  "5.9+3.3": { typescript: "typescript-5.9", patch: "ts-patch-3", nested: undefined },
  "6.0+3.3": { typescript: "typescript", patch: "ts-patch-3", nested: undefined },
  "6.0+4.0": { typescript: "typescript", patch: "ts-patch", nested: undefined },
  "7": { typescript: "typescript-7", patch: undefined, nested: "typescript" },
} as const;

export type Bench = keyof typeof pairs;

export default function setup(project: TestProject): () => void {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "deflow-toolchains-")));
  try {
    layOut(folder);
    project.provide("benches", folder);
  } catch (error) {
    project.provide("benches", { failure: String(error) });
  }
  return () => rmSync(folder, { recursive: true, force: true });
}

function layOut(folder: string): void {
  // Staged apart, so that a build of the author's own, going on meanwhile, is not written over.
  const stage = join(folder, "stage");
  for (const part of ["package.json", "LICENSE", "README.md", "CHANGELOG.md", "cli", "compiler", "runtime", "examples", "language-service"])
    if (existsSync(join(root, part))) cpSync(join(root, part), join(stage, part), { recursive: true, filter: (path) => basename(path) !== "node_modules" });
  execFileSync(process.execPath, [installed("tsup/dist/cli-default.js"), "--silent", "--out-dir", join(stage, "dist")], { cwd: root, stdio: "pipe" });
  const [packed] = JSON.parse(execFileSync("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], { cwd: stage, encoding: "utf8", stdio: "pipe" })) as [{ filename: string }];
  execFileSync("tar", ["-xzf", join(folder, packed.filename), "-C", folder]);
  const { dependencies } = JSON.parse(readFileSync(join(folder, "package/package.json"), "utf8")) as { dependencies: Record<string, string> };
  const beside = [...Object.keys(dependencies).filter((name) => name !== "typescript"), ...tools];
  for (const [bench, { typescript, patch, nested }] of Object.entries(pairs)) {
    const modules = join(folder, bench, "node_modules");
    mkdirSync(join(modules, "@types"), { recursive: true });
    cpSync(join(folder, "package"), join(modules, "deflow"), { recursive: true });
    link(join(modules, "typescript"), installed(typescript));
    for (const name of beside) link(join(modules, name), installed(name));
    if (nested) link(join(modules, "deflow", "node_modules", "typescript"), installed(nested));
    // A copy, because ts-patch looks for TypeScript beside its real path.
    if (patch) copyWithDependencies(installed(patch), join(modules, "ts-patch"));
  }
}

function link(path: string, target: string): void {
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(realpathSync(target), path, "junction");
}

function copyWithDependencies(from: string, to: string): void {
  cpSync(realpathSync(from), to, { recursive: true });
  const manifest = join(realpathSync(from), "package.json");
  const { dependencies = {} } = JSON.parse(readFileSync(manifest, "utf8")) as { dependencies?: Record<string, string> };
  for (const name of Object.keys(dependencies)) {
    const file = createRequire(manifest).resolve.paths(name)?.map((path) => join(path, name)).find((path) => existsSync(path));
    if (file && !existsSync(join(to, "node_modules", name))) link(join(to, "node_modules", name), file);
  }
}
