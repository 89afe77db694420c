// deflow lock: writes what is released now. A build that would leave stored runs behind is not released.

import { renameSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { type Diagnostic, isFatal, printLock, type Lock, type ReleasedFlow, type ReleasedFlows, type ReleasedPoint, type Version } from "../compiler/index.ts";
import { migrationsOf } from "../compiler/lock/migrations.ts";
import { report } from "../compiler/report.ts";
import { covers } from "../compiler/lock/verdict.ts";
import { configurations } from "./configuration.ts";
import { type Io } from "./io.ts";
import { declarationsOf, lockTypes, unreadTypes } from "./lock-types.ts";
import { openProject, type Project, shapesOf } from "./project.ts";
import { type Retyped, retypedSlots } from "./retyped.ts";

export interface LockOptions {
  /** Writes nothing, and fails where it would. */
  readonly frozen?: boolean;
  readonly project?: string;
  readonly json?: boolean;
  /** Points and functions whose new types are right for what is stored. */
  readonly accept?: readonly string[];
}

export function lockProject(folder: string, options: LockOptions, io: Io): number {
  const project = openProject(folder, { project: options.project, screen: options.json ? undefined : io.screen });
  const shapes = shapesOf(project);
  for (const text of reportsOf(project, io, ({ code }) => code === "DF407")) io.err(`${text}\n\n`);
  const refusals = [...reportsOf(project, io, isFatal), ...goneFlows(project), ...retypedSlots(project.lock.flows, shapes).filter(({ key }) => !options.accept?.includes(key)).map(retypedText)];
  if (refusals.length > 0) {
    for (const text of refusals) io.err(`${text}\n\n`);
    io.err("Nothing is released.\n");
    return 1;
  }
  const lock = merged(project, shapes);
  if (Object.keys(lock.flows).length === 0) return told(lock, false, options, "No file of the program has a flow: nothing is written.", io);
  const text = printLock(lock);
  const types = join(dirname(project.lockFile), lockTypes);
  const unread = (): string => (options.frozen || isRead(types, project, options) ? "" : `\n${unreadTypes}`);
  if (text === printLock(project.lock)) return told(lock, false, options, `deflow.lock.json is as it should be.${unread()}`, io);
  if (options.frozen) {
    io.err(`deflow.lock.json is not what it would be written as: ${changes(project.lock.flows, lock.flows).join(", ") || "its flows are edited"}. Run \`deflow lock\` and commit it.\n`);
    return 1;
  }
  write(project.lockFile, text);
  write(types, declarationsOf(lock));
  return told(lock, true, options, `Released: ${Object.keys(lock.flows).join(", ")}.${unread()}`, io);
}

/** By what the tsconfig has, or what a file imports. Scripts of JavaScript alone need no types. */
function isRead(types: string, { folder, files, scripts }: Project, { project }: LockOptions): boolean {
  if (!files.some(({ name }) => /\.[cm]?tsx?$/.test(name))) return true;
  const programs = configurations(folder, project && resolve(folder, project));
  return programs.some(({ fileNames }) => fileNames.some((name) => resolve(name) === types)) || scripts.some(({ program }) => program.getSourceFile(types) !== undefined);
}

function told({ flows }: Lock, written: boolean, { json }: LockOptions, text: string, io: Io): number {
  io.out(json ? `${JSON.stringify({ flows: Object.keys(flows), written }, null, 2)}\n` : `${text}\n`);
  return 0;
}

function reportsOf({ files }: Project, { colour }: Io, isMeant: (diagnostic: Diagnostic) => boolean): string[] {
  return files.flatMap(({ compiled, text, name }) => compiled.diagnostics.filter(isMeant).map((diagnostic) => report(diagnostic, text, name, colour)));
}

/** Flows that are released and that no file has, unless all of them was retired or has a migration. */
function goneFlows({ lock, files }: Project): string[] {
  const known = new Set(files.flatMap(({ compiled }) => compiled.flows));
  return Object.entries(lock.flows).filter(([name, { points, units }]) => !known.has(name) && Object.keys(points).length + Object.keys(units).length > 0)
    .map(([name, { file }]) => `error: the flow \`${name}\` is released and in no file of the program; it was in ${file}. Give it its name back, \`deflow({ name: ${JSON.stringify(name)} }, …)\`, or give its runs up: \`deflow retire ${name}\`.`);
}

function retypedText({ key, slot, released, now }: Retyped): string {
  return `error: \`${slot}\` of the released \`${key}\` has another type than what is stored:\n  stored  ${released}\n  now     ${now}\nGive the new one another name and a migration, or say that the type is right for what is stored: \`deflow lock --accept ${JSON.stringify(key)}\`.`;
}

function merged({ lock, migrations }: Project, shapes: ReleasedFlows): Lock {
  const flows: Record<string, ReleasedFlow> = {};
  for (const name of new Set([...Object.keys(lock.flows), ...Object.keys(shapes)])) flows[name] = mergedFlow(lock.flows[name], shapes[name], name, migrations);
  return { version: 1, flows };
}

/** What was released and is not there any more has a migration, and stays: runs may still wait there. */
function mergedFlow(before: ReleasedFlow | undefined, now: ReleasedFlow | undefined, name: string, migrations: readonly string[]): ReleasedFlow {
  if (!now) return before as ReleasedFlow;
  if (!before) return { ...now, migrated: migrationsOf(name, migrations) };
  const points: Record<string, ReleasedPoint> = { ...before.points };
  for (const [key, point] of Object.entries(now.points)) points[key] = withEarlier(point, before.points[key]);
  const frozen = Object.entries(before.units).filter(([, unit]) => unit.frozen !== undefined);
  return { ...now, points, units: { ...Object.fromEntries(frozen), ...now.units }, retired: before.retired, migrated: migrationsOf(name, migrations) };
}

function withEarlier(point: ReleasedPoint, before: ReleasedPoint | undefined): ReleasedPoint {
  if (!before) return point;
  const { was = [], slots, regions, fingerprint, jumps, frozen } = before;
  const version: Version = { slots, regions, fingerprint, ...(jumps && { jumps }), ...(frozen === undefined ? {} : { frozen }) };
  const earlier = was.some((other) => covers(other, version)) ? was : [version, ...was];
  const others = earlier.filter((other) => !covers(point, other));
  return others.length > 0 ? { ...point, was: others } : point;
}

function changes(before: ReleasedFlows, after: ReleasedFlows): string[] {
  return Object.entries(after).flatMap(([name, flow]) => {
    const old = before[name];
    if (!old) return [`the flow \`${name}\` is new`];
    return Object.keys({ ...flow.points, ...flow.units }).filter((key) => JSON.stringify(old.points[key] ?? old.units[key]) !== JSON.stringify(flow.points[key] ?? flow.units[key])).map((key) => `\`${key}\``);
  });
}

/** Whole or not at all. */
export function write(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, text);
  renameSync(temporary, path);
}
