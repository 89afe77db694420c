// What a package needs so that its flows are compiled, by the tools that it uses: compiler/adapters/README.md has them all.
//
//   the configuration of a bundler       its plugin
//   a script that builds with tsc        the transformer in its tsconfig, and tspc in the script
//   a script that runs sources with tsx  the loader before it
//   one that runs them with ts-node      the transformer in its tsconfig, and the compiler that loads it
//   none of these                        a tsconfig.json: as tsc; else the loader for what scripts run with Node

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type ts from "typescript";
import { type ByHand, type Change, isChange } from "./change.ts";
import { configOf, installing, type Package } from "./package.ts";
import { type Bundler, pluginChange } from "./plugin.ts";
import { hasText, parsed } from "./script-source.ts";
import { leftCommands, scriptsChange, tscConfigs, tsNodeConfigs, usesTsx } from "./scripts.ts";
import { emits, tsconfigChange } from "./tsconfig.ts";

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
  const jest = configOf(given, "jest.config", ["json"]) ?? (/"jest"\s*:\s*\{/.test(given.manifest) ? "package.json" : undefined);
  const unless = (isDone: (text: string) => boolean, told: ByHand): ByHand[] => (hasText(readScript(given, told.file), isDone) ? [] : [told]);
  return [
    ...(next === undefined ? [] : unless((text) => text.startsWith("deflow/"), { file: next, why: "Next.js takes a loader", lines: ['turbopack: { rules: { "**/flows/*.ts": { loaders: ["deflow/loader"] } } }'] })),
    ...(jest === undefined ? [] : unless((text) => text === "deflow/jest" || text === "ts-patch/compiler", { file: jest, why: "Jest takes a transform before yours", lines: jestLines(given) })),
  ];
}

function jestLines({ dependencies }: Package): string[] {
  if ("ts-jest" in dependencies) return ['transform: { "\\\\.tsx?$": ["ts-jest", { compiler: "ts-patch/compiler" }] }', 'and in its tsconfig.json the entry of the transformer; or with isolatedModules there: ["deflow/jest", { next: "ts-jest" }]'];
  return [`transform: { "\\\\.[jt]sx?$": ${"@swc/jest" in dependencies ? '["deflow/jest", { next: "@swc/jest" }]' : '"deflow/jest"'} }`];
}

/** One of JSON reads as an expression. */
function readScript({ folder }: Package, file: string): ts.SourceFile {
  const text = readFileSync(join(folder, file), "utf8");
  return parsed(file, file.endsWith(".json") ? `(${text})` : text);
}

export function planFor(given: Package): Plan {
  const found = bundlers.flatMap(([name, tool, bundler]) => {
    const file = configOf(given, name);
    if (file === undefined) return [];
    // A configuration that takes over another one has its plugins.
    if (tool === "Vitest" && hasText(readScript(given, file), (text) => /^\.\/vite\.config(?:\.\w+)?$/.test(text))) return [];
    return [{ tool, outcome: pluginChange(file, readFileSync(join(given.folder, file), "utf8"), bundler) }];
  });
  const esbuild = found.length === 0 && Object.values(given.scripts).some((script) => /(?:^|[&|;]\s*)esbuild\s/.test(script));
  const tsNode = tsNodeConfigs(given);
  const configs = tscConfigs(given).filter((file) => emits(given.folder, file));
  const next = configOf(given, "next.config");
  const others = found.length > 0 || esbuild || usesTsx(given) || tsNode.length > 0 || next !== undefined;
  const tsc = configs.length > 0 || (!others && existsSync(join(given.folder, "tsconfig.json")));
  const node = !others && !tsc;
  const outcomes = [
    ...found.flatMap(({ outcome }) => outcome ?? []),
    ...(esbuild ? [{ file: "package.json", why: "esbuild's command line takes no plugins: build with its API", lines: ['import { deflow } from "deflow/esbuild";', "plugins: [deflow()]"] }] : []),
    ...[...new Set([...(tsc && configs.length === 0 ? ["tsconfig.json"] : configs), ...tsNode])].flatMap((file) => tsconfigChange(given.folder, file, tsNode.includes(file)) ?? []),
    ...(node && !Object.values(given.scripts).some((script) => /(?:^|[&|;]\s*)node\s/.test(script)) ? [{ file: "package.json", why: "no script of it starts a program", lines: ["node --import deflow/register app.js"] }] : []),
    ...[scriptsChange(given, { tsc, node }) ?? []].flat(),
    ...leftCommands(given, { tsc, node }), ...toldTools(given, next),
  ];
  return {
    tools: [...found.map(({ tool }) => tool), ...(esbuild ? ["esbuild"] : []), ...(next === undefined ? [] : ["Next.js"]), ...(tsc ? ["tsc"] : []), ...(usesTsx(given) ? ["tsx"] : []), ...(tsNode.length > 0 ? ["ts-node"] : []), ...(node ? ["Node"] : [])],
    changes: outcomes.filter(isChange), byHand: outcomes.filter((outcome): outcome is ByHand => !isChange(outcome)), install: missing(given, tsc || tsNode.length > 0),
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
