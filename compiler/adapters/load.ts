// What a Node loader does with one file, whichever kind of hook Node has.

import { readFileSync } from "node:fs";
import module from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { compile } from "../compile.ts";
import { isFatal } from "../diagnostics/diagnostic.ts";
import { colours, failure, report } from "../report.ts";
import { releasedFor } from "../lock/nearest.ts";
import { isScript, nameIn } from "./files.ts";

/** Deno gives hooks what it has made of TypeScript, and takes JavaScript: types are stripped here, into blanks, which leaves every place as the map has it. */
const isDeno = process.versions["deno"] !== undefined;

export interface Loaded {
  readonly source?: unknown;
}

/** `loaded` with its flows compiled; the same object where there is nothing to compile. */
export function rewrite<T extends Loaded>(url: string, loaded: T): T {
  const address = url.split(/[?#]/)[0] as string;
  if (!address.startsWith("file:") || !isScript(address)) return loaded;
  const file = fileURLToPath(address);
  const source = (isDeno ? undefined : text(loaded.source)) ?? readFileSync(file, "utf8"); // CommonJS may arrive without its source
  const compiled = compile(source, { fileName: nameIn(process.cwd(), file), released: releasedFor(file), dev: process.env["NODE_ENV"] === "development" });
  // What a build wrote is run by the loader that runs its sources too: `--program dist/flow.js`.
  if (!compiled || compiled.diagnostics.some(({ code }) => code === "DF110")) return loaded;
  if (!isDeno && text(loaded.source) !== undefined) requireOwnText(source, file);
  if (isDeno && /\.[jt]sx$/.test(file)) {
    throw plain(`${file} has flows and JSX, which deflow/register cannot turn into JavaScript in Deno. Put the flows into a file of their own, .ts or .js, and import them from here.`);
  }
  const colour = colours(process.stderr);
  for (const warning of compiled.diagnostics.filter((d) => !isFatal(d))) console.warn(report(warning, source, file, colour));
  const error = failure(compiled.diagnostics, source, file, colour);
  if (error) throw error;
  const map = JSON.stringify({ ...compiled.map, sources: [pathToFileURL(file).href] });
  const code = isDeno && /ts$/.test(file) ? (module as unknown as { stripTypeScriptTypes(code: string): string }).stripTypeScriptTypes(compiled.code) : compiled.code;
  return { ...loaded, source: `${code}\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(map).toString("base64")}` };
}

/** tsx, for one, gives names to functions that have none and takes them out of their calls: other flows, of other names. */
function requireOwnText(source: string, file: string): void {
  const own = readFileSync(file, "utf8");
  if (own.replace(/^\ufeff/, "") === source.replace(/^\ufeff/, "")) return;
  throw plain(`${file} was changed by another loader before deflow/register got it, and flows are compiled from the author's text. `
    + "Put deflow/register first: node --import deflow/register --import tsx app.ts.");
}

/** An error about a file: the stack of a loader says nothing. */
function plain(message: string): Error {
  const error = new Error(message);
  error.stack = `${error.name}: ${error.message}`;
  return error;
}

function text(source: unknown): string | undefined {
  if (typeof source === "string") return source;
  if (source instanceof ArrayBuffer || source instanceof Uint8Array) return new TextDecoder().decode(source);
  return undefined;
}
