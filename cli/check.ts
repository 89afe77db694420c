// deflow check: the lock beside the program as it is. One line for each released point and function: would its runs go on?
//
//   approve  listen:decision@k3f0a   resumes
//   approve  listen:manager@9qx2b    wider     needs `currency`, which is not stored
//   approve  step:undo@u7u7u         partly    has no way for a pending `return`
//
// With --store: how many runs of the store would go on, and which not.

import { compareFlows, type Fate, isSafe, type Row } from "../compiler/lock/compare.ts";
import { difference, nameOf } from "../compiler/lock/words.ts";
import type { Io } from "./io.ts";
import { openProject, type Project, shapesOf } from "./project.ts";
import { retypedSlots } from "./retyped.ts";
import type { StoreOptions } from "./store.ts";
import { type StoredLine, storedLines } from "./stored.ts";
import { table } from "./text.ts";
import { showTold } from "./told.ts";
import { unloadedTexts } from "./unloaded.ts";

/** With `store` its runs are judged. */
export interface CheckOptions extends StoreOptions {
  readonly json?: boolean;
  readonly project?: string;
}

interface Line {
  readonly flow: string;
  readonly id: string;
  readonly verdict: Fate | "retyped";
  readonly safe: boolean;
  readonly why: string;
}

/** Exit code 1: a run would be left behind, or the program has errors. Whether a run has stopped with a jump pending only a store can tell. */
export async function checkProject(folder: string, options: CheckOptions, io: Io): Promise<number> {
  // What the lock refuses is what is shown.
  const screen = options.json ? undefined : io.screen;
  const project = openProject(folder, { project: options.project, dev: true, screen });
  const sound = showTold(project, io, screen);
  for (const text of unloadedTexts(project)) io.err(text);
  if (options.store !== undefined) {
    const code = showStored(await storedLines(project, options, screen), options, io);
    return sound ? code : 1;
  }
  const lines = linesOf(project);
  if (options.json) io.out(`${JSON.stringify(lines, null, 2)}\n`);
  else if (lines.length === 0) io.out("Nothing is released: `deflow lock` writes what is.\n");
  else io.out(`${table(lines.map(({ flow, id, verdict, why }) => [flow, id, verdict, why]))}\n`);
  return sound && lines.every(({ safe, verdict }) => safe || verdict === "partly") ? 0 : 1;
}

function linesOf(project: Project): Line[] {
  const now = shapesOf(project);
  const migrated = new Set(project.migrations);
  const rows = Object.entries(project.lock.flows).flatMap(([flow, released]) => {
    const compiled = now[flow] ?? { ...released, points: {}, units: {} };
    return compareFlows(released, compiled, migrated).map((row) => lineOf(flow, row));
  });
  const retyped = retypedSlots(project.lock.flows, now).map(({ key, slot, released, now: type }): Line =>
    ({ flow: key.split(/[ #]/)[0] as string, id: key, verdict: "retyped", safe: false, why: `\`${slot}\` was \`${released}\` and is \`${type}\`` }));
  return [...rows, ...retyped].sort((a, b) => (`${a.flow} ${a.id}` < `${b.flow} ${b.id}` ? -1 : 1));
}

function lineOf(flow: string, row: Row): Line {
  const name = nameOf(row);
  const why = row.fate === "resumes" || row.fate === "gone" ? "" : difference(row);
  return { flow, id: name.startsWith(`${flow} `) ? name.slice(flow.length + 1) : name, verdict: row.fate, safe: isSafe(row), why };
}

function showStored(lines: readonly StoredLine[], { json }: CheckOptions, io: Io): number {
  if (json) io.out(`${JSON.stringify(lines, null, 2)}\n`);
  else if (lines.length === 0) io.out("The store holds no run that goes on.\n");
  else io.out(`${table(lines.map(({ flow, points, runs, verdict, why }) => [flow, points.join(", "), `${runs} ${runs === 1 ? "run" : "runs"}`, verdict, why]))}\n`);
  return lines.every(({ safe }) => safe) ? 0 : 1;
}
