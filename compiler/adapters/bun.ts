// Bun: bun --preload deflow/bun app.ts, or preload = ["deflow/bun"] in bunfig.toml.
//
// Bun's plugins must give every file that they ask for, and it has no use for the map of what they give: stacks name the lines of the compiled text.

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { rewrite } from "./load.ts";

interface BunApi {
  plugin(plugin: { name: string; setup(build: BunBuild): void }): void;
}

interface BunBuild {
  onLoad(which: { filter: RegExp }, load: (file: { path: string; loader: string }) => { contents: string; loader: string }): void;
}

const { Bun: bun } = globalThis as { Bun?: BunApi };
if (bun === undefined) throw new Error("deflow/bun is for Bun. In Node: node --import deflow/register app.js.");

bun.plugin({
  name: "deflow",
  setup(build) {
    build.onLoad({ filter: /^(?!.*[\\/]node_modules[\\/]).*\.[cm]?[jt]sx?$/ }, ({ path, loader }) => {
      const { source } = rewrite(pathToFileURL(path).href, { source: readFileSync(path, "utf8") });
      return { contents: source as string, loader };
    });
  },
});
