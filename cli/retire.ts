// deflow retire: gives a released point or function up. No id of it is given again; a run that still waits there is told so.

import { printLock, type Lock, type ReleasedFlow } from "../compiler/index.ts";
import { UsageError, type Io } from "./io.ts";
import { write } from "./lock.ts";
import { lockedFlow } from "./project.ts";

/** `id`: a point of the flow, of a function in it (`approve#each listen:x`), or a function; without it the whole flow. */
export function retire(folder: string, flow: string, id: string | undefined, { json = false }: { readonly json?: boolean }, io: Io): number {
  const { lockFile, lock, entry } = lockedFlow(folder, flow);
  const keys = id === undefined ? [...Object.keys(entry.points), ...Object.keys(entry.units)] : [keyOf(entry, flow, id)];
  write(lockFile, printLock({ ...lock, flows: { ...lock.flows, [flow]: without(entry, keys) } } satisfies Lock));
  io.out(json ? `${JSON.stringify({ retired: keys }, null, 2)}\n` : `Retired: ${keys.map((key) => `\`${key}\``).join(", ") || "nothing was left"}.\n`);
  return 0;
}

function keyOf({ points, units, retired }: ReleasedFlow, flow: string, id: string): string {
  const found = [id, `${flow} ${id}`].find((key) => Object.hasOwn(points, key) || Object.hasOwn(units, key) || retired.includes(key));
  if (found === undefined) throw new UsageError(`nothing of \`${flow}\` is released as \`${id}\`. Released: ${[...Object.keys(points), ...Object.keys(units)].join(", ")}`);
  return found;
}

function without(entry: ReleasedFlow, keys: readonly string[]): ReleasedFlow {
  const left = <T>(of: Readonly<Record<string, T>>): Record<string, T> => Object.fromEntries(Object.entries(of).filter(([key]) => !keys.includes(key)));
  return { ...entry, points: left(entry.points), units: left(entry.units), retired: [...new Set([...entry.retired, ...keys])] };
}
