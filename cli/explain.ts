// deflow explain: what the compiler made of a file, or the page of a code.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { explain, isFatal, passes } from "../compiler/index.ts";
import { compiledOrUsage, showDiagnostics } from "./compile.ts";
import { readSource, UsageError, type Io } from "./io.ts";

export function explainTarget(target: string, options: { readonly after?: string; readonly json?: boolean }, io: Io): number {
  if (!existsSync(target) && looksLikeCode(target)) {
    const code = target.toUpperCase();
    io.out(options.json ? `${JSON.stringify({ code, page: page(code) }, null, 2)}\n` : page(code));
    return 0;
  }
  const source = readSource(target);
  const compiled = compiledOrUsage(source, target);
  const after = passes.find((pass) => pass === options.after);
  const text = explain(source, { fileName: target, ...(after === undefined ? {} : { after }) })?.trimEnd();
  if (options.json) {
    io.out(`${JSON.stringify({ text, diagnostics: compiled.diagnostics }, null, 2)}\n`);
    return Number(compiled.diagnostics.some(isFatal));
  }
  io.out(`${text}\n`);
  return showDiagnostics(compiled, source, target, io);
}

/** `DF101`, `NOT_COMPILED`: a file is written with a dot or a slash. */
function looksLikeCode(target: string): boolean {
  return /^[A-Za-z]+[A-Za-z0-9_]*$/.test(target);
}

/** The pages lie beside the tables they explain, in the repository and in the package alike. */
const folders = ["../compiler/diagnostics/", "../runtime/errors/"].map((path) => new URL(path, import.meta.url));

function page(code: string): string {
  for (const folder of folders) {
    const file = new URL(`${code}.md`, folder);
    if (existsSync(file)) return readFileSync(file, "utf8");
  }
  const codes = folders.filter((folder) => existsSync(folder)).flatMap((folder) => readdirSync(folder)).filter((name) => /^[A-Z][A-Z0-9_]+\.md$/.test(name) && name !== "README.md");
  throw new UsageError(`there is no code \`${code}\` and no such file. Codes: ${codes.map((name) => name.slice(0, -3)).join(" ")}`);
}
