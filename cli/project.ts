// The whole program of a package: its flows, compiled with its lock, and the types of what they keep.

import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import ts from "typescript";
import { compile, LockError, parseLock, type Compiled, type Lock, type ReleasedFlow, type ReleasedFlows } from "../compiler/index.ts";
import { isScript } from "../compiler/adapters/files.ts";
import { emptyLock, lockName } from "../compiler/lock/lock.ts";
import { migrationsIn, migrationsOf } from "../compiler/lock/migrations.ts";
import { DuplicateFlowError } from "../runtime/errors/load.ts";
import { configurations } from "./configuration.ts";
import { UsageError } from "./io.ts";
import { eachFile } from "./progress.ts";
import { typeText } from "./type-text.ts";

export interface Project {
  /** The folder of the nearest package.json: the lock is beside it. */
  readonly folder: string;
  readonly lockFile: string;
  readonly lock: Lock;
  /** What the flows are compiled with: the lock's, with the migrations that the program has, not those that it had. */
  readonly released: ReleasedFlows;
  /** `approve listen:decision@k3f0a` */
  readonly migrations: readonly string[];
  readonly files: readonly ProjectFile[];
  /** All scripts of the package, those without flows too. */
  readonly scripts: readonly Script[];
}

export interface Script {
  readonly file: ts.SourceFile;
  /** The first that has the file, of a package with several. */
  readonly program: ts.Program;
}

export interface ProjectFile {
  /** As it stands in the lock. */
  readonly name: string;
  readonly path: string;
  readonly text: string;
  readonly compiled: Compiled;
  /** The type of what is declared at an offset. */
  readonly typeAt: (offset: number) => string;
}

interface OpenOptions {
  /** A tsconfig.json; without it the package's, or all scripts of the package. */
  readonly project?: string | undefined;
  /** Flows that the lock refuses are compiled too. */
  readonly dev?: boolean;
  /** Where progress is shown. */
  readonly screen?: NodeJS.WriteStream | undefined;
}

/** @throws UsageError, DuplicateFlowError. */
export function openProject(from: string, { project: config, dev = false, screen }: OpenOptions): Project {
  const folder = packageAround(resolve(from));
  const lockFile = join(folder, lockName);
  const lock = readLock(lockFile);
  const scripts = scriptsOf(folder, config && resolve(from, config));
  const migrations = scripts.flatMap(({ file: { text, fileName } }) => migrationsOfFile(text, fileName));
  const released = withMigrations(lock.flows, migrations);
  const files: ProjectFile[] = [];
  eachFile(screen, scripts, "compiled", ({ file, program }) => {
    const name = relative(folder, resolve(file.fileName)).replaceAll("\\", "/");
    const compiled = compile(file.text, { fileName: name, released, dev });
    if (compiled) files.push({ name, path: file.fileName, text: file.text, compiled, typeAt: typesOf(file, program) });
  });
  files.sort((a, b) => (a.name < b.name ? -1 : 1));
  checkNames(files);
  return { folder, lockFile, lock, released, migrations, files, scripts };
}

/** Of all programs of the package. One that has none is told: nothing would be released, and nothing told of. */
function scriptsOf(folder: string, config: string | undefined): Script[] {
  const programs = configurations(folder, config);
  const scripts = new Map<string, Script>();
  const elsewhere = new Set<string>();
  for (const { fileNames, options } of programs) {
    const program = ts.createProgram(fileNames, { ...options, noEmit: true });
    for (const file of program.getSourceFiles()) {
      if (file.isDeclarationFile || !isScript(file.fileName) || program.isSourceFileFromExternalLibrary(file)) continue;
      const path = resolve(file.fileName);
      const around = packageAround(dirname(path));
      if (around !== folder) elsewhere.add(around);
      else if (!scripts.has(path)) scripts.set(path, { file, program });
    }
  }
  if (scripts.size > 0) return [...scripts.values()];
  const way = elsewhere.size > 0 ? `. Its files are of other packages, which have locks of their own: name one of ${[...elsewhere].map((each) => `\`${each}\``).join(", ")}`
    : ". Name the tsconfig.json that has the flows: --project <tsconfig>";
  throw new UsageError(`the program of the package \`${folder}\` has no file in it${way}`);
}

