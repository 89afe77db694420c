// Tools that are not set up by an edit: their configuration is code of too many forms, or they take no plugin of ours. What is needed is told.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import type { ByHand } from "./change.ts";
import { commandsOf } from "./commands.ts";
import { configOf, type Package, readScript } from "./package.ts";
import { some } from "./script-source.ts";

/** Next.js and Jest, where they are not set up. */
export function toldTools(given: Package): ByHand[] {
  const next = nextConfig(given);
  const jest = jestConfig(given);
  return [...(next === undefined ? [] : told(given, next, "Next.js takes a loader, and leaves deflow out of its bundles", nextLines(given))), ...(jest === undefined ? [] : told(given, jest, "Jest takes a transform before yours", jestLines(given)))];
}

/** A line is needed unless the file has one of its texts, in code and not in a comment. */
interface Line {
  readonly texts: readonly string[];
  readonly line: string;
}

function told(given: Package, file: string, why: string, needed: readonly Line[]): ByHand[] {
  const has = textsOf(given, file);
  const lines = needed.filter(({ texts }) => !texts.some((text) => has.has(text))).map(({ line }) => line);
  return lines.length > 0 ? [{ file, why, lines }] : [];
}

function textsOf(given: Package, file: string): ReadonlySet<string> {
  const found = new Set<string>();
  some(readScript(given, file), (node) => {
    if (ts.isStringLiteralLike(node)) found.add(node.text);
    return false;
  });
  return found;
}

export function nextConfig(given: Package): string | undefined {
  return configOf(given, "next.config");
}

function nextLines(given: Package): Line[] {
  const usesWebpack = commandsOf(given).some((command) => /^next\s.*--webpack\b/.test(command));
  return [
    { texts: ["deflow"], line: 'serverExternalPackages: ["deflow"],' },
    usesWebpack
      ? { texts: ["deflow/webpack"], line: 'webpack(config) { config.plugins.push(deflow()); return config; },   with   import { deflow } from "deflow/webpack";' }
      : { texts: ["deflow/loader"], line: 'turbopack: { rules: { "**/flows/*.ts": { loaders: ["deflow/loader"] } } },   the files with flows' },
  ];
}

/** The file that holds Jest's configuration, or could. */
export function jestConfig(given: Package): string | undefined {
  const isStarted = commandsOf(given).some((command) => /^jest(?:\s|$)/.test(command) || /^node\s.*\bjest\b/.test(command));
  return configOf(given, "jest.config", ["json"]) ?? (isStarted || /"jest"\s*:\s*\{/.test(given.manifest) ? "package.json" : undefined);
}

function jestLines({ dependencies }: Package): Line[] {
  const texts = ["deflow/jest", "ts-patch/compiler"];
  if ("ts-jest" in dependencies) return [
    { texts, line: 'transform: { "\\\\.tsx?$": ["ts-jest", { compiler: "ts-patch/compiler" }] }' },
    { texts, line: 'and in its tsconfig.json the entry of the transformer; or with isolatedModules there: ["deflow/jest", { next: "ts-jest" }]' },
  ];
  return [{ texts, line: `transform: { "\\\\.[jt]sx?$": ${"@swc/jest" in dependencies ? '["deflow/jest", { next: "@swc/jest" }]' : '"deflow/jest"'} }` }];
}

/** Compilers whose command line takes no plugin. `isLoaded`: Node may compile what they wrote. */
const closed: readonly { readonly tool: string; readonly isLoaded: boolean; readonly lines: readonly string[] }[] = [
  { tool: "esbuild", isLoaded: false, lines: ["build with its API:", 'import { deflow } from "deflow/esbuild";', "plugins: [deflow()]"] },
  { tool: "swc", isLoaded: true, lines: ['with "jsc": { "target": "es2022" } in .swcrc, which leaves async functions as they are'] },
  { tool: "babel", isLoaded: true, lines: ['with "targets": { "node": "20" } for preset-env, which leaves async functions as they are'] },
  { tool: "bun build", isLoaded: false, lines: ["build with tsup or with esbuild's API, or let Bun run the sources: bun --preload deflow/bun src/main.ts"] },
];

/** Which of them a script starts. */
export function closedTools(given: Package): readonly string[] {
  return closed.filter(({ tool }) => starter(given, tool) !== undefined).map(({ tool }) => tool);
}

function starter(given: Package, tool: string): string | undefined {
  const start = new RegExp(`^(?:(?:npx|bunx|pnpm|pnpm exec|yarn)\\s+)?${tool.replace(" ", "\\s+")}\\s`);
  return commandsOf(given).find((command) => start.test(command));
}

export function toldClosed(given: Package): ByHand[] {
  const isLoaded = commandsOf(given).some((command) => command.includes("deflow/register"));
  return closed.flatMap(({ tool, isLoaded: mayLoad, lines }): ByHand[] => {
    const command = starter(given, tool);
    if (command === undefined || (mayLoad && isLoaded)) return [];
    const ways = mayLoad ? ["build with a tool that takes the plugin, as tsup; or let Node compile what it wrote:", "node --import deflow/register dist/main.js", ...lines] : lines;
    return [{ file: "package.json", why: `\`${command}\` takes no plugins`, lines: ways }];
  });
}

/** Whether bunfig.toml loads deflow before all that Bun runs. */
export function isInBunfig({ folder }: Package): boolean {
  try {
    return /^\s*preload\s*=.*["']deflow\/bun["']/m.test(readFileSync(join(folder, "bunfig.toml"), "utf8"));
  } catch { // there is none
    return false;
  }
}
