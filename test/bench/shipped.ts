// The package's code as it is shipped: bundled, without what a loader of TypeScript adds to every function for its name.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = join(import.meta.dirname, "../..");

/** Modules of the repository, bundled together, so that they share their state; by the names given. */
export async function shipped(entries: Readonly<Record<string, string>>): Promise<Record<string, unknown>> {
  const outfile = join(root, "node_modules/.cache/deflow-bench", `${Object.keys(entries).join("-")}.mjs`);
  mkdirSync(join(outfile, ".."), { recursive: true });
  const contents = Object.entries(entries).map(([name, path]) => `export * as ${name} from "./${path}";`).join("\n");
  await build({ stdin: { contents, resolveDir: root }, bundle: true, platform: "node", format: "esm", packages: "external", outfile, logLevel: "error" });
  return await import(pathToFileURL(outfile).href) as Record<string, unknown>;
}
