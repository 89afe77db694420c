// What a package needs so that its flows are compiled, by the tools that it uses: compiler/adapters/README.md has them all.
//
//   the configuration of a bundler       its plugin
//   a script that builds with tsc        the transformer in its tsconfig, and tspc in the script
//   a script that runs sources with tsx  the loader before it
//   none of these                        a tsconfig.json: as tsc; else the loader for what scripts run with Node

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type ByHand, type Change, isChange } from "./change.ts";
import { configOf, installing, type Package } from "./package.ts";
import { type Bundler, pluginChange } from "./plugin.ts";
import { leftCommands, scriptsChange, tscConfigs, usesTsx } from "./scripts.ts";
import { tsconfigChange } from "./tsconfig.ts";

export interface Plan {
  /** The tools that were found, for people. */
  readonly tools: readonly string[];
  readonly changes: readonly Change[];
  readonly byHand: readonly ByHand[];
  /** Commands that install what is missing. */
  readonly install: readonly string[];
}

const bundlers: readonly (readonly [config: string, tool: string, bundler: Bundler])[] = [
  ["vite.config", "Vite", { module: "vite", property: "plugins" }],
  ["vitest.config", "Vitest", { module: "vite", property: "plugins" }],
  ["rollup.config", "Rollup", { module: "rollup", property: "plugins" }],
  ["rolldown.config", "Rolldown", { module: "rolldown", property: "plugins" }],
  ["tsup.config", "tsup", { module: "esbuild", property: "esbuildPlugins" }],
  ["webpack.config", "webpack", { module: "webpack", property: "plugins" }],
  ["rspack.config", "Rspack", { module: "rspack", property: "plugins" }],
  ["farm.config", "Farm", { module: "farm", property: "plugins" }],
];

/** Tools whose configuration is code of too many forms to be edited. */
function toldTools(given: Package, next: string | undefined): ByHand[] {
  const jest = configOf(given, "jest.config") ?? (/"jest"\s*:\s*\{/.test(given.manifest) ? "package.json" : undefined);
  const unless = (done: string, told: ByHand): ByHand[] => (readFileSync(join(given.folder, told.file), "utf8").includes(done) ? [] : [told]);
  return [
    ...(next === undefined ? [] : unless("deflow/", { file: next, why: "Next.js takes a loader", lines: ['turbopack: { rules: { "**/flows/*.ts": { loaders: ["deflow/loader"] } } }'] })),
    ...(jest === undefined ? [] : unless("deflow/jest", { file: jest, why: "Jest takes a transform before yours", lines: ['transform: { "\\\\.[jt]sx?$": ["deflow/jest", { next: "ts-jest" }] }'] })),
  ];
}

export function planFor(given: Package): Plan {
  const found = bundlers.flatMap(([name, tool, bundler]) => {
    const file = configOf(given, name);
    if (file === undefined) return [];
    const text = readFileSync(join(given.folder, file), "utf8");
    // A configuration that takes over another one has its plugins.
    return tool === "Vitest" && /["']\.\/vite\.config(?:\.\w+)?["']/.test(text) ? [] : [{ tool, outcome: pluginChange(file, text, bundler) }];
  });
  const esbuild = found.length === 0 && Object.values(given.scripts).some((script) => /(?:^|[&|;]\s*)esbuild\s/.test(script));
  const configs = tscConfigs(given);
  const next = configOf(given, "next.config");
  const others = found.length > 0 || esbuild || usesTsx(given) || next !== undefined;
  const tsc = configs.length > 0 || (!others && existsSync(join(given.folder, "tsconfig.json")));
  const node = !others && !tsc;
  const outcomes = [
    ...found.flatMap(({ outcome }) => outcome ?? []),
    ...(esbuild ? [{ file: "package.json", why: "esbuild's command line takes no plugins: build with its API", lines: ['import { deflow } from "deflow/esbuild";', "plugins: [deflow()]"] }] : []),
    ...(tsc ? configs.length > 0 ? configs : ["tsconfig.json"] : []).flatMap((file) => tsconfigChange(given.folder, file) ?? []),
    ...(node && !Object.values(given.scripts).some((script) => /(?:^|[&|;]\s*)node\s/.test(script)) ? [{ file: "package.json", why: "no script of it starts a program", lines: ["node --import deflow/register app.js"] }] : []),
    ...[scriptsChange(given, { tsc, node }) ?? []].flat(),
    ...leftCommands(given, { tsc, node }), ...toldTools(given, next),
  ];
  return {
    tools: [...found.map(({ tool }) => tool), ...(esbuild ? ["esbuild"] : []), ...(next === undefined ? [] : ["Next.js"]), ...(tsc ? ["tsc"] : []), ...(usesTsx(given) ? ["tsx"] : []), ...(node ? ["Node"] : [])],
    changes: outcomes.filter(isChange), byHand: outcomes.filter((outcome): outcome is ByHand => !isChange(outcome)), install: missing(given, tsc),
  };
}

function missing(given: Package, tsc: boolean): string[] {
  const { dependencies } = given;
  const dev = [...(tsc && !("typescript" in dependencies) ? ["typescript@6"] : []), ...(tsc && !("ts-patch" in dependencies) ? [patchFor(dependencies["typescript"])] : [])];
  return [
    ...("deflow" in dependencies ? [] : [installing(given, ["deflow"], false)]),
    ...(tsc && majorOf(dependencies["typescript"]) >= 7 ? [`${installing(given, ["typescript@6"], true)}   (TypeScript 7 loads no transformers; or keep it, and build with \`deflow tsc\`)`] : []),
    ...(dev.length > 0 ? [installing(given, dev, true)] : []),
  ];
}

/** ts-patch 4 is for TypeScript 6. */
function patchFor(typescript: string | undefined): string {
  return majorOf(typescript) === 5 ? "ts-patch@3" : "ts-patch";
}

function majorOf(range = ""): number {
  return Number(/\d+/.exec(range)?.[0] ?? Number.NaN);
}
