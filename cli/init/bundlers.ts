// The bundlers of a package: those whose configuration is there, and those that a script starts without one.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ByHand, Change } from "./change.ts";
import { commandsOf, optionOf, wordsOf } from "./commands.ts";
import { configOf, type Package, readScript } from "./package.ts";
import { type Bundler, pluginChange } from "./plugin.ts";
import { hasText } from "./script-source.ts";
import { isPatched } from "./ts-loader.ts";

export interface Found {
  readonly tool: string;
  /** Undefined: its configuration is as it should be. */
  readonly outcome: Change | ByHand | undefined;
  /** It only tests, so that something else compiles the program. */
  readonly isTest: boolean;
  /** Its ts-loader compiles the flows by the transformer in tsconfig.json. */
  readonly isPatched: boolean;
}

/** By the word that starts it: its configuration is `word.config.ts` or the like. */
const bundlers: readonly (readonly [command: string, tool: string, bundler: Bundler, made: string])[] = [
  ["vite", "Vite", { module: "vite", property: "plugins" }, "vite.config.ts"],
  ["vitest", "Vitest", { module: "vite", property: "plugins" }, "vitest.config.ts"],
  ["rollup", "Rollup", { module: "rollup", property: "plugins" }, "rollup.config.mjs"],
  ["rolldown", "Rolldown", { module: "rolldown", property: "plugins" }, "rolldown.config.mjs"],
  ["tsdown", "tsdown", { module: "rolldown", property: "plugins" }, "tsdown.config.ts"],
  ["tsup", "tsup", { module: "esbuild", property: "esbuildPlugins" }, "tsup.config.ts"],
  ["webpack", "webpack", { module: "webpack", property: "plugins" }, "webpack.config.mjs"],
  ["rspack", "Rspack", { module: "rspack", property: "plugins" }, "rspack.config.mjs"],
  ["farm", "Farm", { module: "farm", property: "plugins" }, "farm.config.ts"],
];

export function bundlersOf(given: Package): readonly Found[] {
  return bundlers.flatMap(([command, tool, bundler, made]): Found[] => {
    const started = commandsOf(given).filter((each) => wordsOf(each)[0] === command);
    const named = started.flatMap((each) => optionOf(wordsOf(each), ["-c", "--config"]) ?? []).find((file) => existsSync(join(given.folder, file)));
    const file = named ?? configOf(given, `${command}.config`);
    const found = { tool, isTest: tool === "Vitest", isPatched: false };
    if (file === undefined) {
      // Vitest takes Vite's.
      if (started.length === 0 || (tool === "Vitest" && configOf(given, "vite.config") !== undefined)) return [];
      const { module, property } = bundler;
      return [{ ...found, outcome: { file: made, why: `it is not there, and the command line of ${tool} takes no plugin`, lines: [`import { deflow } from "deflow/${module}";`, `export default { ${property}: [deflow()] };`] } }];
    }
    const source = readScript(given, file);
    // A configuration that takes over another one has its plugins.
    if (tool === "Vitest" && hasText(source, (text) => /^\.\/vite\.config(?:\.\w+)?$/.test(text))) return [];
    return [{ ...found, isPatched: isPatched(source), outcome: pluginChange(file, readFileSync(join(given.folder, file), "utf8"), bundler) }];
  });
}
