// The commands of scripts, as far as a shell's reading of them is needed here.

import type { Package } from "./package.ts";

/** Not in quotes. */
export const separators = /(\s*(?:&&|\|\||;)\s*)(?=(?:[^"']|"[^"]*"|'[^']*')*$)/;

/** What is set for a command alone: `NODE_ENV=production tsc`. */
export const settings = /^(?:cross-env\s+)?(?:\w+=\S*\s+)*/;

/** All of package.json, without what is set for one alone. */
export function commandsOf({ scripts }: Package): string[] {
  return Object.values(scripts).flatMap((script) => script.split(separators)).map((command) => command.trim().replace(settings, ""));
}

/** The words of a command as a shell reads them, as far as quotes. */
export function wordsOf(command: string): string[] {
  return (command.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? []).map((word) => word.replaceAll(/"([^"]*)"|'([^']*)'/g, "$1$2"));
}

export function optionOf(words: readonly string[], names: readonly string[]): string | undefined {
  const at = words.findIndex((word) => names.includes(word.replace(/=.*/, "")));
  const word = words[at];
  return word === undefined ? undefined : word.includes("=") ? word.slice(word.indexOf("=") + 1) : words[at + 1];
}
