// tsconfig.json: the transformer, and what editors load, among its plugins. Comments and layout stay.

import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { applyEdits, modify, parse, type ParseError } from "jsonc-parser";
import ts from "typescript";
import type { ByHand, Change } from "./change.ts";
import { formatOf } from "./json-format.ts";

const entry = { name: "deflow/language-service", transform: "deflow/transformer", transformProgram: true };
const line = `"plugins": [${JSON.stringify(entry)}]`;

/** Undefined: it has the entry, or one that it extends does. */
export function tsconfigChange(folder: string, file: string): Change | ByHand | undefined {
  const path = join(folder, file);
  const byHand = (why: string): ByHand => ({ file, why, lines: [`in "compilerOptions": ${line}`] });
  if (!existsSync(path)) return byHand("it is not there");
  const before = readFileSync(path, "utf8");
  const errors: ParseError[] = [];
  const own = parse(before, errors, { allowTrailingComma: true }) as { compilerOptions?: { plugins?: unknown }; references?: unknown; files?: unknown } | undefined;
  if (errors.length > 0 || typeof own !== "object") return byHand("it is no valid JSON");
  const all = pluginsOf(path);
  if (all.some(({ transform }) => transform === entry.transform)) return undefined;
  if (Array.isArray(own.references) && Array.isArray(own.files) && own.files.length === 0) return byHand("it only refers to others: the entry goes into each of those whose files have flows");
  const formattingOptions = formatOf(before);
  const edits = Array.isArray(own.compilerOptions?.plugins)
    ? modify(before, ["compilerOptions", "plugins", -1], entry, { formattingOptions, isArrayInsertion: true })
    // A list of its own hides the one that it would have by `extends`.
    : modify(before, ["compilerOptions", "plugins"], [...all, entry], { formattingOptions });
  return { file, before, after: applyEdits(before, edits) };
}

/** With those of the configurations that it extends. */
function pluginsOf(path: string): readonly { readonly transform?: string }[] {
  const { config } = ts.readConfigFile(path, (file) => ts.sys.readFile(file)) as { config?: unknown };
  const { plugins } = ts.parseJsonConfigFileContent(config ?? {}, { ...ts.sys, readDirectory: () => [] }, dirname(path)).options;
  return Array.isArray(plugins) ? plugins as { transform?: string }[] : [];
}
