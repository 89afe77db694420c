// tsc and Vite build one source to the same ids, slots and region chains: a run may go from a worker of one build to one of the other.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, test } from "vitest";
import { deflow } from "../../compiler/adapters/vite.ts";
import { compile } from "../../compiler/compile.ts";
import { emit } from "./emit.ts";

const files = ["main.tsx", "parts.ts", "view.ts"].map((name) => fileURLToPath(new URL(`../../fixtures/toolchains/rich/${name}`, import.meta.url)));
const main = files[0] as string;

/** Points with their slots and chains, functions and classes with their environments. */
function shapes(code: string): string[] {
  const dense = code.replaceAll(/\s+/g, "");
  return [...dense.matchAll(/"[^"]+":\[\d+,\d+,"[^"]*"(?:,"\w{5}")?/g), ...dense.matchAll(/\$\.(?:code|class)\("[^"]+","[^"]*"/g)].map(([text]) => text).toSorted();
}

test.each([
  ["ES2017, CommonJS", { target: ts.ScriptTarget.ES2017, module: ts.ModuleKind.CommonJS }],
  ["ESNext, ESM", { target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext }],
])("%s", (_, options) => {
  const byTsc = emit(ts, files, { jsx: ts.JsxEmit.Preserve, ignoreDeprecations: "6.0", ...options }, (source, fileName) => compile(source, { fileName })?.pieces ?? null, "graft").get("main.jsx") as string;
  const context = { error: (problem: { message: string }): never => expect.unreachable(problem.message), warn: () => {}, addWatchFile: () => {} };
  const byVite = deflow().transform.handler.call(context, readFileSync(main, "utf8"), main)?.code as string;
  const [one, two] = [shapes(byTsc), shapes(byVite)];
  expect(two.length).toBeGreaterThan(5);
  expect(one).toEqual(two);
});
