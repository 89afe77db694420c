// Rollup: `plugins: [deflow()]`, before the plugin that strips the types.

import { plugin } from "./unplugin.ts";

export interface DeflowPlugin {
  readonly name: "deflow";
}

export function deflow(): DeflowPlugin {
  return plugin.rollup() as DeflowPlugin;
}
