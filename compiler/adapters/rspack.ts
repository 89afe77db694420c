// Rspack: `plugins: [deflow()]`, before any loader that strips the types.

import { plugin } from "./unplugin.ts";

export interface DeflowPlugin {
  readonly apply: (compiler: unknown) => void;
}

export function deflow(): DeflowPlugin {
  return plugin.rspack() as DeflowPlugin;
}
