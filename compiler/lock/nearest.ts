// The lock of the package that a file is in. Builds read it; only `deflow lock` writes it.

import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseLock } from "./file.ts";
import { lockName, type ReleasedFlows } from "./lock.ts";

const folders = new Map<string, string | undefined>();
const locks = new Map<string, { readonly changed: number; readonly size: number; readonly flows: ReleasedFlows }>();
const nothing: ReleasedFlows = {};

/** What is released of the package that `file` is in; nothing where that has no lock. The same object as long as the lock stays as it is. @throws LockError. */
export function releasedFor(file: string): ReleasedFlows {
  const folder = packageOf(dirname(file));
  return folder === undefined ? nothing : (lockIn(folder) ?? nothing);
}

/** Where the lock of the package that `file` is in would be, so that who watches files can watch it; undefined outside any package. */
export function lockFileFor(file: string): string | undefined {
  const folder = packageOf(dirname(file));
  return folder === undefined ? undefined : join(folder, lockName);
}

/** The lock of a package's folder as it is on disk; undefined: it has none. @throws LockError. */
function lockIn(folder: string): ReleasedFlows | undefined {
  const path = join(folder, lockName);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) return undefined;
  const known = locks.get(path);
  if (known?.changed === stats.mtimeMs && known.size === stats.size) return known.flows;
  const { flows } = parseLock(readFileSync(path, "utf8"), path);
  locks.set(path, { changed: stats.mtimeMs, size: stats.size, flows });
  return flows;
}

/** The folder of the nearest package.json. */
export function packageOf(folder: string): string | undefined {
  if (folders.has(folder)) return folders.get(folder);
  const above = dirname(folder);
  const found = existsSync(join(folder, "package.json")) ? folder : above === folder ? undefined : packageOf(above);
  folders.set(folder, found);
  return found;
}
