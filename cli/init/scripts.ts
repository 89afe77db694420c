// The scripts of package.json and the tasks of deno.json, command by command: what starts a compiler or a program that would not see the flows.
//
//   tsc -p tsconfig.build.json && node dist/main.js   →   tspc -p tsconfig.build.json && node dist/main.js
//   the same with TypeScript 7                        →   deflow tsc -p tsconfig.build.json && node dist/main.js
//   tsx src/main.ts                                   →   node --import deflow/register --import tsx src/main.ts
//   bun src/main.ts                                   →   bun --preload deflow/bun src/main.ts
//   deno run -A src/main.ts                           →   deno run --preload npm:deflow/register -A src/main.ts

import { existsSync, readFileSync } from "node:fs";
import { join, normalize } from "node:path";
import { applyEdits, modify, parse, type ParseError } from "jsonc-parser";
import type { ByHand, Change } from "./change.ts";
import { commandsOf, optionOf, separators, settings, wordsOf } from "./commands.ts";
import { formatOf } from "./json-format.ts";
import type { Package } from "./package.ts";

/** What compiles the flows of the package, as far as scripts start it. */
export interface Compilers {
  /** tsc does. */
  readonly tsc: boolean;
  /** What stands in the place of tsc then. */
  readonly inPlace: "tspc" | "deflow tsc";
  /** Node loads them. */
  readonly node: boolean;
  /** Bun's commands have to say it, since bunfig.toml does not. */
  readonly bun: boolean;
}

/** The tsconfigs of scripts that emit with tsc; of `--build` all that it names. */
export function tscConfigs(given: Package): readonly string[] {
  return [...new Set(commandsOf(given).filter(isBuild).flatMap(projectsOf).map(configIn))];
}

/** The tsconfigs that ts-node reads. */
export function tsNodeConfigs(given: Package): readonly string[] {
  return [...new Set(commandsOf(given).filter(isTsNode).map((command) => configIn(optionOf(wordsOf(command), ["-P", "--project"]) ?? ".")))];
}

function projectsOf(command: string): readonly string[] {
  const [, ...words] = wordsOf(command);
  const built = words.findIndex((word) => word === "-b" || word === "--build");
  if (built < 0) return [optionOf(words, ["-p", "--project"]) ?? "."];
  const named = words.slice(built + 1).filter((word) => !/^(?:-.*|true|false)$/.test(word));
  return named.length > 0 ? named : ["."];
}

function configIn(project: string): string {
  return normalize(/\.json$/.test(project) ? project : join(project, "tsconfig.json")).replaceAll("\\", "/");
}

/** What a package's scripts start; of Node, Bun and Deno the programs and not the tests. */
export const starts = {
  tsx: /^tsx\s/,
  node: /^node\s/,
  /** Sources: their types are stripped by Node, or by a loader beside ours. */
  nodeSources: /^node\s.*\.[cm]?tsx?(?:\s|$)/,
  deflowTsc: /^deflow\s+tsc(?:\s|$)/,
  bun: /^bun\s+(?:-\S+\s+(?:[^\s-]\S*\s+)?)*(?:run\s+)?[^\s-]\S*\.[cm]?[jt]sx?(?:\s|$)/,
  bunTest: /^bun\s+test(?:\s|$)/,
  deno: /^deno\s+run\s/,
  denoTest: /^deno\s+test(?:\s|$)/,
} as const;

export function hasCommand(given: Package, what: RegExp): boolean {
  return [...commandsOf(given), ...tasksOf(given).map(({ task }) => task)].some((command) => what.test(command));
}

/** Undefined: they are as they should be. */
export function scriptsChange({ manifest, scripts }: Package, compilers: Compilers): Change | undefined {
  return edited("package.json", manifest, Object.entries(scripts).map(([name, script]) => ({ path: ["scripts", name], task: script })), compilers);
}

/** Undefined: there are no tasks, or they are as they should be. */
export function tasksChange(given: Package, compilers: Compilers): Change | undefined {
  const file = denoConfig(given);
  return file === undefined ? undefined : edited(file, readFileSync(join(given.folder, file), "utf8"), tasksOf(given), compilers);
}

interface Task {
  /** Of the text, in the file's JSON. */
  readonly path: string[];
  readonly task: string;
}

function edited(file: string, before: string, tasks: readonly Task[], compilers: Compilers): Change | undefined {
  let after = before;
  for (const { path, task } of tasks) {
    const text = task.split(separators).map((part) => changedCommand(part, compilers)).join("");
    if (text !== task) after = applyEdits(after, modify(after, path, text, { formattingOptions: formatOf(after) }));
  }
  return after === before ? undefined : { file, before, after };
}

