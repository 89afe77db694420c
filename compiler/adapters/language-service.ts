// The plugin of editors: { "name": "deflow/language-service" }, in the same entry of a tsconfig as the transformer.
//
// Adds to what TypeScript's language service tells of a file what the compiler and its types tell of it, and shows at an `await` of a flow what
// is kept there.

import { dirname } from "node:path";
import type ts from "typescript";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { typedCheck, type TypedOptions } from "../typed/check.ts";
import { keptAt, type KeptAt } from "../typed/hover.ts";
import { compiledFiles, type CompiledFile } from "./compiled.ts";
import { isScript } from "./files.ts";
import { identity, toTypeScript } from "./typescript.ts";

/** What tsserver hands to a plugin, as far as it is used here. */
export interface PluginInfo {
  readonly languageService: ts.LanguageService;
  readonly project: { getCurrentDirectory(): string; getCompilerOptions?(): ts.CompilerOptions };
  readonly config?: TypedOptions;
}

export default function plugin({ typescript: api }: { readonly typescript: typeof ts }): { create(info: PluginInfo): ts.LanguageService } {
  return { create: (info) => decorated(api, info) };
}

function decorated(api: typeof ts, { languageService: inner, project, config }: PluginInfo): ts.LanguageService {
  const file = fileReader(project);
  const checks = new WeakMap<ts.Program, ReturnType<typeof typedCheck>>();
  const told = (program: ts.Program, { source, compiled, diagnostics }: OpenFile): readonly Diagnostic[] => {
    let check = checks.get(program);
    if (check === undefined) checks.set(program, (check = typedCheck(api, program, { any: config?.any === true })));
    // Errors of syntax are TypeScript's to tell.
    return [...diagnostics, ...check(source, compiled)].filter(({ code }) => code !== "DF107");
  };
  return {
    ...inner,
    getSemanticDiagnostics(fileName) {
      const program = inner.getProgram();
      const open = program && file(program, fileName);
      const theirs = inner.getSemanticDiagnostics(fileName);
      if (!open) return theirs;
      // Of two entries the second decorates what the first made.
      const known = new Set(theirs.map(identity));
      return [...theirs, ...told(program, open).map((diagnostic) => toTypeScript(api, open.source, diagnostic)).filter((diagnostic) => !known.has(identity(diagnostic)))];
    },
    getQuickInfoAtPosition(fileName, position, ...rest) {
      const program = inner.getProgram();
      const open = program && file(program, fileName);
      const kept = program && open?.compiled && keptAt(api, program, open.source, open.compiled, position);
      return kept ? quickInfo(api, kept) : inner.getQuickInfoAtPosition(fileName, position, ...rest);
    },
  };
}

interface OpenFile extends CompiledFile {
  readonly source: ts.SourceFile;
}

function fileReader(project: PluginInfo["project"]): (program: ts.Program, fileName: string) => OpenFile | undefined {
  const compiledFile = compiledFiles();
  return (program, fileName) => {
    const source = program.getSourceFile(fileName);
    if (!source || source.isDeclarationFile || !isScript(fileName) || program.isSourceFileFromExternalLibrary(source)) return undefined;
    return { source, ...compiledFile(source, folderOf(program, project)) };
  };
}

function folderOf(program: ts.Program, project: PluginInfo["project"]): string {
  const { configFilePath } = program.getCompilerOptions();
  return typeof configFilePath === "string" ? dirname(configFilePath) : project.getCurrentDirectory();
}

const waitsAre = {
  there: "Stored with what is kept, if a durable promise is awaited; an ordinary one is awaited in memory.",
  "each round": "Each round awaits here: stored with what is kept, if that is durable.",
  "at the end": "The end of the block awaits what it disposes of: stored with what is kept, if that is durable.",
};

function quickInfo(api: typeof ts, { point, start, waits, stops, locals }: KeptAt): ts.QuickInfo {
  const lines = locals.map(({ name, type }) => `  ${name}${type === undefined ? "" : `: ${type}`};`);
  const kept = lines.length === 0 ? "kept: {}" : ["kept: {", ...lines, "}"].join("\n");
  return {
    kind: api.ScriptElementKind.keyword,
    kindModifiers: "",
    textSpan: { start, length: "await".length },
    displayParts: [{ text: `await ${point}\n${kept}`, kind: "text" }],
    documentation: [{ text: stops ? "The run stops here, and is stored with what is kept." : waitsAre[waits], kind: "text" }],
  };
}
