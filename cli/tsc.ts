// deflow tsc: the package's own TypeScript checks the types, of whatever version it is; the files are written by the TypeScript that deflow brings, with
// the flows compiled. For TypeScript 7, which loads no transformers and says nothing about them.
//
//   package's tsc --noEmit ─► its errors, as it shows them
//   tsconfig ─► program (types are not checked again) ─► transformProgram ─► the flows' diagnostics, JavaScript, declarations, maps

import { spawn } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative, resolve } from "node:path";
import ts from "typescript";
import { transformProgram } from "../compiler/adapters/transformer.ts";
import type { TypedOptions } from "../compiler/typed/check.ts";
import { referencesOf } from "./configuration.ts";
import { type Io, UsageError } from "./io.ts";

export interface TscOptions {
  /** A tsconfig.json, or the folder of one. */
  readonly project: string;
  readonly noEmit?: boolean;
  /** Options of tsc that are refused with the way round. */
  readonly watch?: boolean;
  readonly build?: true | readonly string[];
}

/** Exit code 1: the types or the flows have errors; as with tsc, files are written all the same unless `noEmitOnError` is set. */
export async function compileProject({ project, noEmit = false, watch = false, build }: TscOptions, io: Io): Promise<number> {
  if (build !== undefined) throw new UsageError(`\`deflow tsc\` has no -b: build the projects in the order of their references, ${inOrder(build)}; or, with TypeScript 6, all at once by \`tspc -b\``);
  if (watch) throw new UsageError("`deflow tsc` has no -w: let `tsc --noEmit -w` watch the types beside what runs the sources, `node --watch --import deflow/register` or a bundler with the plugin; or, with TypeScript 6, `tspc -w`");
  const config = configAt(project);
  requireFiles(config);
  const sound = await checkTypes(config, io);
  const { program, diagnostics } = programOf(config);
  show(diagnostics, io);
  const failed = !sound || diagnostics.length > 0;
  const options = program.getCompilerOptions();
  if (noEmit || options.noEmit === true || (failed && options.noEmitOnError === true)) return failed ? 1 : 0;
  const emitted = program.emit();
  show(emitted.diagnostics, io);
  return failed || emitted.diagnostics.length > 0 ? 1 : 0;
}

function inOrder(build: true | readonly string[]): string {
  const projects = build === true ? ["packages/a", "packages/b"] : build;
  return `\`${projects.map((project) => `deflow tsc -p ${project}`).join(" && ")}\``;
}

/** tsc itself says nothing of a tsconfig that only refers to others, and does nothing. */
function requireFiles(config: string): void {
  const parsed = ts.parseJsonConfigFileContent(ts.readConfigFile(config, (file) => ts.sys.readFile(file)).config ?? {}, ts.sys, dirname(config), undefined, config);
  const projects = referencesOf(parsed).map((path) => relative(process.cwd(), path) || path);
  if (projects.length > 0) throw new UsageError(`\`${config}\` has no files and refers to other projects: build these in the order of their references, ${inOrder(projects)}; or, with TypeScript 6, all at once by \`tspc -b\``);
}

function configAt(project: string): string {
  const path = resolve(project);
  const config = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true ? join(path, "tsconfig.json") : path;
  if (!existsSync(config)) throw new UsageError(`there is no \`${config}\`: give the tsconfig.json, or the folder of one, with -p`);
  return config;
}

/** @returns whether it found no error. */
function checkTypes(config: string, io: Io): Promise<boolean> {
  const tsc = join(installed(config), "bin/tsc");
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [tsc, "-p", config, "--noEmit", "--pretty", String(io.colour)], { stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => io.err(text));
    child.on("error", fail);
    child.on("close", (code, signal) => {
      if (signal !== null) io.err(`deflow: the check of types was ended by ${signal}\n`);
      done(code === 0);
    });
  });
}

/** The folder of the package's TypeScript. */
function installed(config: string): string {
  const folders = createRequire(config).resolve.paths("typescript") ?? [];
  const found = folders.map((folder) => join(folder, "typescript")).find((folder) => existsSync(join(folder, "package.json")));
  if (found === undefined) throw new UsageError("the package has no TypeScript to check its types with: npm install --save-dev typescript");
  return found;
}

function programOf(config: string): { readonly program: ts.Program; readonly diagnostics: readonly ts.Diagnostic[] } {
  const unreadable = (diagnostic: ts.Diagnostic): never => {
    throw new UsageError(ts.flattenDiagnosticMessageText(diagnostic.messageText, " "));
  };
  const parsed = ts.getParsedCommandLineOfConfigFile(config, { noCheck: true }, { ...ts.sys, onUnRecoverableConfigFileDiagnostic: unreadable });
  if (!parsed) throw new UsageError(`\`${config}\` cannot be read`);
  if (parsed.errors.length > 0) throw new UsageError(`${config}: ${parsed.errors.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, " ")).join("; ")} (says TypeScript ${ts.version}, which writes the files: take out what only another version knows)`);
  const { fileNames: rootNames, options, projectReferences } = parsed;
  const plain = ts.createProgram({ rootNames, options, ...(projectReferences ? { projectReferences } : {}) });
  const program = transformProgram(plain, undefined, entryIn(options), { ts });
  return { program, diagnostics: [...program.getOptionsDiagnostics(), ...program.getSyntacticDiagnostics(), ...program.getSemanticDiagnostics()] };
}

/** What the entry of the transformer says, where the tsconfig has one. */
function entryIn({ plugins }: ts.CompilerOptions): TypedOptions | undefined {
  return (plugins as (TypedOptions & { readonly transform?: string })[] | undefined)?.find(({ transform }) => transform === "deflow/transformer");
}

function show(diagnostics: readonly ts.Diagnostic[], io: Io): void {
  if (diagnostics.length === 0) return;
  const host: ts.FormatDiagnosticsHost = { getCanonicalFileName: (name) => name, getCurrentDirectory: () => process.cwd(), getNewLine: () => "\n" };
  io.err(io.colour ? ts.formatDiagnosticsWithColorAndContext(diagnostics, host) : ts.formatDiagnostics(diagnostics, host));
}
