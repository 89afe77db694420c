// deflow freeze: keeps the released source of a flow beside the new one, as a flow of its own, for the runs that only it fits.
//
//   approve.ts  export const approve = deflow(async function approve(…) { … })
//   →  approve.frozen-1.ts  export const approve = deflow({ name: "approve@1" }, async function approve(…) { … })
//
// The source is that of the lock: the file as it is, or the version in git whose flow has the text that was released.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import ts from "typescript";
import { compile, printLock, type ReleasedFlow } from "../compiler/index.ts";
import { find, type FlowSite } from "../compiler/passes/1-find.ts";
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
  write(frozen, frozenSource(source, flow, name, basename(path)));
  write(lockFile, printLock({ ...lock, flows: { ...lock.flows, [flow]: covered(entry, name) } }));
  io.out(options.json ? `${JSON.stringify({ file: frozen, flow: name }, null, 2)}\n` : `Wrote ${frozen}. Give the flow \`${name}\` to your engines with the others, then run \`deflow lock\`.\n`);
  return 0;
}

function frozenPath(path: string, number: number): string {
  const extension = extname(path);
  return join(dirname(path), `${basename(path, extension)}.frozen-${number}${extension}`);
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

/** The whole file, with the one flow under its new name; other flows of it are those of the file as it is. */
function frozenSource(text: string, flow: string, name: string, original: string): string {
  const source = find(text, original);
  const site = source?.flows.find((each) => each.name === flow) as FlowSite;
  const edits: { readonly from: number; readonly to: number; readonly text: string }[] = [named(site, name)];
  const imported: string[] = [];
  for (const other of source?.flows ?? []) {
    if (other === site) continue;
    const statement = ts.findAncestor(other.call, ts.isVariableStatement);
    const declaration = statement?.declarationList.declarations[0];
    const isExported = statement?.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;
    if (!statement || !isExported || statement.declarationList.declarations.length !== 1 || !declaration || !ts.isIdentifier(declaration.name))
      throw new UsageError(`the flow \`${other.name}\` stands in the same file and is no exported constant of its own, so the frozen file could not import it`);
    imported.push(declaration.name.text);
    edits.push({ from: statement.getStart(), to: statement.end, text: "" });
  }
  let result = text;
  for (const { from, to, text: put } of edits.sort((a, b) => b.from - a.from)) result = result.slice(0, from) + put + result.slice(to);
  const imports = imported.length > 0 ? `import { ${imported.join(", ")} } from "./${original}";\n` : "";
  return `// Written by \`deflow freeze\`: \`${flow}\` as it was released, for runs that only this code fits. No new run begins here.\n${imports}${result}`;
}

function named({ call, fn }: FlowSite, name: string): { from: number; to: number; text: string } {
  const text = `name: ${JSON.stringify(name)}`;
  const options = call.arguments[0];
  if (!options || options === fn) return { from: fn.getStart(), to: fn.getStart(), text: `{ ${text} }, ` };
  if (!ts.isObjectLiteralExpression(options)) return { from: options.getStart(), to: options.end, text: `{ ...${options.getText()}, ${text} }` };
  const given = options.properties.find((property) => property.name?.getText() === "name");
  if (given) return { from: given.getStart(), to: given.end, text };
  const at = options.getStart() + 1;
  return { from: at, to: at, text: ` ${text},` };
}

/** What is released so far goes on in the frozen flow where nothing else fits. */
function covered(entry: ReleasedFlow, name: string): ReleasedFlow {
  const points = Object.fromEntries(Object.entries(entry.points).map(([key, point]) => [key, { ...point, frozen: name, ...(point.was && { was: point.was.map((version) => ({ frozen: name, ...version })) }) }]));
  const units = Object.fromEntries(Object.entries(entry.units).map(([id, unit]) => [id, { ...unit, frozen: name }]));
  return { ...entry, points, units };
}
