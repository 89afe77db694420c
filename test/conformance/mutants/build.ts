// Makes a mutant: the compiler and the runtime bundled from the sources, one file of them changed on the way.
//
// Only what holds the file is bundled: of a mutant of the compiler the runtime is the one that all programs use.

import { type BuildOptions, build, type Plugin } from "esbuild";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { Script } from "node:vm";
import type * as Compiler from "../../../compiler/compile.ts";
import type { Variation } from "../ours.ts";
import { runtimeScript } from "../realm.ts";
import type { Mutant } from "./list.ts";

/** What is changed, and its name. */
type Patch = Pick<Mutant, "name" | "file" | "anchor" | "instead">;

const root = fileURLToPath(new URL("../../../", import.meta.url));
const require = createRequire(import.meta.url);

/** Throws where the anchor does not stand in the file, or stands there twice. */
export function mutatedText({ name, file, anchor, instead }: Patch): string {
  const text = readFileSync(`${root}${file}`, "utf8");
  const found = text.split(anchor).length - 1;
  if (found !== 1) throw new Error(`mutant ${name}: its anchor stands ${found} times in ${file}; write the mutant anew for the code as it is: ${anchor}`);
  return text.replace(anchor, () => instead);
}

export async function variationOf(mutant: Patch): Promise<Variation> {
  if (!mutant.file.startsWith("compiler/")) return { runtime: runtimeScript(await bundled("test/conformance/echo.ts", mutant)) };
  const text = await bundled("compiler/compile.ts", mutant);
  const module = { exports: {} };
  (new Script(`(function (exports, require, module) { ${text}\n})`, { filename: `${mutant.name}.js` }).runInThisContext() as (...args: unknown[]) => void)(module.exports, require, module);
  const { compile } = module.exports as typeof Compiler;
  return { compile };
}

async function bundled(entry: string, mutant: Patch): Promise<string> {
  const options: BuildOptions = {
    entryPoints: [`${root}${entry}`], bundle: true, write: false, format: "cjs", platform: "node", target: "esnext", external: ["typescript"],
    logLevel: "silent", plugins: [changing(mutant)],
  };
  const { outputFiles } = await build(options);
  return outputFiles?.[0]?.text ?? "";
}

function changing(mutant: Patch): Plugin {
  const contents = mutatedText(mutant);
  let met = false;
  return {
    name: "mutant",
    setup(build) {
      build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
        if (path !== `${root}${mutant.file}`) return undefined;
        met = true;
        return { contents, loader: "ts" };
      });
      build.onEnd(() => {
        if (!met) throw new Error(`mutant ${mutant.name}: ${mutant.file} is no part of what is run`);
      });
    },
  };
}
