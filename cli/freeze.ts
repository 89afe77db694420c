// deflow freeze: keeps the released source of a flow beside the new one, as a flow of its own, for the runs that only it fits.
//
//   approve.ts  export const approve = deflow(async function approve(…) { … })
//   →  approve.frozen-1.ts  export const approve = deflow({ name: "approve@1" }, async function approve(…) { … })
//
// The source is that of the lock: the file as it is, or the version in git whose flow has the text that was released.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, extname, join, resolve } from "node:path";
import ts from "typescript";
import { compile, printLock, type ReleasedFlow } from "../compiler/index.ts";
import { configurations } from "./configuration.ts";
import { frozenSource } from "./frozen-source.ts";
import { UsageError, type Io } from "./io.ts";
import { write } from "./lock.ts";
import { lockedFlow } from "./project.ts";

export function freeze(folder: string, flow: string, options: { readonly from?: string; readonly json?: boolean }, io: Io): number {
  const { folder: root, lockFile, lock, entry } = lockedFlow(folder, flow);
  const path = join(root, entry.file);
  const source = releasedSource(path, flow, entry, options.from);
  let number = 1;
  while (`${flow}@${number}` in lock.flows || existsSync(frozenPath(path, number))) number++;
  const name = `${flow}@${number}`;
  const frozen = frozenPath(path, number);
  const specifier = (of: string): string => specifierOf(of, root, path);
  const today = existsSync(path) ? readFileSync(path, "utf8") : undefined;
  write(frozen, frozenSource(source, basename(path), flow, name, { text: today, specifier: specifier(path) }));
  write(lockFile, printLock({ ...lock, flows: { ...lock.flows, [flow]: covered(entry, name) } }));
  io.out(options.json ? `${JSON.stringify({ file: frozen, flow: name }, null, 2)}\n` : `Wrote ${frozen}. Import it where your engines are made, \`import ${JSON.stringify(specifier(frozen))}\`, else its runs are stranded there. Then run \`deflow lock\`.\n`);
  return 0;
}

function frozenPath(path: string, number: number): string {
  const extension = extname(path);
  return join(dirname(path), `${basename(path, extension)}.frozen-${number}${extension}`);
}

/** As files beside it import it: what the tsconfig says of `file` decides on the extension. */
function specifierOf(path: string, folder: string, file: string): string {
  const programs = configurations(folder, undefined);
  const options: ts.CompilerOptions = (programs.find(({ fileNames }) => fileNames.some((name) => resolve(name) === file)) ?? programs[0])?.options ?? {};
  const name = `./${basename(path)}`;
  if (options.allowImportingTsExtensions || options.rewriteRelativeImportExtensions || options["configFilePath"] === undefined) return name;
  const { Node16, NodeNext } = ts.ModuleResolutionKind;
  const isNode = options.moduleResolution === undefined ? (options.module ?? 0) >= ts.ModuleKind.Node16 && (options.module ?? 0) <= ts.ModuleKind.NodeNext : [Node16, NodeNext].includes(options.moduleResolution);
  return name.replace(/\.([cm]?)tsx?$/, isNode ? ".$1js" : "");
}

function releasedSource(path: string, flow: string, entry: ReleasedFlow, from: string | undefined): string {
  const isReleased = (text: string): boolean => compile(text, { fileName: entry.file })?.shapes()[flow]?.text === entry.text;
  if (from !== undefined) {
    const text = existsSync(from) ? readFileSync(from, "utf8") : undefined;
    if (text === undefined || !isReleased(text)) throw new UsageError(`\`${from}\` ${text === undefined ? "is not there" : `does not have the flow \`${flow}\` as it was released`}`);
    return text;
  }
  for (const text of versions(path)) if (isReleased(text)) return text;
  throw new UsageError(`neither \`${entry.file}\` nor a version of it in git has the flow \`${flow}\` as it was released. Give the file that has: --from <file>`);
}

/** The file as it is, then as it was from commit to commit. */
function* versions(path: string): Generator<string> {
  if (existsSync(path)) yield readFileSync(path, "utf8");
  const git = (...args: string[]): string => execFileSync("git", args, { cwd: dirname(path), encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], maxBuffer: 1 << 28 });
  let commits: string[];
  try {
    commits = git("log", "--format=%H", "--", basename(path)).split("\n").filter(Boolean);
  } catch {
    // In no repository, or without git.
    return;
  }
  for (const commit of commits) {
    try {
      yield git("show", `${commit}:./${basename(path)}`);
    } catch {
      // The commit that removed it.
    }
  }
}

/** What is released so far goes on in the frozen flow where nothing else fits. */
function covered(entry: ReleasedFlow, name: string): ReleasedFlow {
  const points = Object.fromEntries(Object.entries(entry.points).map(([key, point]) => [key, { ...point, frozen: name, ...(point.was && { was: point.was.map((version) => ({ frozen: name, ...version })) }) }]));
  const units = Object.fromEntries(Object.entries(entry.units).map(([id, unit]) => [id, { ...unit, frozen: name }]));
  return { ...entry, points, units };
}
