// Which files an adapter looks at.

/** The author's own scripts: not what other packages ship, which is compiled by whoever publishes it. */
export function isScript(path: string): boolean {
  return /\.[cm]?[jt]sx?$/.test(path) && !/[\\/]node_modules[\\/]/.test(path) && !path.startsWith("\0");
}
