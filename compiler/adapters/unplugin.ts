// The one plugin behind every bundler's entry (vite.ts, rollup.ts, esbuild.ts, webpack.ts, …), by unplugin.
//
// The entries write their plugin's type out, so that the package's types need none of these tools; a test holds them against theirs.

import { createUnplugin } from "unplugin";
import { compile } from "../compile.ts";
import { isFatal } from "../diagnostics/diagnostic.ts";
import { lockFileFor, releasedFor } from "../lock/nearest.ts";
import { failure, frame, place, report, title } from "../report.ts";
import { isScript, nameIn } from "./files.ts";

interface Message {
  message: string;
  id: string;
  loc: { file: string; line: number; column: number };
  frame: string;
}

export const plugin = createUnplugin<undefined, false>((_, { framework }) => {
  let project = process.cwd();
  let dev = process.env["NODE_ENV"] === "development";
  const byCompiler = (compiler: { readonly context: string; readonly options: { readonly mode?: unknown } }): void => {
    project = compiler.context;
    dev = compiler.options.mode === "development";
  };
  const showsFrames = framework === "vite" || framework === "rollup" || framework === "rolldown";
  return {
    name: "deflow",
    /** Before the tool strips the types: the compiler wants the author's own text. */
    enforce: "pre",
    vite: {
      configResolved({ root, command }: { readonly root: string; readonly command?: string }) {
        project = root;
        dev = command === "serve";
      },
    },
    webpack: byCompiler,
    rspack: byCompiler,
    esbuild: {
      onLoadFilter: /\.[cm]?[jt]sx?$/,
      loader: "default", // the one that the build has for the file's extension
      config({ absWorkingDir }) {
        project = absWorkingDir ?? project;
      },
    },
    transform: {
      /** Asked by newer tools before they call; for older ones unplugin asks. */
      filter: { id: /\.[cm]?[jt]sx?(?:\?|$)/, code: /\bdeflow\b/ },
      handler(code, id) {
        const file = id.split("?")[0] as string;
        if (!isScript(file)) return null;
        // First: one that cannot be read is watched too, until it is mended.
        const lock = lockFileFor(file);
        if (lock !== undefined) this.addWatchFile(lock);
        const compiled = compile(code, { fileName: nameIn(project, file), released: releasedFor(file), dev });
        if (!compiled) return null;
        for (const warning of compiled.diagnostics.filter((d) => !isFatal(d))) this.warn(report(warning, code, file)); // not all that show frames of errors show those of warnings
        // Those that show frames show one error per file: the first with its own place and frame, the others behind it in full.
        const [first, ...others] = compiled.diagnostics.filter(isFatal);
        const error = failure(compiled.diagnostics, code, file);
        if (first && error) this.error(showsFrames ? message(first, code, file, others.map((d) => report(d, code, file))) : error.message);
        // A relative source would be looked for beside the file. An object, because Farm takes no text.
        return { code: compiled.code, map: { ...compiled.map, sources: [file] } };
      },
    },
  };
});

function message(diagnostic: Parameters<typeof report>[0], code: string, file: string, others: readonly string[] = []): Message {
  const { line, column } = place(code, diagnostic.start);
  return {
    message: [`${title(diagnostic)}\nFix: ${diagnostic.fix}\nSee: deflow explain ${diagnostic.code}`, ...others].join("\n\n"),
    id: file,
    loc: { file, line, column: column - 1 },
    frame: frame(code, diagnostic),
  };
}
