// Compiles a folder of fixtures through a core, by the graft or by swapping the text, with a given TypeScript.

import { readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type ts from "typescript";
import { graft } from "../../compiler/adapters/graft.ts";
import type { Piece } from "../../compiler/text.ts";

export type Core = (source: string, fileName: string) => readonly Piece[] | null;

/** Library files are parsed once for all programs of one TypeScript. */
const libraries = new Map<string, ts.SourceFile>();

/** The emitted files by name (`main.js`, `main.js.map`, `main.d.ts`). */
export function emit(api: typeof ts, files: readonly string[], options: ts.CompilerOptions, core: Core, how: "graft" | "swap"): Map<string, string> {
  const folder = dirname(files[0] as string);
  const all: ts.CompilerOptions = { skipLibCheck: true, types: [], rootDir: folder, outDir: join(folder, "dist"), jsxFactory: options.jsx === api.JsxEmit.React ? "h" : undefined, ...options } as ts.CompilerOptions;
  const host = api.createCompilerHost(all);
  const { getSourceFile } = host;
  host.getSourceFile = (fileName, languageVersion) => {
    if (files.includes(fileName)) {
      const source = readFileSync(fileName, "utf8");
      const pieces = how === "swap" ? core(source, fileName) : null;
      return api.createSourceFile(fileName, pieces?.map((p) => p.text).join("") ?? source, languageVersion, true);
    }
    const key = `${api.version} ${fileName} ${JSON.stringify(languageVersion)}`;
    let library = libraries.get(key);
    if (!library) {
      const read = getSourceFile.call(host, fileName, languageVersion);
      if (!read) return undefined;
      libraries.set(key, (library = read));
    }
    return library;
  };
  const program = api.createProgram([...files], all, host);
  const before: ts.TransformerFactory<ts.SourceFile> = (context) => (file) => {
    const pieces = core(file.text, file.fileName);
    return pieces ? graft(api, context, file, pieces) : file;
  };
  const written = new Map<string, string>();
  program.emit(undefined, (name, text) => written.set(basename(name), text), undefined, false, how === "graft" ? { before: [before] } : {});
  return written;
}
