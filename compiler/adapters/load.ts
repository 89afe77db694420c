// What a Node loader does with one file, whichever kind of hook Node has.

import { readFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { compile } from "../compile.ts";
import { isFatal } from "../diagnostics/diagnostic.ts";
import { colours, failure, report } from "../report.ts";
import { releasedFor } from "../lock/nearest.ts";
import { isScript, nameIn } from "./files.ts";

export interface Loaded {
  readonly source?: unknown;
}

/** `loaded` with its flows compiled; the same object where there is nothing to compile. */
export function rewrite<T extends Loaded>(url: string, loaded: T): T {
  const address = url.split(/[?#]/)[0] as string;
  if (!address.startsWith("file:") || !isScript(address)) return loaded;
  const file = fileURLToPath(address);
  const source = text(loaded.source) ?? readFileSync(file, "utf8"); // CommonJS may arrive without its source
  const compiled = compile(source, { fileName: nameIn(process.cwd(), file), released: releasedFor(file), dev: process.env["NODE_ENV"] === "development" });
  if (!compiled) return loaded;
  const colour = colours(process.stderr);
  for (const warning of compiled.diagnostics.filter((d) => !isFatal(d))) console.warn(report(warning, source, file, colour));
  const error = failure(compiled.diagnostics, source, file, colour);
  if (error) throw error;
  const map = JSON.stringify({ ...compiled.map, sources: [pathToFileURL(file).href] });
  return { ...loaded, source: `${compiled.code}\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(map).toString("base64")}` };
}

function text(source: unknown): string | undefined {
  if (typeof source === "string") return source;
  if (source instanceof ArrayBuffer || source instanceof Uint8Array) return new TextDecoder().decode(source);
  return undefined;
}
