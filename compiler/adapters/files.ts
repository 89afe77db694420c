// Which files an adapter looks at, and what it calls them.

import { relative } from "node:path";

/** The author's own scripts: not what other packages ship, which is compiled by whoever publishes it. */
export function isScript(path: string): boolean {
  return /\.[cm]?[jt]sx?$/.test(path) && !/[\\/]node_modules[\\/]/.test(path) && !path.startsWith("\0");
}

/** The name of a file in compiled code: relative to the project, so that a build says nothing of the machine it ran on. */
export function nameIn(project: string, file: string): string {
  return relative(project, file).replaceAll("\\", "/");
}
