// The graft against the plain way: tsc given the rewritten text as if the author had written it. What tsc emits must be the
// same text, while types, declarations and positions stay those of the source.

import { fileURLToPath } from "node:url";
import { SourceMap } from "node:module";
import { describe, expect, test } from "vitest";
import current from "typescript";
import former from "typescript-5.9";
import { readFileSync } from "node:fs";
import { place } from "../../compiler/report.ts";
import { compile } from "../../compiler/compile.ts";
import { emit, type Core } from "./emit.ts";
import { linear } from "./linear-core.ts";

const rich = ["main.tsx", "parts.ts", "view.ts"].map((name) => fileURLToPath(new URL(`../../fixtures/toolchains/rich/${name}`, import.meta.url)));
const main = readFileSync(rich[0] as string, "utf8");

const real: Core = (source, fileName) => compile(source, { fileName })?.pieces ?? null;

for (const api of [former as unknown as typeof current, current]) {
  const { ModuleKind, ScriptTarget, JsxEmit } = api;
  const modules = { commonjs: ModuleKind.CommonJS, esm: ModuleKind.ESNext };
  const targets = { es2017: ScriptTarget.ES2017, esnext: ScriptTarget.ESNext };
  const automatic = { jsx: JsxEmit.ReactJSX, jsxImportSource: "./view" };
  const variants: Record<string, import("typescript").CompilerOptions> = {
    "plain": automatic,
    "isolatedModules": { ...automatic, isolatedModules: true },
    "decorators with metadata": { ...automatic, experimentalDecorators: true, emitDecoratorMetadata: true },
    "classic JSX": { jsx: JsxEmit.React, jsxFactory: "h", jsxFragmentFactory: "Fragment" },
    "importHelpers": { ...automatic, importHelpers: true },
    "verbatimModuleSyntax": { ...automatic, verbatimModuleSyntax: true },
    "without comments": { ...automatic, removeComments: true },
  };

  describe(`TypeScript ${api.version}`, () => {
    for (const [module, moduleKind] of Object.entries(modules))
      for (const [target, scriptTarget] of Object.entries(targets))
        for (const [name, options] of Object.entries(variants))
          test(`${module} ${target} ${name}`, () => {
            const all = { module: moduleKind, target: scriptTarget, ignoreDeprecations: "6.0", ...options };
            const grafted = emit(api, rich, all, real, "graft").get("main.js") as string;
            const swapped = emit(api, rich, all, real, "swap").get("main.js") as string;
            expect(grafted).toContain("$.flow(");
            expect(oneHead(grafted)).toBe(oneHead(swapped));
          });
  
    test("declarations are those of the source", () => {
      const declarations = emit(api, rich, { declaration: true, jsx: JsxEmit.Preserve, target: targets.esnext }, linear, "graft").get("main.d.ts");
      const plain = emit(api, rich, { declaration: true, jsx: JsxEmit.Preserve, target: targets.esnext }, () => null, "graft").get("main.d.ts");
      expect(declarations).toBe(plain);
    });

    test("every word of the output maps to itself in the source", () => {
      const misplaced = (core: typeof linear): string[] => {
        const files = emit(api, rich, { sourceMap: true, module: ModuleKind.ESNext, target: targets.esnext, jsx: JsxEmit.Preserve }, core, "graft");
        return misplacedWords(files.get("main.jsx") as string, files.get("main.jsx.map") as string);
      };
      const typescript = misplaced(() => null); // what it writes anew itself: enums, namespaces
      const head = place(main, main.indexOf("async function main"));
      const wrong = misplaced(linear).filter((word) => !typescript.includes(word) && !word.endsWith(` ${head.line}:${head.column}`));
      expect(wrong).toEqual([]);
    });
  });
}

/** TypeScript leaves out the parentheses of a single parameter where it finds no positions to copy them from. */
function oneHead(output: string): string {
  return output.replaceAll(/\((\$e)\) =>/g, "$1 =>");
}

/** Words of the output whose map leads to another word of the source, as `word line:column`. */
function misplacedWords(output: string, mapText: string): string[] {
  const map = new SourceMap(JSON.parse(mapText));
  const source = main.split("\n");
  const wrong: string[] = [];
  for (const [line, text] of output.split("\n").entries())
    for (const { 0: word, index } of text.matchAll(/[A-Za-z_]\w*/g)) {
      const entry = map.findEntry(line, index);
      if (!("originalLine" in entry) || entry.generatedLine !== line || entry.generatedColumn !== index) continue;
      if (!source[entry.originalLine]?.slice(entry.originalColumn).startsWith(word)) wrong.push(`${word} ${entry.originalLine + 1}:${entry.originalColumn + 1}`);
    }
  return wrong;
}
