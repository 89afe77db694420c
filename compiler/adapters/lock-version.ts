// The lock in the versions of files: tsc's builders (-w, --incremental, -b) ask for what has another version than before, and nobody need have
// edited a file that a changed lock refuses. With -w the lock is watched as a source file is, by whoever gives tsc its files.
//
//   version of a file with flows     the hash of its text, of TypeScript     →     that, and a hash of what is released
//
// tsc -w makes a new program whenever a watched file has changed and one of the program's is not as it was read, which these never are.

import type ts from "typescript";
import { textHash } from "../hash.ts";
import { LockError } from "../lock/file.ts";
import type { ReleasedFlows } from "../lock/lock.ts";
import { lockFileFor, releasedFor } from "../lock/nearest.ts";

/** What TypeScript keeps in its source files for builders. */
type Versioned = ts.SourceFile & { version?: string };

/** By TypeScript alone: a file may be part of many programs. */
const versions = new WeakMap<ts.SourceFile, string>();
const hashes = new WeakMap<ReleasedFlows, string>();

/** For the files of a program that may have flows, before a builder is made of it. */
export function versionByLock(api: typeof ts, host: unknown, { watch }: ts.CompilerOptions, files: readonly Versioned[]): void {
  const locks = new Set<string>();
  for (const file of files) {
    const own = versions.get(file) ?? file.version;
    const lock = lockFileFor(file.fileName);
    if (own === undefined || lock === undefined) continue;
    versions.set(file, own);
    file.version = `${own}${lockHash(file.fileName)}`;
    locks.add(lock);
  }
  if (watch !== true) return;
  for (const lock of locks) if (api.sys.fileExists(lock)) (host as ts.CompilerHost).getSourceFile(lock, api.ScriptTarget.Latest);
}

/** "": nothing is released. */
function lockHash(file: string): string {
  try {
    const released = releasedFor(file);
    let known = hashes.get(released);
    if (known === undefined) hashes.set(released, (known = Object.keys(released).length === 0 ? "" : `-${textHash(JSON.stringify(released))}`));
    return known;
  } catch (error) {
    if (error instanceof LockError) return "-unreadable";
    throw error;
  }
}
