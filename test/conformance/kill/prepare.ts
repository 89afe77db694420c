// The folder that workers work from, so that a new process is at work in some tens of milliseconds:
//
//   worker.cjs          the worker, bundled
//   inside.js           what each realm evaluates; inside.cache is V8's compiled form of it
//   stops.js, 0.js …    compiled programs, and the flows around them
//   runs.db, turns      the store; a line for each turn begun

import { build } from "esbuild";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Script } from "node:vm";
import { compile } from "../../../compiler/index.ts";
import { moduleText } from "../module-script.ts";

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

export async function prepare(folder: string, programs: ReadonlyMap<number, string>): Promise<void> {
  await bundle(here("worker.ts"), join(folder, "worker.cjs"));
  const inside = `(function (exports, require, module) { ${await bundle(here("inside.ts"))}\n})`;
  writeFileSync(join(folder, "inside.js"), inside);
  writeFileSync(join(folder, "inside.cache"), new Script(inside).createCachedData());
  const stops = compile(readFileSync(here("stops.js"), "utf8"), { fileName: "stops.js" });
  if (stops === null || stops.diagnostics.length > 0) throw new Error(`stops.js does not compile: ${stops?.diagnostics[0]?.message}`);
  writeFileSync(join(folder, "stops.js"), await moduleText(stops.code));
  for (const [n, text] of programs) writeFileSync(join(folder, `${n}.js`), text);
  writeFileSync(join(folder, "turns"), "");
}

/** Without source maps and kept names, as in `realm.ts`. */
async function bundle(entry: string, outfile?: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry], bundle: true, format: "cjs", platform: "node", target: "esnext", write: outfile !== undefined, logLevel: "error",
    ...(outfile === undefined ? {} : { outfile }),
  });
  return outputFiles?.[0]?.text ?? "";
}
