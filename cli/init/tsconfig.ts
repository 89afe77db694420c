// tsconfig.json: the transformer, and what editors load, among its plugins; for ts-node the compiler that loads them. Comments and layout stay.

import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import { applyEdits, type EditResult, modify, parse, type ParseError } from "jsonc-parser";
import ts from "typescript";
import { lockTypes } from "../lock-types.ts";
import type { ByHand, Change } from "./change.ts";
import { formatOf } from "./json-format.ts";

const entry = { name: "deflow/language-service", transform: "deflow/transformer", transformProgram: true };
const line = `"plugins": [${JSON.stringify(entry)}]`;
const patched = "ts-patch/compiler";
const tsNodeLine = `beside them: "ts-node": { "compiler": "${patched}" }`;

interface Plugin {
  readonly transform?: string;
  readonly transformProgram?: boolean;
}

interface Config {
  readonly compilerOptions?: { readonly plugins?: unknown };
  readonly references?: unknown;
  readonly files?: unknown;
  readonly "ts-node"?: { readonly compiler?: string; readonly swc?: boolean };
}

/** Undefined: it has the entry, or one that it extends does. `tsNode`: ts-node reads it too. */
export function tsconfigChange(folder: string, file: string, tsNode: boolean): Change | ByHand | undefined {
  const path = resolve(folder, file);
  const byHand = (why: string): ByHand => ({ file, why, lines: [`in "compilerOptions": ${line}`, ...(tsNode ? [tsNodeLine] : [])] });
  if (!existsSync(path)) return file === "tsconfig.json" ? { file, why: "it is not there", lines: ["npx tsc --init", "npx deflow init"] } : byHand("it is not there");
  if (isOutside(folder, path)) return byHand("it is outside the package");
  const before = readFileSync(path, "utf8");
  const errors: ParseError[] = [];
  const own = parse(before, errors, { allowTrailingComma: true }) as Config | null | undefined;
  if (errors.length > 0 || typeof own !== "object" || own === null) return byHand("it is no valid JSON");
  const all = pluginsOf(path);
  const set = all.filter(({ transform }) => transform === entry.transform);
  const isSet = set.length > 0;
  if (set.some(({ transformProgram }) => transformProgram !== true)) return byHand(`${set.length > 1 ? "one of its entries" : "its entry"} of the transformer does not say "transformProgram": true`);
  if (!isSet && Array.isArray(own.references) && Array.isArray(own.files) && own.files.length === 0) return byHand("it only refers to others: the entry goes into each of those whose files have flows");
  const { swc = false, compiler } = own["ts-node"] ?? {};
  if (tsNode && (swc || (compiler !== undefined && compiler !== patched))) return byHand("ts-node has another compiler there");
  let after = isSet ? before : applyEdits(before, pluginEdits(before, own, all));
  if (tsNode && compiler === undefined) after = applyEdits(after, modify(after, ["ts-node", "compiler"], patched, { formattingOptions: formatOf(after) }));
  return after === before ? undefined : { file, before, after };
}

function isOutside(folder: string, path: string): boolean {
  const way = relative(realpathSync(folder), realpathSync(path));
  return way.startsWith("..") || isAbsolute(way);
}

function pluginEdits(before: string, own: Config, all: readonly Plugin[]): EditResult {
  const formattingOptions = formatOf(before);
  return Array.isArray(own.compilerOptions?.plugins)
    ? modify(before, ["compilerOptions", "plugins", -1], entry, { formattingOptions, isArrayInsertion: true })
    // A list of its own hides the one that it would have by `extends`.
    : modify(before, ["compilerOptions", "plugins"], [...all, entry], { formattingOptions });
}

/** With those of the configurations that it extends. */
function pluginsOf(path: string): readonly Plugin[] {
  const { plugins } = read(path).options;
  return Array.isArray(plugins) ? plugins as Plugin[] : [];
}

/** Whether tsc writes JavaScript by it, or by one that it refers to; of one that is not there it is assumed. */
export function emits(folder: string, file: string, asked = new Set<string>()): boolean {
  const path = resolve(folder, file);
  if (!existsSync(path)) return true;
  if (asked.has(path)) return false;
  asked.add(path);
  const { options, raw, projectReferences = [] } = read(path);
  const { files } = raw as Config;
  if (Array.isArray(files) && files.length === 0 && projectReferences.length > 0) return projectReferences.some((reference) => emits(folder, ts.resolveProjectReferencePath(reference), asked));
  return options.noEmit !== true && options.emitDeclarationOnly !== true;
}

/** Whether the files of the package's tsconfig.json have what `deflow lock` writes beside it, or will when it is there. */
export function readsLockTypes(folder: string): boolean {
  const path = join(folder, "tsconfig.json");
  if (!existsSync(path)) return true;
  const { wildcardDirectories = {}, raw } = read(path);
  const { include = [], files = [], references = [] } = raw as { readonly [list in "include" | "files" | "references"]?: readonly string[] };
  if (files.length === 0 && references.length > 0) return true;
  const isNamed = [...include, ...files].some((name) => resolve(folder, name) === join(folder, lockTypes));
  // 1: with the folders in it.
  return isNamed || Object.entries(wildcardDirectories).some(([at, depth]) => resolve(at) === folder || (Number(depth) === 1 && folder.startsWith(`${resolve(at)}/`)));
}

/** With what it extends, and without its files. */
function read(path: string): ts.ParsedCommandLine {
  const { config } = ts.readConfigFile(path, (file) => ts.sys.readFile(file)) as { config?: unknown };
  return ts.parseJsonConfigFileContent(config ?? {}, { ...ts.sys, readDirectory: () => [] }, dirname(path));
}
