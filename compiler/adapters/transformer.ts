// The ts-patch entry: { "transform": "deflow/transformer", "transformProgram": true }, the only line in a tsconfig.
//
// The user's program is kept: types, declarations and incremental state stay TypeScript's. Its diagnostics and its emit
// are wrapped. (A plain `before` transformer can report nothing under --noEmit and does not stop an emit.)

import { dirname } from "node:path";
import type ts from "typescript";
import { isFatal, type Diagnostic } from "../diagnostics/diagnostic.ts";
import { colours, report } from "../report.ts";
import { typedCheck, type TypedOptions } from "../typed/check.ts";
import { compiledFiles } from "./compiled.ts";
import { isScript } from "./files.ts";
import { graft } from "./graft.ts";
import { versionByLock } from "./lock-version.ts";
import { identity, toTypeScript } from "./typescript.ts";

const compiledFile = compiledFiles();

/** Node kinds and what the graft is made of have changed with each version before. */
function checkVersion(version: string): void {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major === 6 || (major === 5 && minor >= 9)) return;
  throw new Error(`deflow/transformer works with TypeScript 5.9 and 6, and this is ${version}. ${major >= 7 ? "Compile with `deflow tsc`, a bundler's plugin or deflow/register." : "Update it: npm install --save-dev typescript@5.9"}`);
}

/** ts-patch loads the default export. With a named one beside it CommonJS has it where the declarations say, as `exports.default`. */
export { transformProgram };

export default function transformProgram(program: ts.Program, host: unknown, config: TypedOptions | undefined, extras: { readonly ts: typeof ts } | undefined): ts.Program {
  // Where the entry does not say so, ts-patch hands over fewer arguments.
  if (extras === undefined) throw new Error('deflow/transformer needs `"transformProgram": true`: { "transform": "deflow/transformer", "transformProgram": true } in the "plugins" of tsconfig.json.');
  checkVersion(extras.ts.version);
  const api = extras.ts; // never an own copy: the nodes are this TypeScript's
  const { configFilePath, plugins } = program.getCompilerOptions();
  if (isSecond(program) || entries(plugins) > 1) warnOfSecond(typeof configFilePath === "string" ? configFilePath : "tsconfig.json");
  if (isSecond(program)) return program;
  Object.defineProperty(program, transformed, { value: true });
  const project = typeof configFilePath === "string" ? dirname(configFilePath) : program.getCurrentDirectory();
  const isOwn = (file: ts.SourceFile): boolean => isScript(file.fileName) && !file.isDeclarationFile && !program.isSourceFileFromExternalLibrary(file);
  versionByLock(api, host, program.getCompilerOptions(), program.getSourceFiles().filter((file) => isOwn(file) && /\bdeflow\b/.test(file.text)));
  // Types are those of this program alone: another file may have changed them in the next.
  const typed = new Map<ts.SourceFile, readonly Diagnostic[]>();
  const check = typedCheck(api, program, { any: config?.any === true });
  wrapDiagnostics(api, program, (file) => {
    if (!isOwn(file)) return [];
    const { compiled, diagnostics } = compiledFile(file, project);
    let told = typed.get(file);
    if (told === undefined) typed.set(file, (told = check(file, compiled)));
    return [...diagnostics, ...told];
  });
  const before: ts.TransformerFactory<ts.SourceFile> = (context) => (file) => {
    const compiled = isOwn(file) ? compiledFile(file, project).compiled : null;
    return compiled ? graft(api, context, file, compiled.pieces) : file;
  };
  const emit = program.emit.bind(program);
  program.emit = (target, write, token, onlyDeclarations, custom, ...rest) =>
    emit(target, write, token, onlyDeclarations, { ...custom, before: [before, ...(custom?.before ?? [])] }, ...rest);
  return program;
}

/** Set on the program: two entries may load two copies of this module. */
const transformed = Symbol.for("deflow.transformed");

function isSecond(program: ts.Program): boolean {
  return transformed in program;
}

/** ts-patch drops an entry that is the same as another. */
function entries(plugins: unknown): number {
  return Array.isArray(plugins) ? plugins.filter((entry: { readonly transform?: unknown } | null) => entry?.transform === "deflow/transformer").length : 0;
}

const warned = new Set<string>();

/** Once per project: a watch makes many programs of it. */
function warnOfSecond(config: string): void {
  if (warned.has(config)) return;
  warned.add(config);
  console.warn(`warning: deflow/transformer is listed twice in the "plugins" of ${config}, and the first entry alone acts.\n`
    + '  fix: Leave one entry, with all that the others say: { "transform": "deflow/transformer", "transformProgram": true, "name": "deflow/language-service" }.');
}

/** The second method is internal: it is what builder programs call (incremental, -b, -w). One may call the other. */
function wrapDiagnostics(api: typeof ts, program: ts.Program, find: (file: ts.SourceFile) => readonly Diagnostic[]): void {
  const warned = new Set<ts.SourceFile>();
  const ours = (file: ts.SourceFile): ts.Diagnostic[] => {
    const found = find(file);
    // Any diagnostic that tsc gets, a warning too, makes it fail; so warnings go past it.
    if (!warned.has(file)) for (const d of found) if (!isFatal(d)) console.warn(report(d, file.text, file.fileName, colours(process.stderr)));
    warned.add(file);
    return found.filter(isFatal).map((d) => toTypeScript(api, file, d));
  };
  const methods = program as unknown as Record<string, ((file?: ts.SourceFile, ...rest: unknown[]) => readonly ts.Diagnostic[]) | undefined>;
  for (const method of ["getSemanticDiagnostics", "getBindAndCheckDiagnostics"]) {
    const inner = methods[method]?.bind(program);
    if (!inner) continue;
    methods[method] = (file, ...rest) => {
      const theirs = inner(file, ...rest);
      const own = (file ? [file] : program.getSourceFiles()).flatMap(ours);
      const known = new Set(theirs.map(identity));
      return own.length === 0 ? theirs : [...theirs, ...own.filter((d) => !known.has(identity(d)))];
    };
  }
}
