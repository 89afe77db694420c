// A loader as webpack has them, for tools that take loaders and no plugins: Turbopack, in Next.js. Everywhere else a plugin is less to set up.

import { compile } from "../compile.ts";
import { isFatal } from "../diagnostics/diagnostic.ts";
import { lockFileFor, releasedFor } from "../lock/nearest.ts";
import { failure, report } from "../report.ts";
import { isScript, nameIn } from "./files.ts";

interface LoaderContext {
  readonly resourcePath: string;
  readonly rootContext: string;
  readonly mode?: string;
  addDependency(file: string): void;
  emitWarning(warning: Error): void;
  callback(error: Error | null, code?: string, map?: object): void;
}

/** As tools call it: with the context as `this`. They look at the default export; a name beside it makes that one in CommonJS too. */
export const loader: (this: LoaderContext, source: string, before?: object) => void = function (source, before) {
  rewrite(this, source, before);
};

/** @alias of `loader` */
export default loader;

function rewrite(context: LoaderContext, source: string, before: object | undefined): void {
  const { resourcePath: file, rootContext: project, mode } = context;
  if (!isScript(file) || !/\bdeflow\b/.test(source)) return context.callback(null, source, before);
  // First: one that cannot be read is watched too, until it is mended.
  const lock = lockFileFor(file);
  if (lock !== undefined) context.addDependency(lock);
  // Not every tool that takes loaders says what it builds for.
  const dev = (mode ?? process.env["NODE_ENV"]) === "development";
  const compiled = compile(source, { fileName: nameIn(project, file), released: releasedFor(file), dev });
  if (!compiled) return context.callback(null, source, before);
  for (const warning of compiled.diagnostics.filter((d) => !isFatal(d))) context.emitWarning(new Error(report(warning, source, file)));
  const error = failure(compiled.diagnostics, source, file);
  if (error) context.callback(error);
  else context.callback(null, compiled.code, { ...compiled.map, sources: [file] });
}
