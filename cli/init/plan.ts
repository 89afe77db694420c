// What a package needs so that its flows are compiled, by the tools that it uses: compiler/adapters/README.md has them all.
//
//   the configuration of a bundler         its plugin
//   a script that builds with tsc          the transformer in its tsconfig, and tspc in the script; with TypeScript 7 `deflow tsc`
//   one that runs sources with ts-node     the transformer in its tsconfig, and the compiler that loads it
//   one that runs them with tsx, Bun, …    the loader before it
//   none of these                          a tsconfig.json, or ts-patch: as tsc; else the loader for what scripts run with Node

import { existsSync } from "node:fs";
import { join } from "node:path";
import { bundlersOf, type Found } from "./bundlers.ts";
import { type ByHand, type Change, isChange } from "./change.ts";
import { commandsOf } from "./commands.ts";
import { installing, type Package, versionOf } from "./package.ts";
import { type Compilers, denoConfig, hasCommand, leftCommands, scriptsChange, starts, tasksChange, tscConfigs, tsNodeConfigs } from "./scripts.ts";
import { closedTools, isInBunfig, jestConfig, nextConfig, toldClosed, toldTools } from "./told.ts";
import { emits, tsconfigChange } from "./tsconfig.ts";

export interface Plan {
  /** The tools that were found, for people. */
  readonly tools: readonly string[];
  readonly changes: readonly Change[];
  readonly byHand: readonly ByHand[];
  /** Commands that install what is missing. */
  readonly install: readonly string[];
}

export function planFor(given: Package): Plan {
  const found = bundlersOf(given);
  const uses = compilersOf(given, found);
  const configs = configsOf(found, uses);
  const outcomes = [
    ...found.flatMap(({ outcome }) => outcome ?? []), ...untypedBuild(given, found),
    ...(uses.closed.length > 0 ? toldClosed(given) : []),
    ...configs.flatMap((file) => tsconfigChange(given.folder, file, uses.tsNode.includes(file)) ?? []),
    ...unstarted(given, uses),
    ...[scriptsChange(given, uses) ?? [], tasksChange(given, uses) ?? []].flat(),
    ...leftCommands(given, uses), ...toldTools(given),
  ];
  return {
    tools: toolsOf(given, found, uses), changes: outcomes.filter(isChange),
    byHand: outcomes.filter((outcome): outcome is ByHand => !isChange(outcome)), install: missing(given, configs.length > 0, uses.tsNode.length > 0),
  };
}

interface Uses extends Compilers {
  /** The tsconfigs of scripts that emit. */
  readonly builds: readonly string[];
  readonly tsNode: readonly string[];
  /** Compilers that take no plugin. */
  readonly closed: readonly string[];
  /** It has tests that a tool of their own compiles. */
  readonly tests: boolean;
}

function compilersOf(given: Package, found: readonly Found[]): Uses {
  const tsNode = tsNodeConfigs(given);
  const builds = tscConfigs(given).filter((file) => emits(given.folder, file));
  const bundled = found.some(({ isTest }) => !isTest);
  const closed = bundled ? [] : closedTools(given);
  const others = bundled || tsNode.length > 0 || nextConfig(given) !== undefined || (["tsx", "deflowTsc", "bun", "deno"] as const).some((tool) => hasCommand(given, starts[tool])) || closed.some((tool) => tool === "esbuild" || tool === "bun build");
  const alone = !others && closed.length === 0 && !found.some(({ isTest }) => isTest) && !hasCommand(given, starts.nodeSources) && denoConfig(given) === undefined;
  // Who has ts-patch means to build with tsc, also before there is a tsconfig.json.
  const tsc = builds.length > 0 || (alone && (existsSync(join(given.folder, "tsconfig.json")) || "ts-patch" in given.dependencies));
  return {
    tsc, inPlace: versionOf(given, "typescript").major >= 7 ? "deflow tsc" : "tspc", node: !others && !tsc, bun: !isInBunfig(given), builds, tsNode, closed,
    tests: found.some(({ isTest }) => isTest) || jestConfig(given) !== undefined || hasCommand(given, starts.bunTest) || hasCommand(given, starts.denoTest),
  };
}

