// The package's code as it is shipped: bundled, without what a loader of TypeScript adds to every function for its name.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, type BuildOptions } from "esbuild";

const root = join(import.meta.dirname, "../..");
const cache = join(root, "node_modules/.cache/deflow-bench");
const options: BuildOptions = { bundle: true, platform: "node", format: "esm", packages: "external", logLevel: "error" };

/** Modules of the repository, bundled together, so that they share their state; by the names given. */
export async function shipped(entries: Readonly<Record<string, string>>): Promise<Record<string, unknown>> {
  const outfile = join(cache, `${Object.keys(entries).join("-")}.mjs`);
  mkdirSync(cache, { recursive: true });
  const contents = Object.entries(entries).map(([name, path]) => `export * as ${name} from "./${path}";`).join("\n");
  await build({ ...options, stdin: { contents, resolveDir: root }, outfile });
  return await import(pathToFileURL(outfile).href) as Record<string, unknown>;
}

/** The same as files of one folder, `name.mjs` each, which share what they have in common; gives the folder. */
export async function shippedFiles(entries: Readonly<Record<string, string>>): Promise<string> {
  const outdir = join(cache, Object.keys(entries).join("-"));
  const entryPoints = Object.fromEntries(Object.entries(entries).map(([name, path]) => [name, join(root, path)]));
  await build({ ...options, entryPoints, splitting: true, outdir, outExtension: { ".js": ".mjs" } });
  return outdir;
}