export function denoConfig({ folder }: Package): string | undefined {
  return ["deno.json", "deno.jsonc"].find((file) => existsSync(join(folder, file)));
}

/** Of deno.json: a command, or an object that has it. */
function tasksOf(given: Package): Task[] {
  const file = denoConfig(given);
  if (file === undefined) return [];
  const errors: ParseError[] = [];
  const { tasks = {} } = (parse(readFileSync(join(given.folder, file), "utf8"), errors, { allowTrailingComma: true }) ?? {}) as { tasks?: Record<string, unknown> };
  return errors.length > 0 ? [] :  Object.entries(tasks).flatMap(([name, task]): Task[] => {
    const { command } = (typeof task === "object" ? task ?? {} : {}) as { command?: unknown };
    return typeof task === "string" ? [{ path: ["tasks", name], task }] : typeof command === "string" ? [{ path: ["tasks", name, "command"], task: command }] : [];
  });
}

/** Commands of these tools that are written in a way which is not understood here: nobody else would say that flows pass them by. */
export function leftCommands({ scripts }: Package, compilers: Compilers): ByHand[] {
  return Object.entries(scripts).flatMap(([name, script]) => script.split(separators).flatMap((part): ByHand[] => {
    const command = part.trim();
    const wanted = wantedIn(command, compilers);
    if (wanted === undefined || changedCommand(command, compilers) !== command || /deflow\/register|\s--noEmit\b/.test(command)) return [];
    return [{ file: "package.json", why: `the command \`${command}\` of the script \`${name}\` is not understood`, lines: [wanted] }];
  }));
}

/** What should stand in a command; undefined: it is none that has to do with flows. */
function wantedIn(command: string, { tsc, inPlace }: Compilers): string | undefined {
  const tool = /(?:^|[\s/"'])(tsc|tsx)(?=[\s"']|$)/.exec(command)?.[1];
  if (tool === "tsx") return "node --import deflow/register --import tsx in the place of tsx";
  const own = command.replace(settings, "");
  if (tool === undefined || starts.deflowTsc.test(own) || (/^tsc(?:\s|$)/.test(own) && !(tsc && isBuild(own)))) return undefined; // it writes no JavaScript
  return inPlace === "tspc" ? "tspc in the place of tsc" : "deflow tsc -p . in the place of tsc: its other options go into tsconfig.json, of several projects each has its command, and `tsc --noEmit -w` watches the types";
}

function changedCommand(whole: string, compilers: Compilers): string {
  const [before = ""] = settings.exec(whole) ?? [];
  return before + changed(whole.slice(before.length), compilers);
}

function changed(command: string, { tsc, inPlace, node, bun }: Compilers): string {
  if (tsc && inPlace === "tspc" && /^tsc(?:\s|$)/.test(command)) return command.replace(/^tsc/, "tspc");
  // Of tsc's options it has these.
  if (tsc && inPlace === "deflow tsc" && /^tsp?c(?:\s+(?:--noEmit|(?:-p|--project)(?:\s+|=)(?:"[^"]*"|'[^']*'|[^\s"']+)))*\s*$/.test(command)) return command.replace(/^tsp?c/, "deflow tsc");
  if (/deflow\/(?:register|bun)/.test(command)) return command;
  // tsx has commands and options of its own, which Node would not know.
  if (/^tsx\s+[^\s-]/.test(command) && !/^tsx\s+watch\s/.test(command)) return command.replace(/^tsx/, "node --import deflow/register --import tsx");
  if (/^tsx\s+watch\s+[^\s-]/.test(command)) return command.replace(/^tsx\s+watch/, "node --watch --import deflow/register --import tsx");
  if (node && starts.node.test(command)) return command.replace(/^node/, "node --import deflow/register");
  if (bun && starts.bunTest.test(command)) return command.replace(/^bun\s+test/, "bun test --preload deflow/bun");
  if (bun && starts.bun.test(command)) return command.replace(/^bun/, "bun --preload deflow/bun");
  return command.replace(/^deno\s+(run|test)(?=\s|$)/, "deno $1 --preload npm:deflow/register");
}

function isBuild(command: string): boolean {
  return /^(?:tsc|tspc)(?:\s|$)/.test(command) && !/\s--(?:noEmit|emitDeclarationOnly)\b/.test(command);
}

function isTsNode(command: string): boolean {
  return /^ts-node(?:-dev|-esm)?\s/.test(command) || /^node\s.*\bts-node\/(?:esm|register)\b/.test(command);
}