/** The tsconfigs that have to name the transformer. */
function configsOf(found: readonly Found[], { tsc, inPlace, builds, tsNode }: Uses): readonly string[] {
  const built = !tsc || inPlace === "deflow tsc" ? [] : builds.length > 0 ? builds : ["tsconfig.json"];
  return [...new Set([...built, ...tsNode, ...(found.some(({ isPatched }) => isPatched) ? ["tsconfig.json"] : [])])];
}

/** The words of people for what compiles the flows. */
function toolsOf(given: Package, found: readonly Found[], { tsc, inPlace, node, tsNode, closed, tests }: Uses): readonly string[] {
  const has = (tool: keyof typeof starts): boolean => hasCommand(given, starts[tool]);
  const tools = [
    ...found.map(({ tool }) => tool), ...closed.filter((tool) => tool === "esbuild"), ...(nextConfig(given) === undefined ? [] : ["Next.js"]),
    ...(tsc ? [inPlace === "tspc" ? "tsc" : inPlace] : has("deflowTsc") ? ["deflow tsc"] : []), ...(has("tsx") ? ["tsx"] : []), ...(tsNode.length > 0 ? ["ts-node"] : []),
    ...(has("bun") || has("bunTest") ? ["Bun"] : []), ...(has("deno") || has("denoTest") || (node && denoConfig(given) !== undefined && !has("node")) ? ["Deno"] : []),
    ...(node && (has("node") || (!tests && denoConfig(given) === undefined)) ? ["Node"] : []),
  ];
  return jestConfig(given) === undefined ? tools : [...tools, "Jest"];
}

/** Nothing that is found would compile the program. */
function unstarted(given: Package, { tsc, inPlace, builds, node, tests, closed }: Uses): ByHand[] {
  if (tsc && inPlace === "deflow tsc" && builds.length === 0) return [{ file: "package.json", why: "no script of it builds, and the tsc of TypeScript 7 compiles no flows", lines: ['"build": "deflow tsc -p ."'] }];
  if (!node || tests || closed.length > 0 || hasCommand(given, starts.node)) return [];
  if (denoConfig(given) !== undefined) return [{ file: denoConfig(given) as string, why: "no task of it starts a program", lines: ["deno run --preload npm:deflow/register main.ts"] }];
  return [{ file: "package.json", why: "no script of it starts a program", lines: ["node --import deflow/register app.js"] }];
}

/** ts-loader checked the types, and is told not to: something else has to. */
function untypedBuild(given: Package, found: readonly Found[]): ByHand[] {
  const stops = found.some(({ outcome }) => outcome !== undefined && isChange(outcome) && outcome.after.includes("transpileOnly") && !outcome.before.includes("transpileOnly"));
  const checks = commandsOf(given).some((command) => /\s--noEmit\b/.test(command)) || Object.keys(given.dependencies).some((name) => name.startsWith("fork-ts-checker"));
  return stops && !checks ? [{ file: "package.json", why: "ts-loader does not check the types any more, and no script does", lines: ['"types": "deflow tsc --noEmit"'] }] : [];
}

function missing(given: Package, transforms: boolean, tsNode: boolean): string[] {
  const { dependencies } = given;
  const { major, minor } = versionOf(given, "typescript");
  const range = dependencies["typescript"];
  const other = !transforms || range === undefined ? undefined
    : major >= 7 ? `typescript@6   (TypeScript 7 loads no transformers${tsNode ? ", and ts-node does not run on it" : ""})`
      : major < 5 || (major === 5 && minor < 9) ? `typescript@5.9   (the transformer is for 5.9 and 6; here it is ${range})` : undefined;
  // ts-patch 4 refuses TypeScript 5.
  const isFive = other === undefined ? major <= 5 : major < 7;
  const patch = versionOf(given, "ts-patch").major >= 4 && isFive ? "ts-patch@3   (ts-patch 4 is for TypeScript 6)" : undefined;
  const dev = [...(transforms && range === undefined ? ["typescript@6"] : []), ...(transforms && !("ts-patch" in dependencies) ? [isFive ? "ts-patch@3" : "ts-patch"] : [])];
  return [
    ...("deflow" in dependencies ? [] : [installing(given, ["deflow"], false)]),
    ...[other, transforms ? patch : undefined].flatMap((name) => (name === undefined ? [] : [installing(given, [name], true)])),
    ...(dev.length > 0 ? [installing(given, dev, true)] : []),
  ];
}