/** The types of what a file declares, by offset; "": nothing is declared there. */
export function typesOf(file: ts.SourceFile, program: ts.Program): (offset: number) => string {
  const checker = program.getTypeChecker();
  return (offset) => {
    const declared = nodeAt(file, offset);
    return declared ? typeText(checker.getTypeAtLocation(declared), checker, declared, (symbol) => isOfLibrary(symbol, program)) : "";
  };
}

/** What the lock would say, flow by flow, with types. */
export function shapesOf({ files }: Project): ReleasedFlows {
  return Object.assign({}, ...files.map(({ compiled, typeAt }) => compiled.shapes(typeAt))) as ReleasedFlows;
}

/** Runs find their flow by its name: of two with one name the lock would hold either. */
function checkNames(files: readonly ProjectFile[]): void {
  const known = new Map<string, string>();
  for (const { name, compiled } of files) {
    for (const flow of new Set(compiled.flows)) {
      const other = known.get(flow);
      if (other !== undefined) throw new DuplicateFlowError(flow, [other, name], { hint: "Give one of them another name: deflow({ name }, …). Or leave one of the files out of the program: --project <tsconfig>." });
      known.set(flow, name);
    }
  }
}

/** A file without flows may have the migrations of others. */
function migrationsOfFile(text: string, fileName: string): string[] {
  return /\bmigrate\b/.test(text) ? migrationsIn(ts.createSourceFile(fileName, text, ts.ScriptTarget.Latest, true)) : [];
}

function withMigrations(flows: ReleasedFlows, migrations: readonly string[]): ReleasedFlows {
  return Object.fromEntries(Object.entries(flows).map(([name, flow]) => [name, { ...flow, migrated: migrationsOf(name, migrations) }]));
}

interface LockedFlow {
  /** The folder of the package. */
  readonly folder: string;
  readonly lockFile: string;
  readonly lock: Lock;
  readonly entry: ReleasedFlow;
}

/** What the lock of the package says of one flow. @throws UsageError. */
export function lockedFlow(from: string, flow: string): LockedFlow {
  const folder = packageAround(resolve(from));
  const lockFile = join(folder, lockName);
  const lock = readLock(lockFile);
  if (!Object.hasOwn(lock.flows, flow)) throw new UsageError(`the lock has no flow \`${flow}\`. It has: ${Object.keys(lock.flows).join(", ") || "none"}`);
  return { folder, lockFile, lock, entry: lock.flows[flow] as ReleasedFlow };
}

/** The text of a package without its types. */
interface PackageFiles {
  readonly folder: string;
  readonly released: ReleasedFlows;
  /** Whole paths. */
  readonly files: readonly string[];
}

/** Undefined: `from` is in no package. @throws UsageError. */
export function packageFiles(from: string, config?: string): PackageFiles | undefined {
  const folder = folderAround(resolve(from));
  if (folder === undefined) return undefined;
  const files = [...new Set(configurations(folder, config && resolve(from, config)).flatMap(({ fileNames }) => fileNames))];
  return { folder, released: readLock(join(folder, lockName)).flows, files: files.filter((name) => isScript(name) && !name.endsWith(".d.ts")) };
}

/** The nearest one with a package.json. @throws UsageError. */
export function packageAround(from: string): string {
  const folder = folderAround(from);
  if (folder === undefined) throw new UsageError(`there is no package.json in \`${from}\` or above it`);
  return folder;
}

function folderAround(from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json"))) return folder;
    if (dirname(folder) === folder) return undefined;
  }
}

function readLock(path: string): Lock {
  if (!existsSync(path)) return emptyLock;
  try {
    return parseLock(readFileSync(path, "utf8"), path);
  } catch (error) {
    if (error instanceof LockError) throw new UsageError(error.message);
    throw error;
  }
}

function nodeAt(file: ts.SourceFile, offset: number): ts.Identifier | undefined {
  const visit = (node: ts.Node): ts.Identifier | undefined => {
    if (offset < node.pos || offset >= node.end) return undefined;
    if (ts.isIdentifier(node) && node.getStart(file) === offset) return node;
    return ts.forEachChild(node, visit);
  };
  return visit(file);
}

function isOfLibrary(symbol: ts.Symbol, program: ts.Program): boolean {
  return symbol.declarations?.some((declaration) => {
    const file = declaration.getSourceFile();
    return program.isSourceFileDefaultLibrary(file) || program.isSourceFileFromExternalLibrary(file);
  }) === true;
}
