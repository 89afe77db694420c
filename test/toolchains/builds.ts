// By bundler, what its author would type for the project fixtures/toolchains/stacks with the configurations of fixtures/toolchains/bundlers.

import { cpSync } from "node:fs";
import { fixtureFile, Project } from "./project.ts";
import type { Bench } from "./setup.ts";

export const builds = {
  Rollup: ["../../node_modules/rollup/dist/bin/rollup", "-c", "rollup.config.js"],
  Rolldown: ["../../node_modules/rolldown/bin/cli.mjs", "-c", "rolldown.config.js"],
  esbuild: ["esbuild.js"],
  "webpack, after which ts-loader strips the types": ["webpack.cjs"],
  /** In both formats. */
  tsup: ["../../node_modules/tsup/dist/cli-default.js"],
} as const satisfies Record<string, readonly string[]>;

export function bundled(bench: Bench): Project {
  const made = new Project(bench, "stacks");
  cpSync(fixtureFile("bundlers"), made.folder, { recursive: true });
  return made;
}
