// The packed package beside what its users' tools ask of one: entries that every resolver finds with their types, code that a bundler can
// leave out, sizes that do not creep.

import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { build, type Metafile } from "esbuild";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { describe, expect, test } from "vitest";
import { Project } from "./project.ts";

const bench = "6.0+4.0";
const project = new Project(bench);
const folder = join(project.modules, "deflow");
const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { exports: Record<string, unknown>; sideEffects: readonly string[]; dependencies: Record<string, string>; peerDependencies: Record<string, string> };
const subPaths = Object.keys(manifest.exports).filter((path) => path !== "./package.json");

/** What a program brings itself. */
const external = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies), "vitest"];

test("publint finds nothing to say", async () => {
  const { messages } = await publint({ pkgDir: folder, strict: true, pack: false });
  expect(messages.map((message) => formatMessage(message, manifest as never))).toEqual([]);
});

test("the links of the pages in it lead to files in it, those of pages further down to sources too", () => {
  const pages = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".md") && !name.includes("node_modules"));
  const broken = pages.flatMap((page) => [...readFileSync(join(folder, page), "utf8").matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, link]) => link as string)
    .filter((link) => !link.includes("://") && !(dirname(page) !== "." && link.endsWith(".ts")) && !existsSync(join(folder, dirname(page), link))).map((link) => `${page}: ${link}`));
  expect(pages.length).toBeGreaterThan(100);
  expect(broken).toEqual([]);
});

test("every sub-path has the types of its file, for ESM, CommonJS and bundlers", async () => {
  const home = dirname(dirname(project.modules));
  const tarball = readdirSync(home).find((name) => name.endsWith(".tgz")) as string;
  const result = await checkPackage(createPackageFromTarballData(new Uint8Array(readFileSync(join(home, tarball)))));
  if (!result.types) throw new Error("the package has no types");
  expect(Object.keys(result.entrypoints).length).toBeGreaterThanOrEqual(subPaths.length);
  // Resolution without `exports` is that of Node before 12.
  const problems = result.problems.filter((problem) => !("resolutionKind" in problem && problem.resolutionKind === "node10"));
  expect(problems.map((problem) => JSON.stringify(problem))).toEqual([]);
});

test("what a program declares for all of it is heeded by the types of the package", async () => {
  project.write("register.ts", readFileSync(fileURLToPath(new URL("../../fixtures/types/register.ts", import.meta.url)), "utf8"));
  expect(await project.bin("typescript/lib/tsc.js", "--noEmit", "--strict", "--module", "nodenext", "--skipLibCheck", "register.ts")).toMatchObject({ stdout: "", code: 0 });
});

interface Size {
  readonly minified: number;
  readonly gzip: number;
}

async function bundled(text: string): Promise<Size & { readonly metafile: Metafile; readonly code: string }> {
  const { outputFiles: [file], metafile } = await build({
    stdin: { contents: text, resolveDir: project.folder }, bundle: true, minify: true, format: "esm", platform: "node", target: "node20", write: false, metafile: true, external, logLevel: "error",
  });
  const code = file?.text ?? "";
  return { minified: Buffer.byteLength(code), gzip: gzipSync(code).length, metafile, code };
}

describe("bundled", () => {
  test("nothing of the package is there unless it is used", async () => {
    const acts = new Set(manifest.sideEffects.map((file) => file.replace(/^\.\/dist\/|\.c?js$/g, "")));
    const unused = await bundled(subPaths.filter((path) => !acts.has(path.slice(2))).map((path) => `import ${JSON.stringify(`deflow${path.slice(1)}`)};`).join("\n"));
    expect(unused.code.trim().slice(0, 200)).toBe("");
  });

  test("what frames need is less than the whole", async () => {
    const small = await bundled('export { begin, resume, deflow, listen } from "deflow";');
    const whole = await bundled('export * from "deflow";');
    expect(small.minified).toBeLessThan(whole.minified * 0.85);
  });

  const sizesFile = fileURLToPath(new URL("sizes.json", import.meta.url));

  /** 5 % more fails: `UPDATE=1` writes the sizes as they are. */
  test("sizes are those of sizes.json", async () => {
    const sizes: Record<string, Size> = {};
    for (const path of subPaths) {
      const { minified, gzip } = await bundled(`import * as all from ${JSON.stringify(`deflow${path.slice(1)}`)};\nconsole.log(all);`);
      sizes[`deflow${path.slice(1)}`] = { minified, gzip };
    }
    if (process.env["UPDATE"] || !existsSync(sizesFile)) writeFileSync(sizesFile, `${JSON.stringify(sizes, null, 2)}\n`);
    const known = JSON.parse(readFileSync(sizesFile, "utf8")) as Record<string, Size>;
    expect(Object.keys(sizes)).toEqual(Object.keys(known));
    const grown = Object.entries(sizes).filter(([path, { minified }]) => minified > (known[path] as Size).minified * 1.05 || minified < (known[path] as Size).minified * 0.8);
    expect(grown.map(([path, { minified }]) => `${path}: ${minified} bytes, ${(known[path] as Size).minified} in sizes.json`)).toEqual([]);
  });
});

test("the parts that run flows ask for nothing but what Node has", async () => {
  for (const path of [".", "./internal", "./patterns", "./http"]) {
    const { metafile } = await bundled(`export * from ${JSON.stringify(`deflow${path.slice(1)}`)};`);
    const asked = Object.values(metafile.outputs).flatMap(({ imports }) => imports.map((each) => each.path)).filter((name) => !name.startsWith("node:"));
    expect(asked, path).toEqual([]);
  }
});
