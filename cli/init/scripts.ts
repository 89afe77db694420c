// The scripts of package.json, command by command: what starts a compiler or a program that would not see the flows.
//
//   tsc -p tsconfig.build.json && node dist/main.js   →   tspc -p tsconfig.build.json && node dist/main.js
//   tsx src/main.ts                                   →   node --import deflow/register --import tsx src/main.ts

import { join, normalize } from "node:path";
import { modify, applyEdits } from "jsonc-parser";
import type { ByHand, Change } from "./change.ts";
import { formatOf } from "./json-format.ts";
import type { Package } from "./package.ts";

/** Not in quotes. */
const separators = /(\s*(?:&&|\|\||;)\s*)(?=(?:[^"']|"[^"]*"|'[^']*')*$)/;

/** The tsconfigs of scripts that emit with tsc; of `--build` all that it names. */
export function tscConfigs({ scripts }: Package): readonly string[] {
  return [...new Set(commands(scripts).filter(isBuild).flatMap(projectsOf).map(configIn))];
}

/** The tsconfigs that ts-node reads. */
export function tsNodeConfigs({ scripts }: Package): readonly string[] {
  return [...new Set(commands(scripts).filter(isTsNode).map((command) => configIn(optionOf(wordsOf(command), ["-P", "--project"]) ?? ".")))];
}

function projectsOf(command: string): readonly string[] {
  const [, ...words] = wordsOf(command);
  const built = words.findIndex((word) => word === "-b" || word === "--build");
  if (built < 0) return [optionOf(words, ["-p", "--project"]) ?? "."];
  const named = words.slice(built + 1).filter((word) => !/^(?:-.*|true|false)$/.test(word));
  return named.length > 0 ? named : ["."];
}

function optionOf(words: readonly string[], names: readonly string[]): string | undefined {
  const at = words.findIndex((word) => names.includes(word.replace(/=.*/, "")));
  const word = words[at];
  return word === undefined ? undefined : word.includes("=") ? word.slice(word.indexOf("=") + 1) : words[at + 1];
}

function configIn(project: string): string {
  return normalize(/\.json$/.test(project) ? project : join(project, "tsconfig.json")).replaceAll("\\", "/");
}

/** The words of a command as a shell reads them, as far as quotes. */
function wordsOf(command: string): string[] {
  return (command.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? []).map((word) => word.replaceAll(/"([^"]*)"|'([^']*)'/g, "$1$2"));
}

export function usesTsx({ scripts }: Package): boolean {
  return commands(scripts).some((command) => /^tsx\s/.test(command));
}

/** Undefined: they are as they should be. */
export function scriptsChange({ manifest, scripts }: Package, tools: { readonly tsc: boolean; readonly node: boolean }): Change | undefined {
  let after = manifest;
  for (const [name, script] of Object.entries(scripts)) {
    const edited = script.split(separators).map((part) => changedCommand(part, tools)).join("");
    if (edited !== script) after = applyEdits(after, modify(after, ["scripts", name], edited, { formattingOptions: formatOf(after) }));
  }
  return after === manifest ? undefined : { file: "package.json", before: manifest, after };
}

/** Commands of tsc and tsx that are written in a way which is not understood here: nobody else would say that flows pass them by. */
export function leftCommands({ scripts }: Package, tools: { readonly tsc: boolean; readonly node: boolean }): ByHand[] {
  return Object.entries(scripts).flatMap(([name, script]) => script.split(separators).flatMap((part): ByHand[] => {
    const command = part.trim();
    const tool = /(?:^|[\s/"'])(tsc|tsx)(?=[\s"']|$)/.exec(command)?.[1];
    if (tool === undefined || changedCommand(command, tools) !== command || /deflow\/register|\s--noEmit\b/.test(command)) return [];
    if (/^tsc(?:\s|$)/.test(command.replace(settings, ""))) return []; // it writes no JavaScript
    return [{ file: "package.json", why: `the command \`${command}\` of the script \`${name}\` is not understood`, lines: [tool === "tsc" ? "tspc in the place of tsc" : "node --import deflow/register --import tsx in the place of tsx"] }];
  }));
}

/** What is set for a command alone: `NODE_ENV=production tsc`. */
const settings = /^(?:cross-env\s+)?(?:\w+=\S*\s+)*/;

function changedCommand(whole: string, tools: { readonly tsc: boolean; readonly node: boolean }): string {
  const [before = ""] = settings.exec(whole) ?? [];
  return before + changed(whole.slice(before.length), tools);
}

function changed(command: string, tools: { readonly tsc: boolean; readonly node: boolean }): string {
  if (tools.tsc && /^tsc(?:\s|$)/.test(command)) return command.replace(/^tsc/, "tspc");
  if (command.includes("deflow/register")) return command;
  // tsx has commands and options of its own, which Node would not know.
  if (/^tsx\s+[^\s-]/.test(command) && !/^tsx\s+watch\s/.test(command)) return command.replace(/^tsx/, "node --import deflow/register --import tsx");
  if (/^tsx\s+watch\s+[^\s-]/.test(command)) return command.replace(/^tsx\s+watch/, "node --watch --import deflow/register --import tsx");
  if (tools.node && /^node\s/.test(command)) return command.replace(/^node/, "node --import deflow/register");
  return command;
}

function commands(scripts: Readonly<Record<string, string>>): string[] {
  return Object.values(scripts).flatMap((script) => script.split(separators)).map((command) => command.trim().replace(settings, ""));
}

function isBuild(command: string): boolean {
  return /^(?:tsc|tspc)(?:\s|$)/.test(command) && !/\s--(?:noEmit|emitDeclarationOnly)\b/.test(command);
}

function isTsNode(command: string): boolean {
  return /^ts-node(?:-dev|-esm)?\s/.test(command) || /^node\s.*\bts-node\/(?:esm|register)\b/.test(command);
}
