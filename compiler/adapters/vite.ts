// The plugin for Vite, Vitest, Rollup and Rolldown: `plugins: [deflow()]`.
//
// Its type is written out here, so that the package needs none of these tools; a test holds it against theirs.

import { compile } from "../compile.ts";
import { isFatal } from "../diagnostics/diagnostic.ts";
import { frame, place, report, title } from "../report.ts";
import { releasedFor } from "../lock/nearest.ts";
import { isScript, nameIn } from "./files.ts";

export interface DeflowPlugin {
  readonly name: "deflow";
  /** Before the tool strips the types: the compiler wants the author's own text. */
  readonly enforce: "pre";
  /** Vite only. */
  readonly configResolved: (config: { readonly root: string; readonly command?: string }) => void;
  readonly transform: {
    /** Asked by newer tools before they call; older ones call for every file. */
    readonly filter: { readonly id: RegExp; readonly code: RegExp };
    readonly handler: (this: PluginContext, code: string, id: string) => { code: string; map: string } | null;
  };
}

interface PluginContext {
  error(error: PluginMessage): never;
  warn(warning: PluginMessage): void;
}

interface PluginMessage {
  message: string;
  id: string;
  loc: { file: string; line: number; column: number };
  frame: string;
}

export function deflow(): DeflowPlugin {
  let project = process.cwd();
  let dev = false;
  return {
    name: "deflow",
    enforce: "pre",
    configResolved({ root, command }) {
      project = root;
      dev = command === "serve";
    },
    transform: {
      filter: { id: /\.[cm]?[jt]sx?(?:\?|$)/, code: /\bdeflow\b/ },
      handler(code, id) {
        const file = id.split("?")[0] as string;
        if (!isScript(file)) return null;
        const compiled = compile(code, { fileName: nameIn(project, file), released: releasedFor(file), dev });
        if (!compiled) return null;
        for (const warning of compiled.diagnostics.filter((d) => !isFatal(d))) this.warn(message(warning, code, file));
        const fatal = compiled.diagnostics.filter(isFatal);
        // A tool shows one error per file: the first with its own place and frame, the others behind it in full.
        const [first, ...others] = fatal;
        if (first) this.error(message(first, code, file, others.map((d) => report(d, code, file))));
        // A relative source would be looked for beside the file.
        return { code: compiled.code, map: JSON.stringify({ ...compiled.map, sources: [file] }) };
      },
    },
  };
}

function message(diagnostic: Parameters<typeof report>[0], code: string, file: string, others: readonly string[] = []): PluginMessage {
  const { line, column } = place(code, diagnostic.start);
  return {
    message: [`${title(diagnostic)}\nFix: ${diagnostic.fix}\nSee: ${diagnostic.docs}`, ...others].join("\n\n"),
    id: file,
    loc: { file, line, column: column - 1 },
    frame: frame(code, diagnostic),
  };
}
