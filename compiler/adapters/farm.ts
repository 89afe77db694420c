// Farm: `plugins: [deflow()]` in farm.config.ts.

import { plugin } from "./unplugin.ts";

export interface DeflowPlugin {
  readonly name: "deflow";
}

export function deflow(): DeflowPlugin {
  return plugin.farm() as DeflowPlugin;
}
