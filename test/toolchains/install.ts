// A bench made by npm itself: the packed package beside tools that are too large to be dependencies of the project.

import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inject } from "vitest";

export type Installed = `installed-${string}`;

/** What was installed, as `next 16.4.6`: the results are of these. */
export const versions: string[] = [];

/** @throws Error where npm cannot install them. */
export function install(name: string, ...packages: readonly string[]): Installed {
  const benches = inject("benches");
  if (typeof benches !== "string") throw new Error(`the package was not built: ${benches.failure}`);
  const folder = join(benches, `installed-${name}`);
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), '{ "private": true }');
  const packed = readdirSync(benches).find((file) => file.endsWith(".tgz")) as string;
  execFileSync("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", join(benches, packed), ...packages], { cwd: folder, stdio: "pipe" });
  for (const [, wanted] of packages.map((each) => /^(@?[^@]+)/.exec(each) ?? [])) {
    const { version } = JSON.parse(readFileSync(join(folder, "node_modules", String(wanted), "package.json"), "utf8")) as { version: string };
    versions.push(`${wanted} ${version}`);
  }
  return `installed-${name}`;
}
